import { assertEquals } from "@std/assert";
import type { Host } from "../host/host.ts";
import { daemonContext } from "./context.ts";
import { runDaemon } from "./daemon_process.ts";
import { FakeWorld } from "#support/fake_host.ts";
import { silentLog } from "#support/run_daemon.ts";

const SCOPE = "/home/ada/.reeve";
const OWNER = `${SCOPE}/sync/daemon/owner-9400.json`;

Deno.test("runDaemon() holds its port until its record is gone", async () => {
  const world = new FakeWorld();
  const env = { REEVE_HOME: SCOPE, REEVE_CLI_VERSION: "3.2.4" };
  const host = world.host({ pid: 5001, env });
  const context = await daemonContext(host);
  const seen: unknown[] = [];
  const serve: Host["network"]["serve"] = async (port, handler) => {
    const server = await host.network.serve(port, handler);
    const stop = () => {
      seen.push(world.disk.textOf(OWNER));
      return server.stop();
    };
    return { ...server, stop };
  };
  const watched: Host = { ...host, network: { ...host.network, serve } };
  const onReady = () => {
    seen.push(typeof world.disk.textOf(OWNER));
    host.terminateSelf();
  };
  await runDaemon(watched, context, silentLog, { onReady });
  assertEquals(seen, ["string", undefined]);
  assertEquals(host.process.sockets, []);
});
