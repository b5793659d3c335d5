/** Who reaches a daemon, and that a slow or idle client disturbs nobody. */

import { assert, assertEquals } from "@std/assert";
import { reeve } from "#support/cli.ts";
import { isListening, startCurrent, startDaemon } from "#support/population.ts";
import { makeSandbox } from "#support/sandbox.ts";
import { openRaw, rawRequest } from "./raw_http.ts";

const HEALTH = "/api/health";

/** Addresses of this machine that are not 127.0.0.1. */
function otherAddresses(): readonly string[] {
  const known = Deno.networkInterfaces()
    .filter(({ address }) => address !== "127.0.0.1")
    // A link-local address needs its interface to be reached at all.
    .filter(({ address }) => !address.startsWith("fe80"))
    .map(({ address }) => address);
  return Deno.build.os === "linux" ? [...known, "127.0.0.2"] : known;
}

Deno.test("a daemon listens on 127.0.0.1 and on no other address", async () => {
  await using sandbox = await makeSandbox();
  await using daemon = await startDaemon(sandbox);
  const { port } = daemon;
  assert(await isListening(port));
  for (const hostname of otherAddresses()) {
    const isOpen = await Deno.connect({ hostname, port })
      .then((connection) => {
        connection.close();
        return true;
      }, () => false);
    assert(!isOpen, hostname);
  }
});

Deno.test("a body that never comes is given up while others are served", async () => {
  await using sandbox = await makeSandbox();
  await using daemon = await startDaemon(sandbox);
  const { port } = daemon;
  using slow = await openRaw(port);
  const head = `POST /api/shutdown HTTP/1.1\r\nHost: 127.0.0.1:${port}\r\n` +
    "Content-Length: 100\r\nConnection: close\r\n\r\n{";
  await slow.send(head);
  const start = performance.now();
  let served = 0;
  let isOver = false;
  const answer = slow.receive().finally(() => isOver = true);
  while (!isOver) {
    assertEquals((await rawRequest(port, HEALTH)).status, 200);
    served++;
  }
  assertEquals((await answer).status, 408);
  const tookMs = performance.now() - start;
  assert(tookMs > 4500 && tookMs < 8000, `${tookMs} ms`);
  assert(served > 20, `${served} requests`);
});

Deno.test("fifty idle connections do not make a daemon look wedged", async () => {
  await using sandbox = await makeSandbox();
  const current = await startCurrent(sandbox, { REEVE_CLI_VERSION: "3.2.6" });
  await using stale = await startDaemon(sandbox, { version: "3.2.4" });
  await using stack = new AsyncDisposableStack();
  for (const { port } of [current, stale]) {
    for (let count = 0; count < 50; count++) stack.use(await openRaw(port));
  }
  const newer = { REEVE_CLI_VERSION: "3.2.6" };
  const status = await reeve(sandbox, ["daemon", "status", "--json"], newer);
  assertEquals(status.code, 0);
  assertEquals(status.json.pid, current.pid);
  const doctor = await reeve(sandbox, ["auth", "doctor", "--json"], newer);
  assertEquals(doctor.code, 0);
  const [orphan] = doctor.json.orphans;
  assertEquals(orphan.cleanup_class, "safe_auto");
  const start = await reeve(sandbox, ["daemon", "start", "--json"], newer);
  assertEquals(start.code, 0);
  assertEquals(start.json.pid, current.pid);
  assertEquals(start.json.cleaned.failed, []);
  await stale.ended;
});

Deno.test("a proxy in the environment diverts nothing", async () => {
  await using sandbox = await makeSandbox();
  const dead = "http://127.0.0.1:1";
  const proxy = {
    HTTP_PROXY: dead,
    HTTPS_PROXY: dead,
    ALL_PROXY: dead,
    "http_proxy": dead,
    "https_proxy": dead,
    "all_proxy": dead,
    NO_PROXY: "",
    "no_proxy": "",
  };
  const current = await startCurrent(sandbox, proxy);
  const status = await reeve(sandbox, ["daemon", "status", "--json"], proxy);
  assertEquals(status.code, 0);
  assertEquals(status.json.pid, current.pid);
  const doctor = await reeve(sandbox, ["auth", "doctor", "--json"], proxy);
  assertEquals(doctor.code, 0);
  assert(doctor.json.daemon.active);
  const start = await reeve(sandbox, ["daemon", "start", "--json"], proxy);
  assertEquals(start.json.pid, current.pid);
  const stop = await reeve(sandbox, ["daemon", "stop", "--json"], proxy);
  assertEquals(stop.code, 0);
  assertEquals(stop.json.cleanup_path, "http_shutdown");
});

Deno.test("a listener on ::1 alone is nobody that a probe would meet", async () => {
  await using sandbox = await makeSandbox();
  const { port } = await startCurrent(sandbox);
  await using stack = new AsyncDisposableStack();
  for (const at of [port, port + 1]) {
    try {
      const listener = Deno.listen({ hostname: "::1", port: at });
      stack.defer(() => listener.close());
    } catch {
      // Without IPv6 there is nothing to mix up.
      return;
    }
  }
  const doctor = await reeve(sandbox, ["auth", "doctor", "--json"]);
  assertEquals(doctor.code, 0);
  assert(doctor.json.daemon.active);
  assertEquals(doctor.json.scan.listeners, 1);
  assertEquals((await reeve(sandbox, ["daemon", "stop"])).code, 0);
  assert(!await isListening(port));
});
