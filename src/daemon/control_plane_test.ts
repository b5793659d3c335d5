import { assert, assertEquals } from "@std/assert";
import { createAnswerer } from "./challenge.ts";
import { BODY_LIMIT_BYTES, createControlPlane } from "./control_plane.ts";

const TOKEN = "36aeeaca1c580397e4a535a311ab974f";
const PORT = 9401;

/** A control plane, what it was told to do, and every answer it gave. */
function openPlane(bodyIsLate = false) {
  const seen = { shutdowns: 0, now: 1000, answers: "" };
  const plane = createControlPlane({
    token: TOKEN,
    port: () => PORT,
    health: () => ({ "status": "ok", "product": "reeve" }),
    body: undefined,
    onShutdown: () => void seen.shutdowns++,
    clock: {
      now: () => 0,
      elapsed: () => seen.now,
      sleep: (_, signal) =>
        bodyIsLate ? Promise.resolve() : new Promise((resolve) => {
          signal?.addEventListener("abort", () => resolve());
        }),
      later: () => ({ [Symbol.dispose]: () => undefined }),
    },
  });
  const ask = async (
    method: string,
    path: string,
    body?: BodyInit,
    headers: Readonly<Record<string, string>> = {},
  ) => {
    const url = `http://127.0.0.1:${PORT}${path}`;
    const all = { "host": `127.0.0.1:${PORT}`, ...headers };
    const response = await plane.handle(
      new Request(url, { method, body: body ?? null, headers: all }),
    );
    const text = await response.text();
    seen.answers += text + JSON.stringify([...response.headers]);
    assert(!seen.answers.includes(TOKEN), "the token is never answered");
    return { status: response.status, text, headers: response.headers };
  };
  return { plane, seen, ask };
}

const command = JSON.stringify({ token: TOKEN });

Deno.test.each([
  { host: "127.0.0.1:9401", status: 200 },
  { host: "localhost:9401", status: 200 },
  { host: "LOCALHOST:9401", status: 200 },
  { host: "[::1]:9401", status: 200 },
  { host: "127.0.0.1:9402", status: 403 },
  { host: "127.0.0.1", status: 403 },
  { host: "evil.example:9401", status: 403 },
  { host: "localhost.evil.example:9401", status: 403 },
  { host: "", status: 403 },
])("handle() for the host $host answers $status", async (row) => {
  const { ask } = openPlane();
  const headers = { "host": row.host };
  const { status } = await ask("GET", "/api/health", undefined, headers);
  assertEquals(status, row.status);
});

Deno.test.each([
  { origin: "http://127.0.0.1:9401", status: 200 },
  { origin: "http://localhost", status: 200 },
  { origin: "http://localhost:3000", status: 200 },
  { origin: "http://[::1]:9401", status: 200 },
  { origin: "null", status: 403 },
  { origin: "https://evil.example", status: 403 },
  { origin: "http://localhost.evil.example", status: 403 },
  { origin: "http://127.0.0.1.evil.example:9401", status: 403 },
])("handle() for the origin $origin answers $status", async (row) => {
  const { ask } = openPlane();
  const headers = { "origin": row.origin };
  const { status } = await ask("GET", "/api/health", undefined, headers);
  assertEquals(status, row.status);
});

Deno.test("handle() gives a stranger's page nothing to do", async () => {
  const { ask, seen } = openPlane();
  const headers = { "host": "evil.example:9401" };
  const { status, text } = await ask("POST", "/api/shutdown", command, headers);
  assertEquals([status, text], [403, '{"error":"forbidden_host"}']);
  assertEquals(seen.shutdowns, 0);
});

Deno.test.each([
  { name: "the token", body: command, status: 200 },
  { name: "another token", body: `{"token":"${"0".repeat(32)}"}`, status: 403 },
  { name: "an empty token", body: '{"token":""}', status: 403 },
  { name: "a number as token", body: '{"token":1}', status: 403 },
  { name: "a list as token", body: `{"token":["${TOKEN}"]}`, status: 403 },
  { name: "no token", body: "{}", status: 403 },
  { name: "no body", body: undefined, status: 403 },
  { name: "an empty body", body: "", status: 403 },
  { name: "a list", body: `["${TOKEN}"]`, status: 400 },
  { name: "null", body: "null", status: 400 },
  { name: "a text", body: `"${TOKEN}"`, status: 400 },
  { name: "no JSON", body: "{", status: 400 },
  {
    name: "no UTF-8",
    body: new Uint8Array([0x7b, 0xff, 0xfe, 0x7d]),
    status: 400,
  },
])("handle() of a shutdown with $name answers $status", async (row) => {
  const { ask, seen } = openPlane();
  const { status, text } = await ask("POST", "/api/shutdown", row.body);
  assertEquals(status, row.status);
  assertEquals(
    text,
    {
      200: '{"status":"stopping"}',
      400: '{"error":"invalid_payload"}',
      403: '{"error":"invalid_token"}',
    }[row.status],
  );
  assertEquals(seen.shutdowns, row.status === 200 ? 1 : 0);
});

function padded(size: number): Uint8Array<ArrayBuffer> {
  const bytes = new Uint8Array(size).fill(0x20);
  bytes.set(new TextEncoder().encode(command));
  return bytes;
}

function streamed(bytes: Uint8Array): ReadableStream {
  return new ReadableStream({
    start(controller) {
      controller.enqueue(bytes.slice(0, 1000));
      controller.enqueue(bytes.slice(1000));
      controller.close();
    },
  });
}

Deno.test.each([
  { more: -1, isStated: true, status: 200 },
  { more: 0, isStated: true, status: 200 },
  { more: 1, isStated: true, status: 413 },
  { more: -1, isStated: false, status: 200 },
  { more: 0, isStated: false, status: 200 },
  { more: 1, isStated: false, status: 413 },
])("handle() of 64 KiB and $more, length stated $isStated", async (row) => {
  const { ask, seen } = openPlane();
  const bytes = padded(BODY_LIMIT_BYTES + row.more);
  const length = { "content-length": String(bytes.length) };
  const { status } = row.isStated
    ? await ask("POST", "/api/shutdown", bytes, length)
    : await ask("POST", "/api/shutdown", streamed(bytes));
  assertEquals(status, row.status);
  assertEquals(seen.shutdowns, row.status === 200 ? 1 : 0);
});

Deno.test("handle() trusts no stated length", async () => {
  const { ask, seen } = openPlane();
  const bytes = padded(BODY_LIMIT_BYTES * 2);
  const { status } = await ask("POST", "/api/shutdown", streamed(bytes), {
    "content-length": "2",
    "transfer-encoding": "chunked",
  });
  assertEquals([status, seen.shutdowns], [413, 0]);
});

Deno.test.each([
  { method: "GET", path: "/" },
  { method: "GET", path: "/api/shutdown" },
  { method: "POST", path: "/api/health" },
  { method: "GET", path: "/api/sync/trigger" },
  { method: "PUT", path: "/api/shutdown" },
  { method: "POST", path: "/api/shutdown/now" },
])("handle() of $method $path is 404 and empty", async ({ method, path }) => {
  const { ask, seen } = openPlane();
  const body = method === "GET" ? undefined : command;
  const { status, text } = await ask(method, path, body);
  assertEquals([status, text, seen.shutdowns], [404, "", 0]);
});

Deno.test.each([
  { path: "/api/sync/trigger", body: {}, status: 503 },
  { path: "/api/sync/publish", body: { event: {} }, status: 400 },
  { path: "/api/sync/publish", body: {}, status: 400 },
  { path: "/api/sync/publish", body: { event: [] }, status: 400 },
  { path: "/api/sync/publish", body: { event: null }, status: 400 },
  { path: "/api/sync/publish", body: { event: "x" }, status: 400 },
])("handle() of $path with $body answers $status", async (row) => {
  const { ask } = openPlane();
  const body = JSON.stringify({ ...row.body, token: TOKEN });
  assertEquals((await ask("POST", row.path, body)).status, row.status);
  const denied = await ask("POST", row.path, JSON.stringify(row.body));
  assertEquals(denied.status, 403);
});

Deno.test("handle() shuts down once for one request", async () => {
  const { ask, seen } = openPlane();
  await ask("POST", "/api/shutdown", command);
  assertEquals(seen.shutdowns, 1);
});

Deno.test("handle() takes only authenticated requests for use", async () => {
  const { ask, plane, seen } = openPlane();
  assertEquals(plane.lastUsedAt(), 1000);
  seen.now = 2000;
  await ask("GET", "/api/health");
  await ask("POST", "/api/sync/trigger", "{}");
  await ask("POST", "/api/sync/trigger", "[");
  assertEquals(plane.lastUsedAt(), 1000);
  await ask("POST", "/api/sync/trigger", command);
  assertEquals(plane.lastUsedAt(), 2000);
});

/** The length is stated, so that nobody reads the body to learn it. */
const stated = { "content-length": String(command.length) };

function turn(): Promise<void> {
  return new Promise((resolve) => setTimeout(resolve));
}

Deno.test("handle() counts the requests in flight", async () => {
  const { ask, plane } = openPlane();
  let finish = () => {};
  const body = new ReadableStream({
    start(controller) {
      controller.enqueue(new TextEncoder().encode(command));
      finish = () => controller.close();
    },
  });
  const answer = ask("POST", "/api/sync/trigger", body, stated);
  await turn();
  assertEquals(plane.inFlight(), 1);
  const other = await ask("POST", "/api/sync/trigger", "{}");
  assertEquals([other.status, plane.inFlight()], [403, 1]);
  finish();
  assertEquals([(await answer).status, plane.inFlight()], [503, 0]);
});

const BODY_IS_LATE = true;

Deno.test.each([
  { name: "a stated length", headers: stated },
  { name: "no stated length", headers: {} },
])("handle() gives up on an endless body with $name", async ({ headers }) => {
  const { ask, plane, seen } = openPlane(BODY_IS_LATE);
  const endless = new ReadableStream({ pull: () => new Promise(() => {}) });
  const asked: string[] = [];
  ask("POST", "/api/shutdown", endless, headers)
    .then(({ status, text }) => asked.push(`${status} ${text}`));
  await turn();
  assertEquals(asked, ['408 {"error":"request_timeout"}']);
  assertEquals([plane.inFlight(), seen.shutdowns], [0, 0]);
});

Deno.test("handle() answers health with a proof for a nonce", async () => {
  const { ask } = openPlane();
  const nonce = "0123456789abcdef";
  const { text, headers } = await ask("GET", `/api/health?nonce=${nonce}`);
  const proof = await createAnswerer(TOKEN)(nonce);
  assertEquals<unknown>(JSON.parse(text), {
    "status": "ok",
    "product": "reeve",
    proof,
  });
  assertEquals(headers.get("cache-control"), "no-store");
});

Deno.test("handle() makes one key for all the proofs that it gives", async () => {
  const { subtle } = crypto;
  let keys = 0;
  subtle.importKey = (...given: readonly unknown[]) => {
    keys++;
    return Reflect.apply(SubtleCrypto.prototype.importKey, subtle, given);
  };
  try {
    const { ask } = openPlane();
    for (const nonce of ["0".repeat(16), "1".repeat(16), "1".repeat(16)]) {
      const { text } = await ask("GET", `/api/health?nonce=${nonce}`);
      assert(/"proof":"[0-9a-f]{64}"/.test(text), text);
    }
    assertEquals(keys, 1);
  } finally {
    Reflect.deleteProperty(subtle, "importKey");
  }
});

Deno.test.each([
  { query: "" },
  { query: "?nonce=" },
  { query: "?nonce=0123456789abcde" },
  { query: "?nonce=0123456789ABCDEF" },
  { query: `?nonce=${"0".repeat(65)}` },
  { query: "?nonce=0123456789abcdef%0a" },
  { query: `?token=${"0".repeat(32)}` },
])("handle() gives no proof for $query", async ({ query }) => {
  const { text } = await openPlane().ask("GET", `/api/health${query}`);
  assertEquals(text, '{"status":"ok","product":"reeve"}');
});
