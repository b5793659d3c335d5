/**
 * A command of the daemon that ends itself without warning at the n-th use of
 * the machine. Prints how many uses there were if it comes to its end.
 * Argument: JSON with `act` and `killAt` (0: not at all).
 *
 * @module
 */

import { MAIN } from "#support/cli.ts";
import { gateHost } from "#support/gated_host.ts";
import { daemonContext } from "../../src/daemon/context.ts";
import { startDaemon } from "../../src/daemon/start.ts";
import { stopDaemon } from "../../src/daemon/stop.ts";
import { reset } from "../../src/doctor/reset.ts";
import { denoHost } from "../../src/host/deno_host.ts";

const { act, killAt } = JSON.parse(Deno.args[0] ?? "{}");
let uses = 0;
const self = {
  executable: Deno.execPath(),
  args: ["run", "--allow-all", "--no-prompt", "--quiet", MAIN],
};
const plain = { ...denoHost, env: { ...denoHost.env, self } };
const { host } = gateHost(plain, () => {
  if (++uses !== killAt) return;
  Deno.kill(Deno.pid, "SIGKILL");
  // The signal is there before any other instruction has an effect.
  while (true);
});
const context = await daemonContext(host);
if (act === "stop") await stopDaemon(host, context);
else if (act === "clean") {
  await reset(host, context, {
    family: "sync",
    command: "auth doctor --reset",
    isForced: false,
    repairsState: true,
  });
} else await startDaemon(host, context);
const text = JSON.stringify({ uses });
Deno.stdout.writeSync(new TextEncoder().encode(`${text}\n`));
