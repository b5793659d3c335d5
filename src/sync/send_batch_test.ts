import { assert, assertEquals } from "@std/assert";
import { FakeWorld, webReply } from "#support/fake_host.ts";
import { TOKEN } from "#support/fake_receiver.ts";
import { VERSION } from "../version.ts";
import type { ClaimedEvent } from "../queue/claim.ts";
import { claimedMany } from "#support/played_server.ts";
import {
  encodeBatch,
  isLoopback,
  sendBatch,
  signedHeaders,
  urlOf,
} from "./send_batch.ts";

const FAR = "https://sync.example";
const NEAR = "http://127.0.0.1:8080";

Deno.test.each([
  { server: "https://x.example", url: "https://x.example/api/" },
  { server: "https://x.example/", url: "https://x.example/api/" },
  { server: "https://x.example/a//", url: "https://x.example/a/api/" },
])("urlOf() joins $server to $url", ({ server, url }) => {
  assertEquals(urlOf(server, "/api/"), url);
});

Deno.test.each([
  { url: "http://127.0.0.1:8080", is: "near" },
  { url: "http://127.9.9.9", is: "near" },
  { url: "http://127.1:5", is: "near" },
  { url: "http://localhost:1/x", is: "near" },
  { url: "http://[::1]:1", is: "near" },
  { url: "http://127.0.0.1.example", is: "far" },
  { url: "https://localhost.example", is: "far" },
  { url: "https://sync.example", is: "far" },
  { url: "no url", is: "far" },
])("isLoopback() finds $url $is", ({ url, is }) => {
  assertEquals(isLoopback(url), is === "near");
});

Deno.test("signedHeaders() names the workspace only if there is one", () => {
  const plain = {
    "Authorization": "Bearer access-1",
    "X-Reeve-Sync-Protocol": "3.0",
    "User-Agent": `reeve/${VERSION}`,
  };
  assertEquals<unknown>(signedHeaders(TOKEN), {
    ...plain,
    "X-Reeve-Workspace": "acme",
  });
  const alone = signedHeaders({ ...TOKEN, workspace: undefined });
  assertEquals<unknown>(alone, plain);
});

/** Events that make a body of so many bytes. */
function bodyOf(bytes: number): readonly ClaimedEvent[] {
  const [event] = claimedMany(1);
  if (event === undefined) throw new Error("no event");
  const frame = '{"events":[{"text":""}]}'.length;
  const text = "x".repeat(bytes - frame);
  return [{ ...event, body: JSON.stringify({ text }) }];
}

async function unpack(bytes: Uint8Array<ArrayBuffer>): Promise<string> {
  const stream = new Blob([bytes]).stream()
    .pipeThrough(new DecompressionStream("gzip"));
  return await new Response(stream).text();
}

Deno.test.each([
  { bytes: 1023, server: FAR, way: "plain" },
  { bytes: 1024, server: FAR, way: "gzip" },
  { bytes: 9000, server: FAR, way: "gzip" },
  { bytes: 9000, server: NEAR, way: "plain" },
])("encodeBatch() makes $bytes bytes for $server $way", async (row) => {
  const events = bodyOf(row.bytes);
  const { bytes, isGzip } = await encodeBatch(events, row.server);
  assertEquals(isGzip ? "gzip" : "plain", row.way);
  const text = isGzip ? await unpack(bytes) : new TextDecoder().decode(bytes);
  assertEquals(text.length, row.bytes);
  assertEquals(text, `{"events":[${events[0]?.body}]}`);
  assert(!isGzip || bytes.length < row.bytes);
});

Deno.test("sendBatch() sends one request with all headers", async () => {
  const world = new FakeWorld();
  world.web.respond = () => webReply(200);
  const { signal } = new AbortController();
  const bytes = new Uint8Array(200_000);
  const batch = { bytes, isGzip: true, key: "batch-1" };
  await sendBatch(world.host(), TOKEN, batch, signal);
  const [request] = world.web.requests;
  assertEquals(world.web.requests.length, 1);
  assertEquals(request?.url, `${TOKEN.server}/api/v1/events/batch/`);
  const { "X-Request-Id": id, ...headers } = request?.headers ?? {};
  assertEquals(id?.length, 32);
  assertEquals(headers, {
    ...signedHeaders(TOKEN),
    "Content-Type": "application/json",
    "Idempotency-Key": "batch-1",
    "Content-Encoding": "gzip",
  });
  // Thirty seconds, and one more for each 64 KiB.
  assertEquals(request?.timeoutMs, 34_000);
  assertEquals(request?.body, bytes);
  assertEquals(request?.signal, signal);
});

Deno.test("sendBatch() ends with the first answer, whatever it is", async () => {
  const world = new FakeWorld();
  world.web.respond = () => new Promise(() => {});
  const batch = { bytes: new Uint8Array(10), isGzip: false, key: "batch-1" };
  const reply = await sendBatch(world.host(), TOKEN, batch, undefined);
  assertEquals(reply.kind, "timeout");
  assertEquals([world.web.requests.length, world.clock.elapsed()], [1, 31_000]);
  assert(!("Content-Encoding" in (world.web.requests[0]?.headers ?? {})));
});
