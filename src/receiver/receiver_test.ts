import { assert, assertEquals, assertMatch } from "@std/assert";
import { openMemory } from "#support/receiver.ts";
import type { Database } from "../host/databases.ts";
import { HostError } from "../host/host.ts";
import type { ReceiverHost } from "./desk.ts";
import { createReceiver } from "./receiver.ts";
import type { ReceiverOptions } from "./settings.ts";
import { challengeOf } from "./token_routes.ts";

const BASE = "http://127.0.0.1:9700";
const CALLBACK = "http://127.0.0.1:4000/callback";
const VERIFIER = "v".repeat(43);

/** A receiver on a clock that moves by hand. */
function open(options: ReceiverOptions = {}, db: Database = openMemory()) {
  const time = { now: 1_700_000_000_000 };
  let last = 0;
  const host: ReceiverHost = {
    clock: {
      now: () => time.now,
      elapsed: () => time.now,
      sleep: () => Promise.resolve(),
      later: () => ({ [Symbol.dispose]() {} }),
    },
    random: {
      hex: (bytes) => (++last).toString(16).padStart(bytes * 2, "0"),
    },
    network: {
      request: () => Promise.reject(new Error("nobody asks here")),
      serve: () => Promise.reject(new Error("nobody serves here")),
      canBind: () => Promise.reject(new Error("nobody binds here")),
      acceptSocket: () => ({
        // A response cannot say 101 outside of a server.
        response: new Response("upgraded"),
        socket: { send: () => true, close: () => {}, bufferedBytes: 0 },
      }),
    },
  };
  const receiver = createReceiver(host, db, { token: "t", ...options });
  const ask = async (
    path: string,
    form?: Readonly<Record<string, string>>,
    headers: Readonly<Record<string, string>> = {},
  ) => {
    const init: RequestInit = form === undefined
      ? { headers }
      : { method: "POST", body: new URLSearchParams(form), headers };
    const response = await receiver.handle(new Request(BASE + path, init));
    const text = await response.text();
    return { response, status: response.status, text };
  };
  return { time, ask, receiver, db, [Symbol.dispose]: () => db.close() };
}

type World = ReturnType<typeof open>;

const ticketOf = (page: string) =>
  /name="ticket" value="(\w+)"/.exec(page)?.[1] ?? "none";

function askConsent(world: World) {
  const query = new URLSearchParams({
    "response_type": "code",
    "client_id": "reeve_cli",
    "redirect_uri": CALLBACK,
    "state": "s",
    "code_challenge": challengeOf(VERIFIER),
    "code_challenge_method": "S256",
  });
  return world.ask(`/oauth/authorize?${query}`);
}

Deno.test.each([
  { seconds: 599, status: 303 },
  { seconds: 600, status: 400 },
])("a page is good for ten minutes: after $seconds s $status", async (row) => {
  using world = open();
  const { text } = await askConsent(world);
  world.time.now += row.seconds * 1000;
  const form = { ticket: ticketOf(text), decision: "approve" };
  const { status } = await world.ask("/oauth/authorize", form);
  assertEquals(status, row.status);
});

Deno.test.each([
  { seconds: 59, status: 200 },
  { seconds: 60, status: 400 },
])("a code is good for a minute: after $seconds s $status", async (row) => {
  using world = open();
  const { text } = await askConsent(world);
  const form = { ticket: ticketOf(text), decision: "approve" };
  const { response } = await world.ask("/oauth/authorize", form);
  const url = new URL(response.headers.get("location") ?? BASE);
  world.time.now += row.seconds * 1000;
  const { status } = await world.ask("/oauth/token", {
    "grant_type": "authorization_code",
    "client_id": "reeve_cli",
    "redirect_uri": CALLBACK,
    "code_verifier": VERIFIER,
    "code": url.searchParams.get("code") ?? "",
  });
  assertEquals(status, row.status);
});

Deno.test("a device that asks too often waits longer, and not for ever", async () => {
  using world = open();
  const client = { "client_id": "reeve_cli" };
  const begun = await world.ask("/oauth/device_authorization", client);
  const device = JSON.parse(begun.text);
  assertEquals([device.interval, device.expires_in], [5, 600]);
  const poll = async (seconds: number) => {
    world.time.now += seconds * 1000;
    const { text } = await world.ask("/oauth/token", {
      ...client,
      "grant_type": "urn:ietf:params:oauth:grant-type:device_code",
      "device_code": device.device_code,
    });
    return JSON.parse(text).error;
  };
  assertEquals(await poll(0), "authorization_pending");
  assertEquals(await poll(5), "authorization_pending");
  assertEquals(await poll(4), "slow_down");
  assertEquals(await poll(9), "slow_down");
  assertEquals(await poll(15), "authorization_pending");
  assertEquals(await poll(600), "expired_token");
});

Deno.test.each([
  { seconds: 59, status: 200 },
  { seconds: 60, status: 401 },
])("a ticket is good for a minute: after $seconds s $status", async (row) => {
  using world = open();
  const request = new Request(`${BASE}/api/v1/ws-token/`, {
    method: "POST",
    body: '{"workspace":"ada-private"}',
    headers: { "authorization": "Bearer t", "x-reeve-sync-protocol": "3.0" },
  });
  const ticket = await (await world.receiver.handle(request)).json();
  assertEquals(ticket.ws_url, "ws://127.0.0.1:9700/api/v1/ws/");
  world.time.now += row.seconds * 1000;
  const { status } = await world.ask("/api/v1/ws/", undefined, {
    "upgrade": "websocket",
    "authorization": `Bearer ${ticket.ws_token}`,
  });
  assertEquals(status, row.status);
  assertEquals(world.receiver.countSockets(), status === 200 ? 1 : 0);
});

Deno.test.each([
  { path: "/nothing", status: 404 },
  { path: "/api/v1/events/batch/", status: 404 },
  { path: "/api/v1/ws/", status: 426 },
  { path: "/api/v1/me", status: 401 },
  { path: "/oauth/authorize", status: 400 },
  { path: "/", status: 200 },
])("GET $path is answered $status", async ({ path, status }) => {
  using world = open();
  assertEquals((await world.ask(path)).status, status);
});

Deno.test("what the machine refuses is said to pass, a mistake is not", async () => {
  const errors = [new HostError("no_space", "server.db"), new Error("oops")];
  for (const [at, error] of errors.entries()) {
    const memory = openMemory();
    const db: Database = {
      exec: (script) => memory.exec(script),
      run: (sql, ...values) => memory.run(sql, ...values),
      get: (sql, ...values) => memory.get(sql, ...values),
      all: () => {
        throw error;
      },
      transaction: (act) => memory.transaction(act),
      setBusyTimeout: (ms) => memory.setBusyTimeout(ms),
      close: () => memory.close(),
      [Symbol.dispose]: () => memory.close(),
    };
    using world = open({}, db);
    const project = "6f1c3c1e-6c2b-4f0e-9a55-0d6f3a1b2c3d";
    const path = `/api/v1/projects/${project}/watermark/`;
    const { response, status } = await world.ask(path, undefined, {
      "authorization": "Bearer t",
      "x-reeve-sync-protocol": "3.0",
      "x-reeve-workspace": "ada-private",
    });
    assertEquals(status, at === 0 ? 503 : 500);
    assertEquals(response.headers.get("retry-after"), at === 0 ? "1" : null);
  }
});

Deno.test("close() lets those go who wait for ever", async () => {
  using world = open({ faults: ["hang"] });
  const hung = world.ask("/api/v1/me");
  await world.receiver.close();
  const { status, text } = await hung;
  assertEquals(status, 503);
  assertMatch(text, /closing/);
  assert(world.receiver.log.all()[0]?.status === 503);
});
