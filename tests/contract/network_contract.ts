/**
 * What every host promises about the loopback network.
 *
 * @module
 */

import { assert, assertEquals, assertRejects } from "@std/assert";
import {
  type Host,
  HostError,
  type LoopbackReply,
} from "../../src/host/host.ts";
import type { Behaviour, Check } from "./contract_world.ts";

const OK = "HTTP/1.1 200 OK\r\n";

function get(host: Host, port: number, maxBytes = 4096) {
  return host.network.request({
    port,
    method: "GET",
    path: "/api/health",
    timeoutMs: 5000,
    maxBytes,
  });
}

/** Registers the tests about the network. */
export function networkContract(check: Check): void {
  replyContract(check);
  timeoutContract(check);
  handlerContract(check);
  serveContract(check);
  bindContract(check);
  stopContract(check);
  graceContract(check);
}

const REPLIES: readonly {
  readonly title: string;
  readonly behaviour: Behaviour;
  readonly reply: LoopbackReply;
}[] = [
  {
    title: "a reply of stated length",
    behaviour: { kind: "says", text: `${OK}Content-Length: 2\r\n\r\n{}` },
    reply: { kind: "reply", status: 200, body: "{}" },
  },
  {
    title: "a reply in chunks",
    behaviour: {
      kind: "says",
      text: `${OK}Transfer-Encoding: chunked\r\n\r\n` +
        "2\r\nab\r\n1\r\nc\r\n0\r\n\r\n",
    },
    reply: { kind: "reply", status: 200, body: "abc" },
  },
  {
    title: "a reply that ends with the connection",
    behaviour: { kind: "says", text: "HTTP/1.0 503 Busy\r\n\r\nlater" },
    reply: { kind: "reply", status: 503, body: "later" },
  },
  {
    title: "a banner",
    behaviour: { kind: "says", text: "SSH-2.0-OpenSSH\r\n" },
    reply: { kind: "not_http" },
  },
  {
    title: "a reply over the limit",
    behaviour: { kind: "says", text: `${OK}\r\n${"x".repeat(5000)}` },
    reply: { kind: "too_large" },
  },
  {
    title: "a closed connection",
    behaviour: { kind: "hangs_up" },
    reply: { kind: "reset" },
  },
];

function replyContract(check: Check): void {
  for (const { title, behaviour, reply } of REPLIES) {
    check(`request() understands ${title}`, async (world) => {
      const port = await world.startListener(behaviour);
      assertEquals(await get(world.host, port), reply);
    });
  }

  check("request() is refused where nobody listens", async (world) => {
    const port = await world.freePort();
    assertEquals(await get(world.host, port), { kind: "refused" });
  });

  check("request() gives a redirect back and stays", async (world) => {
    const { network } = world.host;
    let visits = 0;
    const other = await network.serve(0, () => {
      visits++;
      return Promise.resolve(new Response("secret"));
    });
    const port = await world.startListener({
      kind: "says",
      text: "HTTP/1.1 302 Found\r\n" +
        `Location: http://127.0.0.1:${other.port}/\r\n` +
        "Content-Length: 0\r\n\r\n",
    });
    const reply = await get(world.host, port);
    assertEquals(reply, { kind: "reply", status: 302, body: "" });
    await other.stop();
    assertEquals(visits, 0);
  });
}

function timeoutContract(check: Check): void {
  check("request() gives up on a silent listener in time", async (world) => {
    const { clock, network } = world.host;
    const port = await world.startListener({ kind: "is_silent" });
    const start = clock.elapsed();
    const reply = await network.request({
      port,
      method: "GET",
      path: "/",
      timeoutMs: 60,
    });
    assertEquals(reply, { kind: "timeout", connected: true });
    const tookMs = clock.elapsed() - start;
    assert(tookMs >= 55 && tookMs < 5000, `It took ${tookMs} ms`);
  });
}

function handlerContract(check: Check): void {
  check("serve() hands each request to the handler", async ({ host }) => {
    const seen: unknown[] = [];
    const server = await host.network.serve(0, async (request) => {
      const { pathname, search } = new URL(request.url);
      const { method, headers } = request;
      seen.push({
        method,
        path: pathname + search,
        host: headers.get("host"),
        type: headers.get("content-type"),
        body: await request.text(),
      });
      return Response.json({ "count": seen.length }, { status: 201 });
    });
    const { port } = server;
    const shared = { port, timeoutMs: 5000 };
    const replies = [
      await host.network.request({ ...shared, method: "GET", path: "/a?b=1" }),
      await host.network.request({
        ...shared,
        method: "POST",
        path: "/c",
        body: '{"grüße":1}',
      }),
    ];
    await server.stop();
    assertEquals<unknown>(replies, [
      { kind: "reply", status: 201, body: '{"count":1}' },
      { kind: "reply", status: 201, body: '{"count":2}' },
    ]);
    const name = `127.0.0.1:${port}`;
    const type = "application/json";
    assertEquals<unknown>(seen, [
      { method: "GET", path: "/a?b=1", host: name, type: null, body: "" },
      { method: "POST", path: "/c", host: name, type, body: '{"grüße":1}' },
    ]);
  });
}

function serveContract(check: Check): void {
  check("serve() answers 500 for a handler that throws", async (world) => {
    const { host } = world;
    const server = await host.network.serve(
      0,
      () => Promise.reject(new Error("a bug")),
    );
    const reply = await get(host, server.port);
    await server.stop();
    assertEquals(reply.kind === "reply" && reply.status, 500);
  });

  check("serve() refuses a port that is taken", async ({ host }) => {
    const handler = () => Promise.resolve(new Response());
    const server = await host.network.serve(0, handler);
    const { port } = server;
    const error = await assertRejects(
      () => host.network.serve(port, handler),
      HostError,
    );
    await server.stop();
    assertEquals<unknown>(error.code, "address_in_use");
    const again = await host.network.serve(port, handler);
    assertEquals(again.port, port);
    await again.stop();
  });
}

function bindContract(check: Check): void {
  check("canBind() tells a taken port from a free one", async ({ host }) => {
    const server = await host.network.serve(
      0,
      () => Promise.resolve(new Response("{}")),
    );
    assert(!await host.network.canBind(server.port));
    await server.stop();
    assert(await host.network.canBind(server.port));
    assert(await host.network.canBind(server.port), "a look leaves nothing");
  });
}

function stopContract(check: Check): void {
  check("stop() frees the port", async ({ host }) => {
    const server = await host.network.serve(
      0,
      () => Promise.resolve(new Response()),
    );
    const { port } = server;
    const range = { first: port, end: port + 1 };
    const { pid } = host.env;
    const before = await host.processes.listeners(range, [pid]);
    assertEquals(before.kind === "table" && before.listeners.length, 1);
    await server.stop();
    assertEquals(await get(host, port), { kind: "refused" });
    const after = await host.processes.listeners(range, [pid]);
    assertEquals(after.kind === "table" && after.listeners, []);
  });
}

function graceContract(check: Check): void {
  check("stop() lets a request in progress finish", async ({ host }) => {
    const started = Promise.withResolvers<void>();
    const server = await host.network.serve(0, async () => {
      started.resolve();
      await host.clock.sleep(50);
      return new Response("done");
    });
    const reply = get(host, server.port);
    await started.promise;
    await server.stop();
    assertEquals<unknown>(
      await reply,
      { kind: "reply", status: 200, body: "done" },
    );
  });

  check("stop() does not wait for ever", async ({ host }) => {
    const started = Promise.withResolvers<void>();
    const released = Promise.withResolvers<void>();
    const server = await host.network.serve(0, async () => {
      started.resolve();
      await released.promise;
      return new Response("late");
    });
    const reply = get(host, server.port);
    await started.promise;
    const start = host.clock.elapsed();
    await server.stop();
    const tookMs = host.clock.elapsed() - start;
    assertEquals(await get(host, server.port), { kind: "refused" });
    released.resolve();
    await reply;
    assert(tookMs >= 990 && tookMs < 4000, `It took ${tookMs} ms`);
  });
}
