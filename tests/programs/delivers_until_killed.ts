/**
 * Delivers a queue and ends itself without warning at a certain step: of the
 * database, or of a request. Prints how many steps it took if it came to its
 * end. Argument: JSON with `root`, `url`, `token`, `workspace`, `maxEvents`,
 * `killAt` (0: not at all), `inFlightMs` (how long after a request was sent).
 */
import { denoHost } from "../../src/host/deno_host.ts";
import type { Web } from "../../src/host/web.ts";
import { drain } from "../../src/sync/drain.ts";
import { killingHost, KillSwitch } from "../support/killing_host.ts";
import { RealQueue, realQueueHost } from "../support/real_queue.ts";

const { root, url, token, workspace, maxEvents, killAt, inFlightMs } = JSON
  .parse(Deno.args[0] ?? "");
const kill = new KillSwitch(killAt);
const queueHost = killingHost(realQueueHost, kill);
const { clock, env, files } = denoHost;

function isBatch(address: string): boolean {
  return address.endsWith("/api/v1/events/batch/");
}

const web: Web = {
  ...denoHost.web,
  request: async (request) => {
    kill.step();
    if (inFlightMs !== undefined && isBatch(request.url)) {
      setTimeout(() => Deno.kill(Deno.pid, "SIGKILL"), inFlightMs);
    }
    const reply = await denoHost.web.request(request);
    kill.step();
    return reply;
  },
};

using queue = new RealQueue(root, { host: queueHost, durability: "relaxed" });
const host = { ...queueHost, clock, env, files, web };
const given = { accessToken: token, workspace, account: "ada", server: url };
const report = await drain(host, queue.store, {
  role: "command",
  leaseWaitMs: 0,
  isAsked: true,
  tokens: {
    current: () => Promise.resolve(given),
    refresh: () => Promise.resolve(given),
  },
  size: { maxEvents, maxBytes: 235_929 },
  limits: queue.limits,
});
const text = JSON.stringify({ steps: kill.steps, accepted: report.accepted });
Deno.stdout.writeSync(new TextEncoder().encode(`${text}\n`));
