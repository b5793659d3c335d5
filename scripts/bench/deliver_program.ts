// deno-lint-ignore-file no-console -- a script talks to its parent
/**
 * Delivers everything of one queue in a process of its own and prints what
 * that took, as JSON.
 *
 * Arguments: state root, project id, URL of the server, token.
 */

import { denoBlockingFiles } from "../../src/host/deno_blocking_files.ts";
import { denoDatabases } from "../../src/host/deno_databases.ts";
import { denoHost } from "../../src/host/deno_host.ts";
import { DEFAULT_LIMITS } from "../../src/queue/capacity.ts";
import { optIn, releaseHistory } from "../../src/queue/consent.ts";
import { openStore } from "../../src/queue/store.ts";
import { projectPaths } from "../../src/state/project_paths.ts";
import { drain } from "../../src/sync/drain.ts";

const [root = "", projectId = "", server = "", accessToken = ""] = Deno.args;
const host = {
  ...denoHost,
  blocking: denoBlockingFiles,
  databases: denoDatabases,
};
const paths = projectPaths({ root }, projectId);
const opening = openStore(host, { root, projectId, paths });
if (opening.kind !== "open") throw new Error(opening.kind);
const { store } = opening;
optIn(store, "bench", Date.now());
while (releaseHistory(store, "bench", { nowMs: Date.now(), limit: 5000 }) > 0);
const token = { accessToken, workspace: "ada-private", account: "env", server };
const rejected = { reason: "auth_required" as const, detail: "" };
const start = performance.now();
const report = await drain(host, store, {
  role: "command",
  leaseWaitMs: 0,
  isAsked: true,
  tokens: {
    current: () => Promise.resolve(token),
    refresh: () => Promise.resolve(rejected),
  },
  size: { maxEvents: 1000, maxBytes: 235_929 },
  limits: DEFAULT_LIMITS,
});
const ms = performance.now() - start;
store.db.close();
const status = await Deno.readTextFile("/proc/self/status").catch(() => "");
const peakKib = Number(/^VmHWM:\s+(\d+) kB/m.exec(status)?.[1] ?? NaN);
const { accepted, stoppedBecause } = report;
console.log(JSON.stringify({ ms, accepted, stoppedBecause, peakKib }));
