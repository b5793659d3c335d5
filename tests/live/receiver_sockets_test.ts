import { assert, assertEquals } from "@std/assert";
import { type StartedReceiver, startReceiver } from "#support/receiver.ts";
import { waitUntil } from "#support/wait_until.ts";
import { denoWeb } from "../../src/host/deno_web.ts";
import {
  ask,
  makeEvent,
  makeEvents,
  NODE,
  post,
  PROJECT,
  send,
} from "./receiver_client.ts";

// deno-lint-ignore no-explicit-any
type Frame = any;

interface Client extends AsyncDisposable {
  readonly frames: Frame[];
  readonly say: (frame: unknown) => void;
  readonly closed: Promise<number>;
  /** Waits for the next frame of a type and takes it. */
  readonly next: (type: string) => Promise<Frame>;
}

async function ticket(started: StartedReceiver) {
  const body = { workspace: started.workspace };
  return (await post(started, "/api/v1/ws-token/", body)).json;
}

/** Opens a socket; it is closed when the test ends. */
async function connect(
  url: string,
  wsToken: string,
): Promise<Client> {
  const opened = Promise.withResolvers<void>();
  const closed = Promise.withResolvers<number>();
  const frames: Frame[] = [];
  const socket = denoWeb.openSocket(url, {
    authorization: `Bearer ${wsToken}`,
  }, {
    onOpen: () => opened.resolve(),
    onText: (text) => void frames.push(JSON.parse(text)),
    onClose: (code) => {
      opened.resolve();
      closed.resolve(code);
    },
  });
  await opened.promise;
  return {
    frames,
    say: (frame) => void socket.send(JSON.stringify(frame)),
    closed: closed.promise,
    async next(type) {
      const find = () => frames.findIndex((frame) => frame.type === type);
      await waitUntil(`a frame ${type} comes`, () => find() >= 0);
      return frames.splice(find(), 1)[0];
    },
    async [Symbol.asyncDispose]() {
      socket.close();
      await closed.promise;
    },
  };
}

async function open(started: StartedReceiver): Promise<Client> {
  const { ws_token: token, ws_url: url } = await ticket(started);
  return await connect(url, token);
}

function hello(client: Client, changes: Record<string, unknown> = {}) {
  client.say({
    type: "hello",
    protocol: "3.0",
    "client_version": "0.1.0",
    "project_uuid": PROJECT,
    "last_lamport": 0,
    ...changes,
  });
}

function say(client: Client, event: unknown) {
  client.say({ type: "event", event: JSON.stringify(event) });
}

Deno.test("a socket says hello and gets a snapshot", async () => {
  await using started = await startReceiver();
  await send(started, makeEvents(2));
  await using client = await open(started);
  hello(client);
  const { cursor, max_lamport: max } = await client.next("snapshot");
  assertEquals([typeof cursor, max], ["string", { [NODE]: 2 }]);
  client.say({ type: "ping", timestamp: "now" });
  assertEquals((await client.next("pong")).timestamp, "now");
});

Deno.test("an event is acknowledged once it is stored", async () => {
  await using started = await startReceiver();
  await using client = await open(started);
  hello(client);
  const event = makeEvent();
  say(client, event);
  const ack = await client.next("ack");
  assertEquals(started.receiver.bodies(), [JSON.stringify(event)]);
  assertEquals(ack, {
    type: "ack",
    "event_id": event["event_id"],
    status: "accepted",
  });
  say(client, event);
  assertEquals((await client.next("ack")).status, "duplicate");
  say(client, { ...event, payload: {} });
  assertEquals((await client.next("ack")).code, "id_conflict");
  say(client, { ...makeEvent(2), "node_id": "x" });
  assertEquals((await client.next("ack")).code, "schema_mismatch");
  say(client, { ...makeEvent(2), "project_uuid": crypto.randomUUID() });
  assertEquals((await client.next("ack")).code, "schema_mismatch");
  assertEquals(started.receiver.countEvents(), 1);
  const frames = started.receiver.log.all()
    .filter(({ method }) => method === "FRAME");
  assertEquals(frames.length, 6);
  assertEquals(frames[1]?.ids, [event["event_id"]]);
});

Deno.test("other nodes of the project hear of new events", async () => {
  await using started = await startReceiver();
  await using sender = await open(started);
  await using listener = await open(started);
  await using stranger = await open(started);
  hello(sender);
  hello(listener, { "node_id": "f".repeat(32) });
  hello(stranger, { "project_uuid": crypto.randomUUID() });
  await Promise.all(
    [sender, listener, stranger].map((client) => client.next("snapshot")),
  );
  const [one, two] = [makeEvent(1), makeEvent(2)];
  say(sender, one);
  assertEquals((await listener.next("event")).event, one);
  await send(started, [one, two]);
  assertEquals((await listener.next("event")).event, two);
  const own = makeEvent(1, { "node_id": "f".repeat(32) });
  await send(started, [own]);
  assertEquals((await sender.next("event")).event, own);
  listener.say({ type: "ping", timestamp: "last" });
  await listener.next("pong");
  assertEquals([listener.frames, stranger.frames], [[], []]);
});

Deno.test("a ticket is good for one upgrade, as a header only", async () => {
  await using started = await startReceiver();
  const { ws_token: token, ws_url: url } = await ticket(started);
  const inQuery = await connect(`${url}?token=${token}`, token);
  assert(await inQuery.closed !== 1000);
  const upgrade = await ask(`${started.url}/api/v1/ws/?token=${token}`, {
    headers: { upgrade: "websocket", connection: "upgrade" },
  });
  assertEquals(upgrade.status, 400);
  {
    await using client = await connect(url, token);
    hello(client);
    await client.next("snapshot");
  }
  const again = await connect(url, token);
  assertEquals(again.frames, []);
  assert(await again.closed !== 1000);
  const access = await connect(url, started.token);
  assert(await access.closed !== 1000);
  await waitUntil("all are gone", () => started.receiver.countSockets() === 0);
});

Deno.test.each([
  { body: { workspace: "acme" }, status: 403, code: "forbidden" },
  { body: {}, status: 403, code: "workspace_missing" },
])("a ticket for $body is refused: $code", async ({ body, status, code }) => {
  await using started = await startReceiver();
  const answer = await post(started, "/api/v1/ws-token/", body);
  assertEquals([answer.status, answer.json.error.code], [status, code]);
});

Deno.test.each([
  { change: { protocol: "2.0" }, code: "protocol_mismatch" },
  { change: { "project_uuid": "x" }, code: "invalid_hello" },
])("a hello with $change ends with $code", async ({ change, code }) => {
  await using started = await startReceiver();
  await using client = await open(started);
  hello(client, change);
  assertEquals((await client.next("error")).code, code);
  assertEquals(await client.closed, 1008);
});

Deno.test.each([
  { frame: { type: "what" }, code: "unknown_type" },
  { frame: [], code: "invalid_json" },
  { frame: { type: "event", event: "{}" }, code: "hello_expected" },
])("a frame $frame is answered with $code", async ({ frame, code }) => {
  await using started = await startReceiver();
  await using client = await open(started);
  client.say(frame);
  assertEquals((await client.next("error")).code, code);
});

Deno.test("an event that is none is answered with an error", async () => {
  await using started = await startReceiver();
  await using client = await open(started);
  hello(client);
  client.say({ type: "event", event: "{" });
  assertEquals((await client.next("error")).code, "schema_mismatch");
  client.say({ type: "event", event: makeEvent() });
  assertEquals((await client.next("error")).code, "schema_mismatch");
});

Deno.test("a frame over 256 KiB ends the socket", async () => {
  await using started = await startReceiver();
  await using client = await open(started);
  client.say({ type: "hello", pad: "x".repeat(256 * 1024) });
  assertEquals(await client.closed, 1009);
});

Deno.test("a silent socket is closed, a talking one is not", async () => {
  await using started = await startReceiver({ socketIdleSeconds: 0.3 });
  await using silent = await open(started);
  await using talking = await open(started);
  hello(silent);
  const timer = setInterval(() => talking.say({ type: "ping" }), 50);
  assertEquals(await silent.closed, 4000);
  clearInterval(timer);
  await waitUntil("one is left", () => started.receiver.countSockets() === 1);
});

Deno.test("closing the server closes its sockets", async () => {
  const started = await startReceiver();
  await using client = await open(started);
  hello(client);
  await client.next("snapshot");
  await started[Symbol.asyncDispose]();
  assertEquals(await client.closed, 1001);
});
