import { assertEquals } from "@std/assert";
import { FakeWorld, webReply } from "#support/fake_host.ts";
import type { WebReply } from "../host/web.ts";
import { askLimits } from "./server_limits.ts";

const NONE = { maxEvents: null, maxBytes: null };

function ask(reply: WebReply) {
  const world = new FakeWorld();
  world.web.respond = () => reply;
  return askLimits(world.host(), "https://sync.example/x/");
}

Deno.test.each([
  {
    name: "both",
    body: {
      "max_events_per_batch": 10,
      "max_decompressed_bytes_per_batch": 5000,
    },
    limits: { maxEvents: 10, maxBytes: 5000 },
  },
  { name: "neither", body: {}, limits: NONE },
  {
    name: "nothing that counts",
    body: {
      "max_events_per_batch": 0,
      "max_decompressed_bytes_per_batch": -5,
    },
    limits: NONE,
  },
  {
    name: "no numbers",
    body: {
      "max_events_per_batch": "10",
      "max_decompressed_bytes_per_batch": 5000.5,
    },
    limits: NONE,
  },
])("askLimits() of a server that says $name", async ({ body, limits }) => {
  assertEquals(await ask(webReply(200, body)), limits);
});

const UNKNOWN: readonly WebReply[] = [
  webReply(404, {}),
  webReply(500, { "max_events_per_batch": 10 }),
  webReply(302, {}),
  webReply(200, "<!doctype html>"),
  webReply(200, ""),
  { kind: "timeout" },
  { kind: "aborted" },
  { kind: "too_large" },
  { kind: "unreachable", reason: "refused" },
];

Deno.test("askLimits() knows nothing of a server that does not answer", async () => {
  for (const reply of UNKNOWN) {
    assertEquals(await ask(reply), undefined, JSON.stringify(reply));
  }
});

Deno.test.each(["null", "[]", "5"])(
  "askLimits() finds no limit in %s",
  async (body) => {
    assertEquals(await ask(webReply(200, body)), NONE);
  },
);

Deno.test("askLimits() names nobody and gives up after five seconds", async () => {
  const world = new FakeWorld();
  world.web.respond = () => new Promise(() => {});
  assertEquals(
    await askLimits(world.host(), "https://sync.example/x/"),
    undefined,
  );
  assertEquals(world.clock.elapsed(), 5000);
  const [request] = world.web.requests;
  assertEquals(
    [request?.method, request?.url, request?.headers],
    ["GET", "https://sync.example/x/api/v1/sync/health/", undefined],
  );
});
