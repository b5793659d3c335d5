/**
 * Starts the environment of a repository.
 *
 * starts_environment.ts ROOT
 */

import { listProjects } from "../../src/environment/projects.ts";
import { openEnvironment } from "../../src/environment/place.ts";
import { startEnvironment } from "../../src/environment/start.ts";
import { denoHost } from "../../src/host/deno_host.ts";

const [cwd = "."] = Deno.args;
const interrupt = new AbortController();
denoHost.processes.onTermination(() => interrupt.abort());
const place = await openEnvironment(denoHost, { cwd });
await startEnvironment(
  denoHost,
  place,
  {
    command: "start",
    mode: "main",
    projects: await listProjects(denoHost, place, "main"),
    chosen: "everything",
    isFresh: false,
    withDependencies: true,
    withDependents: true,
  },
  { onPhase() {}, onUnit() {} },
  interrupt.signal,
);
Deno.exit(0);
