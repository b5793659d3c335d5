/**
 * A command that saves a run again and again until it is killed, and tells
 * after each save which one is there.
 *
 * Arguments: state root, repository.
 *
 * @module
 */

import { denoHost } from "../../src/host/deno_host.ts";
import { takeLease } from "../../src/environment/lifecycle_lease.ts";
import { readRuns, saveRun } from "../../src/environment/run_repository.ts";
import { environmentPaths } from "../../src/state/environment_paths.ts";
import { runOf } from "../support/environment_runs.ts";

const [root = "", scope = ""] = Deno.args;
const paths = environmentPaths({ root }, scope);
using lease = await takeLease(denoHost, paths, "saves_runs");
const { runs } = await readRuns(denoHost, paths);
const last = Number(runs[0]?.run.fingerprint ?? 0);
for (let n = last + 1;; n++) {
  denoHost.terminal.out(`begin ${n}\n`);
  await saveRun(denoHost, paths, lease, { ...runOf(1), fingerprint: `${n}` });
  denoHost.terminal.out(`saved ${n}\n`);
}
