import { assert, assertEquals, assertMatch } from "@std/assert";
import { createFakeHost, type FakeHost, webReply } from "#support/fake_host.ts";
import { probeDependency, type ProbeResult } from "./dependency_probe.ts";
import { parseEndpoint } from "./dependency_endpoint.ts";
import { DEPENDENCIES, localEndpoint } from "./dependency_registry.ts";
import type { DependencyId } from "./service_keys.ts";

const PORT = 6000;
const SILENCE = undefined;

type Answer = (text: string) => string | "hangs_up" | undefined;

function answering(answer: Answer): FakeHost {
  const host = createFakeHost();
  const process = host.world.addProcess();
  process.listen({
    port: PORT,
    answer(bytes) {
      const said = answer(new TextDecoder("latin1").decode(bytes));
      if (said === undefined || said === "hangs_up") return said;
      return Uint8Array.from(said, (letter) => letter.charCodeAt(0));
    },
  });
  return host;
}

async function probe(
  host: FakeHost,
  id: DependencyId,
  password?: string,
): Promise<ProbeResult> {
  const definition = DEPENDENCIES[id];
  const endpoint = localEndpoint(definition, { primary: PORT }, password);
  const result = probeDependency(host, definition, endpoint);
  await host.world.advance(10_000);
  return await result;
}

function shortOf(result: ProbeResult): string {
  return result.kind === "ready"
    ? "ready"
    : `${result.kind} ${result.cause}: ${result.reason}`;
}

const HTTP = (text: string) =>
  text.startsWith("GET ") ? "HTTP/1.1 400 Bad Request\r\n" : "hangs_up";
const REDIS = (text: string) => text.includes("PING") ? "+PONG\r\n" : SILENCE;
const POSTGRES = (text: string) =>
  text.includes("user\0") ? "R\0\0\0\x08\0\0\0\x0a" : "hangs_up";

Deno.test.each(
  [
    ["postgres", POSTGRES, "ready"],
    ["redis", REDIS, "ready"],
    [
      "postgres",
      REDIS,
      "failed foreign: a Redis server answers on 127.0.0.1 port 6000, not PostgreSQL",
    ],
    [
      "redis",
      POSTGRES,
      "failed foreign: a PostgreSQL server answers on 127.0.0.1 port 6000, not Redis",
    ],
    [
      "redis",
      HTTP,
      "failed foreign: an HTTP server answers on 127.0.0.1 port 6000, not Redis",
    ],
    [
      "redis",
      () => "hello",
      "failed foreign: another kind of server answers on 127.0.0.1 port 6000, not Redis",
    ],
    [
      "redis",
      () => SILENCE,
      "failed silent: 127.0.0.1 port 6000 does not answer as Redis within 2100 ms",
    ],
    [
      "redis",
      () => "hangs_up",
      "failed hangs_up: 127.0.0.1 port 6000 ends the connection without an answer",
    ],
    [
      "redis",
      () => "-LOADING Redis is loading\r\n",
      'starting not_yet: Redis says "LOADING Redis is loading"',
    ],
    [
      "redis",
      () => "-NOAUTH Authentication required.\r\n",
      'failed refused: Redis says "NOAUTH Authentication required."',
    ],
  ] as const,
)("%s probed: %s", async (id, answer, expected) => {
  assertEquals(shortOf(await probe(answering(answer), id)), expected);
});

Deno.test("Redis is told the password before it is asked", async () => {
  const said: string[] = [];
  const host = answering((text) => {
    said.push(text);
    return "+OK\r\n+PONG\r\n";
  });
  assertEquals(await probe(host, "redis", "opens"), { kind: "ready" });
  assertMatch(said.join(), /^\*2\r\n\$4\r\nAUTH\r\n\$5\r\nopens\r\n\*1/);
});

Deno.test("a slow server is not called another kind of server", async () => {
  let isFirst = true;
  const host = answering((text) => {
    if (!isFirst) return REDIS(text);
    isFirst = false;
    return SILENCE;
  });
  assertMatch(shortOf(await probe(host, "redis")), /^failed silent: /);
});

Deno.test("nobody listens", async () => {
  const result = await probe(createFakeHost(), "redis");
  assertEquals(
    shortOf(result),
    "failed nobody: nobody listens on 127.0.0.1 port 6000",
  );
});

Deno.test("behind TLS being connected is the answer", async () => {
  const host = answering(() => SILENCE);
  const endpoint = parseEndpoint("redis", `rediss://localhost:${PORT}`);
  assertEquals(
    await probeDependency(host, DEPENDENCIES.redis, endpoint),
    { kind: "ready" },
  );
});

Deno.test("a machine without a way to it is said so", async () => {
  const host = createFakeHost();
  const endpoint = parseEndpoint("redis", "redis://elsewhere");
  const result = await probeDependency(host, DEPENDENCIES.redis, endpoint);
  assertMatch(shortOf(result), /^failed unreachable: elsewhere port 6379/);
});

Deno.test.each(
  [
    [200, "ready"],
    [302, "ready"],
    [404, "failed refused: n8n answers /healthz with 404"],
    [503, "starting not_yet: n8n answers /healthz with 503"],
  ] as const,
)("an HTTP dependency that answers with %i", async (status, expected) => {
  const host = createFakeHost();
  const asked: string[] = [];
  host.world.web.respond = ({ url }) => {
    asked.push(url);
    return webReply(status, "");
  };
  assertEquals(shortOf(await probe(host, "n8n")), expected);
  assertEquals(asked, ["http://127.0.0.1:6000/healthz"]);
});

Deno.test("an HTTP dependency whose port somebody else has", async () => {
  const host = answering(REDIS);
  host.world.web.respond = () => ({ kind: "unreachable", reason: "odd" });
  assertMatch(
    shortOf(await probe(host, "n8n")),
    /^failed foreign: a Redis server answers on 127\.0\.0\.1 port 6000, not n8n$/,
  );
  const nobody = createFakeHost();
  nobody.world.web.respond = () => ({ kind: "unreachable", reason: "odd" });
  assert(/^failed nobody/.test(shortOf(await probe(nobody, "n8n"))));
});

Deno.test("an HTTP dependency that begins to listen meanwhile", async () => {
  const host = answering(HTTP);
  host.world.web.respond = () => ({ kind: "unreachable", reason: "refused" });
  assertEquals(
    shortOf(await probe(host, "n8n")),
    "failed silent: 127.0.0.1 port 6000 does not answer as n8n",
  );
});
