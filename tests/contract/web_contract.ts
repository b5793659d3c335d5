/**
 * What every host promises about servers elsewhere.
 *
 * @module
 */

import { assert, assertEquals, assertThrows } from "@std/assert";
import type { Host } from "../../src/host/host.ts";
import type { Socket, WebReply, WebRequest } from "../../src/host/web.ts";
import type { Check } from "./contract_world.ts";

const SECRET = "5ec2e7";
const NEVER_MS = 60_000;
const UNHEARD = new Promise<Response>(() => {});

function ask(
  { web }: Host,
  url: string,
  more: Partial<WebRequest> = {},
): Promise<WebReply> {
  return web.request({ url, method: "GET", timeoutMs: NEVER_MS, ...more });
}

/** Registers the tests about servers elsewhere. */
export function webContract(check: Check): void {
  const checkWeb: Check = (title, ...rest) => check(`web: ${title}`, ...rest);
  replyContract(checkWeb);
  limitContract(checkWeb);
  failureContract(checkWeb);
  abortContract(checkWeb);
  openSocketContract(checkWeb);
  closeSocketContract(checkWeb);
  refusedSocketContract(checkWeb);
}

function replyContract(check: Check): void {
  check("a reply has status, headers and body", async (world) => {
    const url = await world.startWeb(() =>
      new Response("grüße", { status: 418, headers: { "X-Answer": "42" } })
    );
    const reply = await ask(world.host, url);
    if (reply.kind !== "reply") throw new Error(reply.kind);
    assertEquals([reply.status, reply.body], [418, "grüße"]);
    const names = ["X-Answer", "x-answer", "X-ANSWER", "x-none"];
    assertEquals(names.map(reply.header), ["42", "42", "42", undefined]);
  });

  check("a request arrives as it was made", async (world) => {
    const url = await world.startWeb(async (request) => {
      const { pathname, search } = new URL(request.url);
      const token = request.headers.get("authorization");
      const parts = [request.method, pathname + search, token];
      return new Response(`${parts.join(" ")} ${await request.text()}`);
    });
    const headers = { "Authorization": "Bearer x" };
    for (const body of ["grüße", new TextEncoder().encode("grüße")]) {
      const more = { method: "POST", headers, body } as const;
      const reply = await ask(world.host, `${url}/a/b?c=d`, more);
      assertEquals(
        reply.kind === "reply" && reply.body,
        "POST /a/b?c=d Bearer x grüße",
      );
    }
  });

  check("a redirect is not followed", async (world) => {
    let count = 0;
    const url = await world.startWeb(() => {
      count++;
      const headers = { "location": "/elsewhere" };
      return new Response(null, { status: 307, headers });
    });
    const reply = await ask(world.host, url, { method: "POST", body: "x" });
    if (reply.kind !== "reply") throw new Error(reply.kind);
    assertEquals([reply.status, reply.body], [307, ""]);
    assertEquals(reply.header("location"), "/elsewhere");
    assertEquals(count, 1);
  });
}

function limitContract(check: Check): void {
  check("a body may be as large as maxBytes", async (world) => {
    const url = await world.startWeb(() => new Response("füür"));
    const kindWith = async (maxBytes: number) =>
      (await ask(world.host, url, { maxBytes })).kind;
    assertEquals(await kindWith(6), "reply");
    assertEquals(await kindWith(5), "too_large");
  });

  check("a body is at most one MiB by default", async (world) => {
    const sizes = [1024 * 1024, 1024 * 1024 + 1];
    const url = await world.startWeb(() =>
      new Response("x".repeat(sizes.shift() ?? 0))
    );
    assertEquals((await ask(world.host, url)).kind, "reply");
    assertEquals((await ask(world.host, url)).kind, "too_large");
  });

  check("silence ends with the timeout", async (world) => {
    const url = await world.startWeb(() => UNHEARD);
    const start = world.host.clock.elapsed();
    const reply = await ask(world.host, url, { timeoutMs: 60 });
    assertEquals(reply, { kind: "timeout" });
    const took = world.host.clock.elapsed() - start;
    assert(took >= 59 && took < 5000, `${took} ms`);
  });
}

function failureContract(check: Check): void {
  check("nobody there is unreachable, for a reason", async (world) => {
    const port = await world.freePort();
    const url = `http://ada:${SECRET}@127.0.0.1:${port}/(a)?b=${SECRET}`;
    const headers = { "authorization": `Bearer ${SECRET}` };
    const reply = await ask(world.host, url, { headers });
    if (reply.kind !== "unreachable") throw new Error(reply.kind);
    assert(/refused/i.test(reply.reason), reply.reason);
    assert(!/5ec2e7|https?:/.test(reply.reason), reply.reason);
  });
}

function abortContract(check: Check): void {
  check("an abort ends the exchange", async (world) => {
    const { clock } = world.host;
    const url = await world.startWeb(() => UNHEARD);
    const abort = new AbortController();
    const { signal } = abort;
    const start = clock.elapsed();
    const reply = ask(world.host, url, { signal });
    await clock.sleep(20);
    abort.abort();
    assertEquals(await reply, { kind: "aborted" });
    assert(clock.elapsed() - start < 5000);
  });

  check("who is aborted already asks nobody", async (world) => {
    let count = 0;
    const url = await world.startWeb(() => {
      count++;
      return new Response("");
    });
    const signal = AbortSignal.abort();
    assertEquals(await ask(world.host, url, { signal }), { kind: "aborted" });
    assertEquals(count, 0);
    const later = new AbortController();
    const reply = await ask(world.host, url, { signal: later.signal });
    later.abort();
    assertEquals([reply.kind, count], ["reply", 1]);
  });
}

/** A socket with what happened on it, in order. */
interface Watched {
  readonly socket: Socket;
  readonly seen: string[];
  /** Settles when so many things have happened. */
  readonly until: (count: number) => Promise<void>;
}

function watch(
  { web }: Host,
  url: string,
  headers: Readonly<Record<string, string>> = {},
): Watched {
  const seen: string[] = [];
  const waiting: { readonly count: number; readonly go: () => void }[] = [];
  const note = (text: string) => {
    seen.push(text);
    for (const { count, go } of waiting) if (seen.length >= count) go();
  };
  const socket = web.openSocket(url, headers, {
    onOpen: () => note("open"),
    onText: note,
    onClose: (code, reason) => note(`closed ${code} ${reason}`.trim()),
  });
  const until = (count: number) =>
    new Promise<void>((go) => {
      if (seen.length >= count) go();
      else waiting.push({ count, go });
    });
  return { socket, seen, until };
}

function openSocketContract(check: Check): void {
  check("a socket carries headers and texts", async (world) => {
    const url = await world.startSockets({ kind: "echoes" });
    const headers = { "authorization": "Bearer x" };
    const { socket, seen, until } = watch(world.host, url, headers);
    assert(!socket.send("too early"));
    assertEquals(seen, []);
    await until(2);
    for (const text of ["one", "grüße 🦉", ""]) assert(socket.send(text));
    await until(5);
    assertEquals(socket.bufferedBytes, 0);
    socket.close();
    await until(6);
    const texts = ["Bearer x", "one", "grüße 🦉", ""];
    assertEquals(seen, ["open", ...texts, "closed 1000"]);
  });

  check("two sockets do not disturb each other", async (world) => {
    const url = await world.startSockets({ kind: "echoes" });
    const one = watch(world.host, url, { "authorization": "one" });
    const two = watch(world.host, url, { "authorization": "two" });
    await Promise.all([one.until(2), two.until(2)]);
    one.socket.close();
    await one.until(3);
    assert(two.socket.send("still here"));
    await two.until(3);
    two.socket.close();
    await two.until(4);
    assertEquals(one.seen, ["open", "one", "closed 1000"]);
    assertEquals(two.seen, ["open", "two", "still here", "closed 1000"]);
  });
}

function closeSocketContract(check: Check): void {
  check("a socket closes once, with our code", async (world) => {
    const url = await world.startSockets({ kind: "echoes" });
    const { socket, seen, until } = watch(world.host, url);
    await until(2);
    assertThrows(() => socket.close(1001), DOMException);
    socket.close(4000, "silence");
    socket.close(4001, "again");
    assert(!socket.send("too late"));
    await until(3);
    socket.close();
    assert(!socket.send("too late"));
    await world.host.clock.sleep(20);
    assertEquals(seen.slice(2), ["closed 4000 silence"]);
  });

  check("a socket closes once, with their code", async (world) => {
    const behaviour = { kind: "closes", code: 4401, reason: "over" } as const;
    const url = await world.startSockets(behaviour);
    const { socket, seen, until } = watch(world.host, url);
    await until(2);
    assert(!socket.send("too late"));
    socket.close();
    await world.host.clock.sleep(20);
    assertEquals(seen, ["open", "closed 4401 over"]);
  });

  check("a socket may close before it opens", async (world) => {
    const url = await world.startSockets({ kind: "echoes" });
    const { socket, seen, until } = watch(world.host, url);
    socket.close();
    await until(1);
    await world.host.clock.sleep(20);
    assertEquals(seen.length, 1);
    assert(seen[0]?.startsWith("closed 1006"), seen[0]);
  });
}

function refusedSocketContract(check: Check): void {
  check("a refused socket closes once, for a reason", async (world) => {
    const port = await world.freePort();
    const urls = [
      await world.startSockets({ kind: "refuses" }),
      `ws://127.0.0.1:${port}`,
    ];
    for (const url of urls) {
      const headers = { "authorization": SECRET };
      const full = `${url}/?token=${SECRET}`;
      const { socket, seen, until } = watch(world.host, full, headers);
      await until(1);
      assert(!socket.send("too late"));
      socket.close();
      await world.host.clock.sleep(20);
      assertEquals(seen.length, 1);
      assert(/^closed 1006 .*(?:401|connect)/.test(seen[0] ?? ""), seen[0]);
      assert(!/5ec2e7|ws:/.test(seen[0] ?? ""), seen[0]);
    }
  });
}
