import { assertEquals } from "@std/assert";
import { FakeWorld, webReply } from "#support/fake_host.ts";
import type { FakePeer } from "#support/fake_host.ts";
import type { SocketEvents } from "../../src/host/web.ts";

const URL_THERE = "https://server.test/a";
const ASK = { url: URL_THERE, method: "GET", timeoutMs: 500 } as const;

function note() {
  const seen: string[] = [];
  const events: SocketEvents = {
    onOpen: () => seen.push("open"),
    onText: (text) => seen.push(text),
    onClose: (code, reason) => seen.push(`closed ${code} ${reason}`.trim()),
  };
  return { seen, events };
}

/** A world in which every socket meets the same peer, which accepts it. */
function openWorld() {
  const world = new FakeWorld();
  const host = world.host();
  const { seen, events } = note();
  const heard: string[] = [];
  const peers: FakePeer[] = [];
  world.web.onSocket = (url, headers, peer) => {
    heard.push(`${url} ${headers["authorization"]}`);
    peer.receive = (text) => heard.push(text);
    peer.onClose = (code) => heard.push(`closed ${code}`);
    peer.accept();
    peers.push(peer);
  };
  const headers = { "authorization": "Bearer x" };
  const socket = host.web.openSocket("wss://server.test/", headers, events);
  const [peer] = peers;
  if (peer === undefined) throw new TypeError("No socket came");
  return { world, host, seen, heard, peer, socket };
}

Deno.test("nobody is there unless a test plays a server", async () => {
  const world = new FakeWorld();
  const { web } = world.host();
  assertEquals((await web.request(ASK)).kind, "unreachable");
  const { seen, events } = note();
  web.openSocket("wss://server.test/", {}, events);
  assertEquals(seen, []);
  await world.advance(0);
  assertEquals(seen, ["closed 1006 connection refused"]);
});

Deno.test("a test answers requests and reads them later", async () => {
  const world = new FakeWorld();
  const { web } = world.host();
  const headers = { "retry-after": "7" };
  world.web.respond = ({ url }) => webReply(503, { url }, headers);
  const reply = await web.request(ASK);
  if (reply.kind !== "reply") throw new Error(reply.kind);
  assertEquals([reply.status, reply.body], [503, `{"url":"${URL_THERE}"}`]);
  assertEquals(reply.header("Retry-After"), "7");
  assertEquals<unknown>(world.web.requests, [ASK]);
});

Deno.test("an answer may take its time, up to the limit", async () => {
  const world = new FakeWorld();
  const { web, clock } = world.host();
  const takes = async (ms: number) => {
    world.web.respond = async () => {
      await world.clock.sleep(ms);
      return webReply(200);
    };
    const start = clock.elapsed();
    const { kind } = await web.request(ASK);
    return [kind, clock.elapsed() - start];
  };
  assertEquals(await takes(400), ["reply", 400]);
  assertEquals(await takes(600), ["timeout", 500]);
});

Deno.test("a gate stands before a request", async () => {
  const world = new FakeWorld();
  const operations: string[] = [];
  const gate = (operation: string) => {
    operations.push(operation);
    return Promise.resolve();
  };
  await world.host({ gate }).web.request(ASK);
  assertEquals(operations, [`GET ${URL_THERE}`]);
});

Deno.test("who has ended gets no reply", async () => {
  const world = new FakeWorld();
  const { web, env } = world.host();
  world.web.respond = () => {
    world.endProcess(env.pid);
    return webReply(200);
  };
  let kind = "none";
  web.request(ASK).then((reply) => kind = reply.kind);
  await world.advance(10_000);
  assertEquals(kind, "none");
});

Deno.test("a test plays the server of a socket", async () => {
  const { world, seen, heard, peer, socket } = openWorld();
  assertEquals([seen.length, peer.isOpen], [0, false]);
  await world.advance(0);
  assertEquals([...seen, peer.isOpen], ["open", true]);
  peer.send("hello");
  socket.send("hello too");
  peer.bufferedBytes = 99;
  assertEquals(socket.bufferedBytes, 99);
  await world.advance(0);
  peer.close(4401, "over");
  peer.send("too late");
  await world.advance(0);
  assertEquals(seen, ["open", "hello", "closed 4401 over"]);
  assertEquals(heard, ["wss://server.test/ Bearer x", "hello too"]);
});

Deno.test("a server hears of the end of its client", async () => {
  const { world, host, seen, heard, peer } = openWorld();
  await world.advance(0);
  peer.send("too late");
  world.endProcess(host.env.pid);
  await world.advance(0);
  peer.close();
  await world.advance(0);
  assertEquals(seen, ["open"]);
  assertEquals(heard.slice(1), ["closed 1006"]);
});

Deno.test("no time passes for the sake of an alarm", async () => {
  const world = new FakeWorld();
  const [one, two] = [world.host(), world.host()];
  const calls: string[] = [];
  const call = (text: string) => () =>
    calls.push(`${text} ${world.clock.elapsed()}`);
  one.clock.later(30, call("one"));
  two.clock.later(20, call("two"));
  using _ = two.clock.later(25, call("disposed"));
  _[Symbol.dispose]();
  await world.advance(0);
  assertEquals([calls.length, world.clock.elapsed()], [0, 0]);
  await world.advance(20);
  assertEquals([...calls, world.clock.elapsed()], ["two 20", 20]);
  two.clock.later(100, call("never"));
  world.endProcess(two.env.pid);
  await one.clock.sleep(1000);
  assertEquals(calls, ["two 20", "one 30"]);
});

Deno.test("advance() lets everybody go as far as they can", async () => {
  const world = new FakeWorld();
  const { clock, files } = world.host();
  const texts: string[] = [];
  const write = async () => {
    await files.append("/log", "text");
    texts.push(await files.readText("/log"));
  };
  const loop = async () => {
    while (clock.elapsed() < 1000) await clock.sleep(70);
  };
  const done = loop();
  clock.later(100, write);
  await world.advance(100);
  assertEquals([...texts, clock.elapsed()], ["text", 100]);
  await done;
});

Deno.test("a process is where it was started", async () => {
  const seen: string[] = [];
  const world = new FakeWorld({
    onSpawn: () => ({
      run({ env }) {
        seen.push(env.cwd);
        return Promise.resolve(0);
      },
    }),
  });
  const host = world.host();
  const command = { executable: "/x", args: [], env: {}, cwd: "/there" };
  await (await host.processes.spawn(command)).exited;
  seen.push(host.env.cwd, world.host({ cwd: "/here" }).env.cwd);
  seen.push(world.host({ os: "windows" }).env.cwd);
  const windows = "C:\\Users\\ada\\code";
  assertEquals(seen, ["/there", "/home/ada/code", "/here", windows]);
});
