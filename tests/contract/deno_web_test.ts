import { assert, assertEquals } from "@std/assert";
import { denoClock } from "../../src/host/deno_clock.ts";
import { denoNetwork } from "../../src/host/deno_network.ts";
import { denoWeb } from "../../src/host/deno_web.ts";
import type { SocketEvents, WebReply } from "../../src/host/web.ts";

const ANY_PORT = { hostname: "127.0.0.1", port: 0 };
const SECRET = "5ec2e7";

/** Sends these bytes to the first request and keeps the connection or not. */
async function askRaw(
  bytes: string,
  { scheme = "http", isKept = false } = {},
): Promise<WebReply> {
  using listener = Deno.listen(ANY_PORT);
  const url = `${scheme}://127.0.0.1:${listener.addr.port}/?token=${SECRET}`;
  const timeoutMs = isKept ? 200 : 10_000;
  const reply = denoWeb.request({ url, method: "GET", timeoutMs });
  using connection = await listener.accept();
  await connection.read(new Uint8Array(4096));
  await connection.write(new TextEncoder().encode(bytes));
  if (!isKept) connection.close();
  return await reply;
}

function assertUnreachable(reply: WebReply, reason: RegExp): void {
  if (reply.kind !== "unreachable") throw new Error(reply.kind);
  assert(reason.test(reply.reason), reply.reason);
  assert(!/5ec2e7|https?:/.test(reply.reason), reply.reason);
}

const HEAD = "HTTP/1.1 200 OK\r\nContent-Length: 9\r\n\r\n";

Deno.test("real web: the time limit counts for the body too", async () => {
  const reply = await askRaw(`${HEAD}begin`, { isKept: true });
  assertEquals(reply, { kind: "timeout" });
});

Deno.test.each([
  { name: "no HTTP", bytes: "SSH-2.0\r\n\r\n", reason: /HTTP/ },
  { name: "nothing", bytes: "", reason: /closed/ },
  { name: "half a body", bytes: `${HEAD}begin`, reason: /body/ },
  { name: "no TLS", bytes: HEAD, reason: /corrupt|tls/i, scheme: "https" },
])("real web: $name is unreachable for a reason", async (row) => {
  const { scheme = "http" } = row;
  assertUnreachable(await askRaw(row.bytes, { scheme }), row.reason);
});

Deno.test.each([
  { name: "no URL", url: `no url ${SECRET}`, headers: {}, reason: /URL/ },
  {
    name: "no header",
    url: "http://127.0.0.1:9999/",
    headers: { "authorization": `Bearer ${SECRET}\n${SECRET}` },
    reason: /header/,
  },
])("real web: $name is unreachable for a reason", async (row) => {
  const { url, headers, reason } = row;
  const request = { url, headers, method: "GET", timeoutMs: 1000 } as const;
  assertUnreachable(await denoWeb.request(request), reason);
});

/** What happened on a socket, and when it has closed. */
function note() {
  const seen: string[] = [];
  const { promise: closed, resolve } = Promise.withResolvers<void>();
  const events: SocketEvents = {
    onOpen: () => seen.push("open"),
    onText: (text) => seen.push(text),
    onClose(code, reason) {
      seen.push(`closed ${code} ${reason}`.trim());
      resolve();
    },
  };
  return { seen, closed, events };
}

Deno.test("real web: both of our ends speak to each other", async () => {
  const [here, there] = [note(), note()];
  const server = await denoNetwork.serve(0, (request) => {
    const { response, socket } = denoNetwork.acceptSocket(request, {
      ...there.events,
      onText(text) {
        there.events.onText(text);
        socket.send(`${text} too`);
        // A server may use the codes that a client may not.
        if (text === "leave") socket.close(1008, "not allowed");
      },
    });
    return Promise.resolve(response);
  });
  const url = `ws://127.0.0.1:${server.port}/`;
  const client = denoWeb.openSocket(url, {}, {
    ...here.events,
    onOpen() {
      here.events.onOpen?.();
      client.send("hello");
      client.send("leave");
    },
  });
  await Promise.all([here.closed, there.closed]);
  await server.stop();
  const end = "closed 1008 not allowed";
  assertEquals(here.seen, ["open", "hello too", "leave too", end]);
  assertEquals(there.seen, ["open", "hello", "leave", end]);
});

Deno.test("real web: a client closes when it is sent bytes", async () => {
  const server = Deno.serve(
    { ...ANY_PORT, onListen: () => undefined },
    (request) => {
      const { socket, response } = Deno.upgradeWebSocket(request);
      socket.onopen = () => socket.send(new Uint8Array([1, 2]));
      return response;
    },
  );
  const { seen, closed, events } = note();
  denoWeb.openSocket(`ws://127.0.0.1:${server.addr.port}/`, {}, events);
  await closed;
  await server.shutdown();
  assertEquals(seen, ["open", "closed 4003 text only"]);
});

Deno.test("real web: a server closes when it is sent bytes", async () => {
  const { seen, closed, events } = note();
  const server = await denoNetwork.serve(0, (request) => {
    const { response } = denoNetwork.acceptSocket(request, events);
    return Promise.resolve(response);
  });
  const client = new WebSocket(`ws://127.0.0.1:${server.port}/`);
  const gone = Promise.withResolvers<void>();
  client.onopen = () => client.send(new Uint8Array([1, 2]));
  client.onclose = () => gone.resolve();
  await Promise.all([closed, gone.promise]);
  await server.stop();
  assertEquals(seen, ["open", "closed 4003 text only"]);
});

Deno.test("real web: a socket that is cut off closes once", async () => {
  using listener = Deno.listen(ANY_PORT);
  const { seen, closed, events } = note();
  denoWeb.openSocket(`ws://127.0.0.1:${listener.addr.port}/`, {}, events);
  const connection = await listener.accept();
  await connection.read(new Uint8Array(4096));
  connection.close();
  await closed;
  await denoClock.sleep(20);
  assertEquals(seen.length, 1);
  assert(/^closed 1006 .*closed before/.test(seen[0] ?? ""), seen[0]);
});
