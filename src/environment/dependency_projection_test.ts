import { assertEquals, assertMatch, assertThrows } from "@std/assert";
import fc from "fast-check";
import { KnownError } from "../errors.ts";
import { parseEndpoint, publicAddress } from "./dependency_endpoint.ts";
import { projectDependencies } from "./dependency_env.ts";
import { DEPENDENCIES, localEndpoint } from "./dependency_registry.ts";
import { DEPENDENCY_IDS, type DependencyId } from "./service_keys.ts";
import { DEPENDENCY_SOURCES } from "./template_sources.ts";

function variablesOf(
  id: DependencyId,
  address: string,
  publicHost = "localhost",
): Readonly<Record<string, string>> {
  const endpoint = parseEndpoint(id, address);
  const { sources } = projectDependencies([{ id, endpoint }], publicHost);
  return Object.fromEntries(
    [...sources].map(([name, { value }]) => [name, value]),
  );
}

Deno.test.each(DEPENDENCY_IDS)("%s provides what settings may name", (id) => {
  const definition = DEPENDENCIES[id];
  const endpoint = {
    ...localEndpoint(definition, definition.resources, "made-up"),
    secrets: Object.fromEntries(
      definition.secretNames.map((name) => [name, `${name} value`]),
    ),
  };
  const { sources } = projectDependencies([{ id, endpoint }], "localhost");
  const known: Readonly<Record<string, { readonly isSecret: boolean }>> =
    DEPENDENCY_SOURCES[id];
  assertEquals([...sources.keys()].sort(), Object.keys(known).sort());
  for (const [name, { isSecret }] of sources) {
    assertEquals(isSecret, known[name]?.isSecret, name);
  }
});

Deno.test("every variable of PostgreSQL follows from one address", () => {
  assertEquals(
    variablesOf(
      "postgres",
      "postgres://a%40b:p%2Fw@db:6000/shop?sslmode=require",
    ),
    {
      "DB_HOST": "db",
      "DB_PORT": "6000",
      "DB_USER": "a@b",
      "DB_PASSWORD": "p/w",
      "DB_NAME": "shop",
      "DATABASE_URL": "postgresql://a%40b:p%2Fw@db:6000/shop?sslmode=require",
      "SQLALCHEMY_DATABASE_URL":
        "postgresql://a%40b:p%2Fw@db:6000/shop?sslmode=require",
      "ASYNC_DATABASE_URL":
        "postgresql+asyncpg://a%40b:p%2Fw@db:6000/shop?sslmode=require",
    },
  );
});

Deno.test("an address with a driver and without a password", () => {
  assertEquals(variablesOf("postgres", "postgresql+asyncpg://[::1]/shop"), {
    "DB_HOST": "::1",
    "DB_PORT": "5432",
    "DB_NAME": "shop",
    "DATABASE_URL": "postgresql://[::1]:5432/shop",
    "SQLALCHEMY_DATABASE_URL": "postgresql://[::1]:5432/shop",
    "ASYNC_DATABASE_URL": "postgresql+asyncpg://[::1]:5432/shop",
  });
});

Deno.test("Redis keeps its scheme, its password and its database", () => {
  assertEquals(variablesOf("redis", "rediss://:p@cache:6380/2"), {
    "REDIS_HOST": "cache",
    "REDIS_PORT": "6380",
    "REDIS_URL": "rediss://:p@cache:6380/2",
  });
  assertEquals(
    variablesOf("redis", "redis://cache")["REDIS_URL"],
    "redis://cache:6379",
  );
});

Deno.test("n8n has one address", () => {
  assertEquals(variablesOf("n8n", "http://localhost:5679/"), {
    "N8N_HOST": "localhost",
    "N8N_PORT": "5679",
    "N8N_URL": "http://localhost:5679",
  });
  assertEquals(variablesOf("n8n", "https://flows.example/base/"), {
    "N8N_HOST": "flows.example",
    "N8N_PORT": "443",
    "N8N_URL": "https://flows.example/base",
  });
});

Deno.test("the address of Supabase is that of its API, never its database", () => {
  const endpoint = localEndpoint(
    DEPENDENCIES.supabase,
    { api: 55_321, db: 55_432 },
    undefined,
  );
  const { sources } = projectDependencies(
    [{ id: "supabase", endpoint }],
    "box.lan",
  );
  const value = (name: string) => sources.get(name)?.value;
  assertEquals(value("SUPABASE_URL"), "http://localhost:55321");
  assertEquals(value("SUPABASE_PUBLIC_URL"), "http://box.lan:55321");
  assertEquals(
    value("SUPABASE_JWKS_URL"),
    "http://localhost:55321/auth/v1/.well-known/jwks.json",
  );
  assertEquals(value("DB_PORT"), "55432");
  // Somebody else's database is not known by the address of its API.
  assertEquals(Object.keys(variablesOf("supabase", "https://x.supabase.co")), [
    "SUPABASE_URL",
    "SUPABASE_PUBLIC_URL",
    "SUPABASE_JWKS_URL",
  ]);
  assertEquals(
    variablesOf("supabase", "https://x.supabase.co", "box.lan")[
      "SUPABASE_PUBLIC_URL"
    ],
    "https://x.supabase.co",
  );
});

Deno.test("variables follow the port that it has in the end", () => {
  fc.assert(fc.property(fc.integer({ min: 1, max: 65_535 }), (port) => {
    for (const id of ["postgres", "redis", "n8n"] as const) {
      const endpoint = localEndpoint(DEPENDENCIES[id], { primary: port }, "pw");
      const { sources } = projectDependencies([{ id, endpoint }], "localhost");
      for (const [name, { value }] of sources) {
        if (name.endsWith("_PORT")) assertEquals(value, String(port));
        if (!name.endsWith("_URL")) continue;
        // An address leaves out the usual port of its scheme.
        const usual = value.startsWith("http:") ? "80" : "";
        assertEquals(URL.parse(value)?.port || usual, String(port), value);
      }
    }
  }));
});

Deno.test("credentials survive the way into an address and back", () => {
  // No address has a step of dots alone: they lead upwards.
  const word = fc.string({ minLength: 1, maxLength: 20, unit: "grapheme" })
    .filter((text) => !/^\.+$/.test(text));
  fc.assert(fc.property(word, word, word, (user, password, database) => {
    const endpoint = {
      ...localEndpoint(DEPENDENCIES.postgres, { primary: 6000 }, password),
      user,
      database: database.replace(/^\/+|\/+$/g, "x"),
    };
    const { sources } = projectDependencies(
      [{ id: "postgres", endpoint }],
      "localhost",
    );
    const url = sources.get("DATABASE_URL")?.value ?? "";
    const read = parseEndpoint("postgres", url);
    assertEquals(
      [read.user, read.password, read.database],
      [user, password, endpoint.database],
    );
  }));
});

Deno.test("of two databases that of PostgreSQL counts", () => {
  const endpointOf = (id: DependencyId, ports: Record<string, number>) => ({
    id,
    endpoint: localEndpoint(DEPENDENCIES[id], ports, undefined),
  });
  const { sources } = projectDependencies([
    endpointOf("supabase", { api: 1, db: 2 }),
    endpointOf("postgres", { primary: 3 }),
  ], "localhost");
  assertEquals(sources.get("DB_PORT")?.value, "3");
  assertEquals(sources.get("SUPABASE_URL")?.value, "http://localhost:1");
});

Deno.test("secrets are listed, the longest first, and nothing else", () => {
  const endpoint = localEndpoint(DEPENDENCIES.postgres, { primary: 1 }, "pass");
  const { secrets } = projectDependencies(
    [{ id: "postgres", endpoint }],
    "localhost",
  );
  assertEquals(secrets, [
    "postgresql+asyncpg://postgres:pass@localhost:1/postgres",
    "postgresql://postgres:pass@localhost:1/postgres",
    "pass",
  ]);
});

Deno.test.each(
  [
    ["redis", "http://localhost"],
    ["postgres", "mysql://localhost"],
    ["n8n", "ftp://localhost"],
    ["supabase", "postgres://localhost/x"],
    ["redis", "not an address with secret"],
    ["redis", "redis://:secret@/1"],
  ] as const,
)("%s refuses %s without repeating it", (id, address) => {
  const error = assertThrows(() => parseEndpoint(id, address), KnownError);
  assertEquals([error.message, error.code], [
    `The address of ${id} is not usable`,
    "usage",
  ]);
  assertMatch(error.hint ?? "", /^Write one such as [a-z]+:\/\/\S+\.$/);
});

Deno.test("an address is shown without its secrets", () => {
  assertEquals(
    publicAddress("redis://ada:secret@host:1/2?password=secret#secret"),
    "redis://ada@host:1/2",
  );
  assertEquals(publicAddress("secret"), "");
});
