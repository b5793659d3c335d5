import { assert, assertEquals, assertRejects } from "@std/assert";
import { startReceiver } from "#support/receiver.ts";
import { waitUntil } from "#support/wait_until.ts";
import {
  ask,
  get,
  headersOf,
  makeEvent,
  makeEvents,
  post,
  PROJECT,
  send,
  statuses,
} from "./receiver_client.ts";

const POISON = "Poisoned";

Deno.test.each([
  { fault: "error", status: 503, stored: 0 },
  { fault: "error=500", status: 500, stored: 0 },
  { fault: "throttle=7", status: 429, stored: 0 },
  { fault: `poison=${POISON}`, status: 400, stored: 0 },
  { fault: `poison-results=${POISON}`, status: 200, stored: 1 },
  { fault: "drop-after-commit=502", status: 502, stored: 2 },
  { fault: "drop-before-commit=502", status: 502, stored: 0 },
  { fault: "max-events=1", status: 413, stored: 0 },
  { fault: "max-bytes=100", status: 413, stored: 0 },
  { fault: "html", status: 200, stored: 0 },
  { fault: "redirect", status: 302, stored: 0 },
  { fault: "pending", status: 202, stored: 0 },
  { fault: "unknown-status", status: 200, stored: 2 },
  { fault: "missing-results", status: 200, stored: 2 },
  { fault: "duplicate-results", status: 200, stored: 2 },
  { fault: "not-admitted", status: 403, stored: 0 },
  { fault: `not-admitted=${PROJECT}`, status: 403, stored: 0 },
  { fault: "not-admitted=other", status: 200, stored: 2 },
  { fault: "protocol", status: 412, stored: 0 },
  { fault: "expire-tokens=0", status: 401, stored: 0 },
  { fault: "slow=1", status: 200, stored: 2 },
  { fault: "clock-skew=-3600", status: 200, stored: 2 },
])("$fault answers a batch with $status and stores $stored", async (row) => {
  await using started = await startReceiver({ faults: [`${row.fault}:1`] });
  const events = [makeEvent(1), makeEvent(2, { "event_type": POISON })];
  const answer = await send(started, events);
  assertEquals(answer.status, row.status, answer.text);
  assertEquals(started.receiver.countEvents(), row.stored);
  if (row.fault === "not-admitted=other") return;
  const after = await send(started, events);
  assertEquals(after.status, 200, "a fault counts down");
  assert(statuses(after).every((status) => status !== "rejected"));
  assertEquals(started.receiver.countEvents(), 2);
});

Deno.test("faults say what they are about", async () => {
  await using started = await startReceiver();
  const { faults } = started.receiver;
  const events = [makeEvent(1), makeEvent(2, { "event_type": POISON })];
  faults.set("throttle=7");
  const throttled = await send(started, events);
  assertEquals(throttled.headers.get("retry-after"), "7");
  faults.set("clock-skew=86400");
  const skewed = await send(started, events);
  const date = Date.parse(skewed.headers.get("date") ?? "");
  assert(date > Date.now() + 80_000_000);
  faults.set("missing-results");
  assertEquals(statuses(await send(started, events)).length, 1);
  faults.set("duplicate-results", "unknown-status");
  assertEquals(
    statuses(await send(started, events)),
    ["levitating", "levitating", "levitating", "levitating"],
  );
  faults.set("pending");
  assertEquals(statuses(await send(started, events)), ["pending", "pending"]);
  faults.set("html");
  const portal = await ask(`${started.url}/api/v1/sync/health/`);
  assertEquals(portal.headers.get("content-type"), "text/html; charset=UTF-8");
  faults.set("redirect");
  const { headers } = await send(started, events);
  assertEquals(headers.get("location"), "http://elsewhere.invalid/");
  faults.set();
  assertEquals((await send(started, events)).status, 200);
});

Deno.test.each([
  { fault: "drop-after-commit", stored: 1 },
  { fault: "drop-before-commit", stored: 0 },
])("$fault breaks the connection", async ({ fault, stored }) => {
  await using started = await startReceiver({ faults: [fault] });
  await assertRejects(() => send(started, [makeEvent()]), Error);
  assertEquals(started.receiver.countEvents(), stored);
});

Deno.test("slow waits before it answers", async () => {
  await using started = await startReceiver({ faults: ["slow=100"] });
  const before = performance.now();
  await send(started, [makeEvent()]);
  assert(performance.now() - before >= 90);
});

Deno.test("hang never answers, and still lets the server end", async () => {
  const started = await startReceiver({ faults: ["hang:1"] });
  const signal = AbortSignal.timeout(100);
  const headers = headersOf(started);
  await assertRejects(
    () => fetch(`${started.url}/api/v1/me`, { headers, signal }),
    Error,
  );
  assertEquals((await get(started, "/api/v1/me")).status, 200);
  const [hung] = started.receiver.log.all();
  assertEquals([hung?.path, hung?.status], ["/api/v1/me", undefined]);
  await started[Symbol.asyncDispose]();
});

Deno.test("tokens expire after so many requests", async () => {
  await using started = await startReceiver({ faults: ["expire-tokens=2"] });
  const ask = async () => (await get(started, "/api/v1/me")).status;
  assertEquals([await ask(), await ask(), await ask(), await ask()], [
    200,
    200,
    401,
    401,
  ]);
});

Deno.test("the log knows every request and no token", async () => {
  await using started = await startReceiver();
  const events = makeEvents(2);
  await send(started, events, { "idempotency-key": "batch-1" });
  await get(started, "/api/v1/me?x=1");
  const { log } = started.receiver;
  assertEquals(
    log.all().map(({ method, path, status, ids }) => [
      method,
      path,
      status,
      ids,
    ]),
    [
      [
        "POST",
        "/api/v1/events/batch/",
        200,
        events.map((event) => event["event_id"]),
      ],
      ["GET", "/api/v1/me", 200, []],
    ],
  );
  assertEquals(log.batches()[0]?.headers["idempotency-key"], "batch-1");
  assert(!JSON.stringify(log.all()).includes(started.token));
  log.clear();
  assertEquals(log.all(), []);
});

/** Opens a raw socket and gives what happens on it. */
async function watchSocket(fault: string) {
  const started = await startReceiver({ faults: [fault] });
  const body = { workspace: started.workspace };
  const { json } = await post(started, "/api/v1/ws-token/", body);
  const headers = { authorization: `Bearer ${json.ws_token}` };
  const socket = new WebSocket(json.ws_url, { headers });
  const seen: string[] = [];
  let code = 0;
  socket.onmessage = ({ data }) => void seen.push(JSON.parse(data).type);
  const closed = new Promise<void>((resolve) => {
    socket.onclose = (event) => {
      code = event.code;
      resolve();
    };
  });
  await new Promise((resolve) => socket.onopen = resolve);
  const hello = { type: "hello", protocol: "3.0", "project_uuid": PROJECT };
  socket.send(JSON.stringify(hello));
  socket.send(JSON.stringify({
    type: "event",
    event: JSON.stringify(makeEvent()),
  }));
  socket.send(JSON.stringify({ type: "ping" }));
  await waitUntil(
    "all frames have come",
    () =>
      code !== 0 ||
      started.receiver.log.all().some(({ path }) => path === "ping"),
  );
  const stored = started.receiver.countEvents();
  await started[Symbol.asyncDispose]();
  await closed;
  return { seen, stored, code };
}

Deno.test.each([
  { fault: "ws-silent", seen: [], stored: 0, code: 1001 },
  {
    fault: "ws-drop-acks",
    seen: ["snapshot", "pong"],
    stored: 1,
    code: 1001,
  },
  { fault: "ws-close=4401", seen: [], stored: 0, code: 4401 },
  { fault: "not-admitted", seen: ["error"], stored: 0, code: 4403 },
  {
    fault: "slow=1",
    seen: ["snapshot", "ack", "pong"],
    stored: 1,
    code: 1001,
  },
])("$fault shows on a socket as $seen", async ({ fault, ...expected }) => {
  const { seen, stored, code } = await watchSocket(fault);
  assertEquals({ seen, stored, code }, {
    ...expected,
    seen: [...expected.seen],
  });
});
