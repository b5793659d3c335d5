import { assert, assertEquals, assertRejects } from "@std/assert";
import { type RedisServerOptions, startRedis } from "#support/redis_server.ts";
import { denoHost } from "../../src/host/deno_host.ts";
import type { QueueBackend } from "../../src/jobs/backend.ts";
import { QueueNotReadyError } from "../../src/jobs/readiness.ts";
import { createRedisBackend } from "../../src/jobs/redis_backend.ts";

const SECRET = "planted-secret";

function backendAt(url: string, password?: string): QueueBackend {
  return createRedisBackend(denoHost, {
    url,
    tenant: "acme",
    ...(password !== undefined && { password }),
  });
}

/** Codes of what failed and names of what is to be known. */
async function look(backend: QueueBackend): Promise<readonly string[]> {
  const { ok, checks } = await backend.checkReady();
  const found = checks.filter(({ level }) => level !== "ok")
    .map(({ check, code }) => code ?? check);
  assertEquals(ok, !found.some((name) => name.startsWith("QUEUE_")));
  assert(!JSON.stringify(checks).includes(SECRET));
  return found;
}

/** Why it cannot start. */
async function whyNot(backend: QueueBackend): Promise<string> {
  const error = await assertRejects(() => backend.start(), QueueNotReadyError);
  const shown = Deno.inspect(error, { depth: 9, showHidden: true }) +
    JSON.stringify(error) + error.stack + backend.place;
  assert(!shown.includes(SECRET), shown);
  return error.reason;
}

Deno.test("checkReady() is content with a good server", async () => {
  await using server = await startRedis({ appendonly: true });
  const backend = backendAt(server.url);
  assertEquals(await look(backend), []);
  const { checks } = await backend.checkReady();
  assertEquals(checks.map(({ check }) => check), [
    "reachable",
    "role",
    "version",
    "eviction policy",
    "layout",
    "jobs are here",
    "write",
    "persistence",
    "memory",
    "clock",
  ]);
  assertEquals(await server.ask("DBSIZE"), "0");
});

Deno.test.each<
  { text: string; options: RedisServerOptions; password?: string; is: string[] }
>([
  { text: "without a file", options: {}, is: ["persistence"] },
  {
    text: "with its password",
    options: { requirepass: SECRET },
    password: SECRET,
    is: ["persistence"],
  },
  {
    text: "with another password",
    options: { requirepass: "right" },
    password: SECRET,
    is: ["QUEUE_REDIS_AUTH"],
  },
  {
    text: "with a password that nobody gave",
    options: { requirepass: SECRET },
    is: ["QUEUE_REDIS_AUTH"],
  },
  {
    text: "that drops data",
    options: { policy: "allkeys-lru" },
    is: ["QUEUE_REDIS_EVICTION"],
  },
  {
    text: "that copies another one",
    options: { replicaOf: 1 },
    is: ["QUEUE_REDIS_READONLY"],
  },
  {
    text: "that is full",
    options: { maxmemory: "1000" },
    is: ["QUEUE_REDIS_FULL"],
  },
])("checkReady() looks at a server $text", async (row) => {
  await using server = await startRedis(row.options);
  assertEquals(await look(backendAt(server.url, row.password)), row.is);
});

Deno.test("checkReady() asks as far as an access list allows", async () => {
  const user = `user queue on >${SECRET} ~reeve:* +@all -config -info`;
  await using server = await startRedis({ settings: [user] });
  const backend = backendAt(
    server.url.replace("//", "//queue@"),
    SECRET,
  );
  assertEquals(await look(backend), [
    "version",
    "eviction policy",
    "persistence",
    "memory",
  ]);
  await backend.start();
  assertEquals((await backend.enqueue("q", 1)).status, "enqueued");
  assertEquals(
    (await backend.claim({ queue: "q", limit: 2, leaseMs: 9_000 }))
      .length,
    1,
  );
  await backend.stop();
});

Deno.test.each([
  { options: { requirepass: "right" }, is: "QUEUE_REDIS_AUTH" },
  { options: { replicaOf: 1 }, is: "QUEUE_REDIS_READONLY" },
])("start() fails with $is", async ({ options, is }) => {
  await using server = await startRedis(options);
  assertEquals(await whyNot(backendAt(server.url, SECRET)), is);
});

Deno.test("start() refuses keys of another layout", async () => {
  await using server = await startRedis();
  await server.ask("SET", "reeve:{acme}::layout", "2");
  const backend = backendAt(server.url);
  assertEquals(await whyNot(backend), "QUEUE_REDIS_LAYOUT");
  assertEquals(await look(backend), ["QUEUE_REDIS_LAYOUT"]);
});

/** A server that is not Redis, for one test. */
function strangeServer(
  answer: (connection: Deno.Conn) => Promise<unknown>,
): AsyncDisposable & { readonly url: string } {
  const listener = Deno.listen({ hostname: "127.0.0.1", port: 0 });
  const connections: Deno.Conn[] = [];
  const serving = (async () => {
    for await (const connection of listener) {
      connections.push(connection);
      await answer(connection).catch(() => {});
    }
  })();
  return {
    url: `redis://127.0.0.1:${listener.addr.port}`,
    async [Symbol.asyncDispose]() {
      listener.close();
      await serving;
      for (const connection of connections) {
        try {
          connection.close();
        } catch {
          // Its test has closed it.
        }
      }
    },
  };
}

Deno.test.each([
  {
    text: "speaks HTTP",
    answer: (connection: Deno.Conn) =>
      connection.write(
        new TextEncoder().encode("HTTP/1.1 400 Bad Request\r\n\r\n"),
      ),
    is: "QUEUE_REDIS_NOT_REDIS",
  },
  {
    text: "says nothing",
    answer: () => Promise.resolve(),
    is: "QUEUE_REDIS_UNREACHABLE",
  },
  {
    text: "hangs up",
    answer: (connection: Deno.Conn) => Promise.resolve(connection.close()),
    is: "QUEUE_REDIS_UNREACHABLE",
  },
])("checkReady() knows what $text", async ({ answer, is }) => {
  await using server = strangeServer(answer);
  assertEquals(await look(backendAt(server.url)), [is]);
});

Deno.test("nobody is there", async () => {
  await using server = await startRedis();
  await server.stop();
  const backend = backendAt(server.url);
  assertEquals(await look(backend), ["QUEUE_REDIS_UNREACHABLE"]);
  assertEquals(await whyNot(backend), "QUEUE_REDIS_UNREACHABLE");
  await server.restart();
  await backend.start();
  await backend.stop();
});

Deno.test("checkReady() is given up with its signal", async () => {
  await using server = await startRedis();
  server.freeze();
  const backend = backendAt(server.url);
  const { ok } = await backend.checkReady({
    timeoutMs: 60_000,
    signal: AbortSignal.abort(),
  });
  assert(!ok);
  server.thaw();
});

Deno.test("a certificate that nobody trusts is refused", async () => {
  await using server = await startRedis({ tls: true });
  assertEquals(await look(backendAt(server.url)), ["QUEUE_REDIS_UNREACHABLE"]);
});

Deno.test("a certificate that is trusted is taken", async () => {
  await using server = await startRedis({ tls: true, requirepass: SECRET });
  const program = new URL("../programs/looks_at_redis.ts", import.meta.url);
  const { stdout } = await new Deno.Command(Deno.execPath(), {
    args: ["run", "--quiet", "--allow-all", program.pathname, server.url],
    env: { DENO_CERT: server.authority, REDIS_PASSWORD: SECRET },
  }).output();
  assertEquals(new TextDecoder().decode(stdout).trim(), "persistence");
});
