/**
 * A repository of a test with services of its own, and everything that reeve
 * does with it in this process. When it is left, whatever was started in it is
 * ended, and its files are gone.
 *
 * @module
 */

import "./c_library.ts";
import { denoHost } from "../../src/host/deno_host.ts";
import type { Host } from "../../src/host/host.ts";
import type {
  Reporter,
  StartReport,
  StartRequest,
  StopReport,
  StopRequest,
} from "../../src/environment/lifecycle.ts";
import type { RunState, ServiceRecord } from "../../src/environment/model.ts";
import {
  type ObservedRun,
  observeRuns,
} from "../../src/environment/observe.ts";
import {
  type EnvironmentPlace,
  openEnvironment,
} from "../../src/environment/place.ts";
import { listProjects } from "../../src/environment/projects.ts";
import { startEnvironment } from "../../src/environment/start.ts";
import { stopEnvironment } from "../../src/environment/stop.ts";
import { endEverythingBelow } from "./leftovers.ts";
import { PYTHON } from "./unit_world.ts";

const PROGRAM = new URL("../programs/unit.py", import.meta.url).pathname;

/** The command of a service that is `unit.py` with these words. */
export function unitCommand(...words: readonly string[]): string {
  return [PYTHON, "-S", PROGRAM, ...words].map((word) =>
    /\s/.test(word) ? `'${word}'` : word
  ).join(" ");
}

/** A repository with services. */
export interface EnvironmentWorld extends AsyncDisposable {
  /** Root of the repository. */
  readonly root: string;
  /** The state root. */
  readonly home: string;
  /** The machine as this world sees it. */
  readonly host: Host;
  /** Every step that units have made, as `unit state`. */
  readonly steps: string[];
  /** Writes the settings, one `KEY=value` a line. */
  settings(lines: Readonly<Record<string, string>>): Promise<void>;
  /** Opens the repository. */
  open(cwd?: string): Promise<EnvironmentPlace>;
  /** Starts, on this machine if no other is given. */
  start(
    request?: Partial<StartRequest>,
    interrupt?: AbortSignal,
    through?: Host,
  ): Promise<StartReport>;
  /** Stops. */
  stop(request?: Partial<StopRequest>): Promise<StopReport>;
  /** Looks at what is recorded. */
  look(): Promise<readonly ObservedRun[]>;
  /** Pids of everything that carries a marker of this repository. */
  running(): Promise<readonly number[]>;
}

/** Makes a repository. */
export async function makeEnvironmentWorld(
  env: Readonly<Record<string, string>> = {},
): Promise<EnvironmentWorld> {
  const made = await Deno.makeTempDir({ prefix: "reeve-environment-" });
  const directory = await Deno.realPath(made);
  const root = `${directory}/shop`;
  const home = `${directory}/state`;
  await Deno.mkdir(`${root}/.git`, { recursive: true });
  await Deno.writeTextFile(`${root}/.git/HEAD`, "ref: refs/heads/main\n");
  await Deno.mkdir(home, { mode: 0o700 });
  const variables: Readonly<Record<string, string>> = {
    "REEVE_HOME": home,
    "HOME": directory,
    ...env,
  };
  const host: Host = {
    ...denoHost,
    env: {
      ...denoHost.env,
      get: (name) =>
        variables[name] ??
          (name.startsWith("REEVE_") ? undefined : denoHost.env.get(name)),
      names: [...denoHost.env.names ?? [], ...Object.keys(variables)],
      os: denoHost.env.os,
      home: directory,
      cwd: root,
      pid: Deno.pid,
      uid: denoHost.env.uid,
    },
  };
  const steps: string[] = [];
  const reporter: Reporter = {
    onPhase() {},
    onUnit: ({ unit, state }) => steps.push(`${unit} ${state}`),
  };
  const open = (cwd = root) => openEnvironment(host, { cwd });
  return {
    root,
    home,
    host,
    steps,
    open,
    settings: (lines) =>
      Deno.writeTextFile(
        `${root}/.reeve`,
        Object.entries(lines).map(([key, value]) =>
          `${key}="${value.replaceAll(/["$\\`]/g, "\\$&")}"\n`
        ).join(""),
      ),
    async start(
      request = {},
      interrupt = new AbortController().signal,
      through = host,
    ) {
      const place = await open();
      const mode = request.mode ?? "main";
      return await startEnvironment(
        through,
        place,
        {
          command: "start",
          mode,
          projects: await listProjects(host, place, mode),
          chosen: "everything",
          isFresh: false,
          withDependencies: true,
          withDependents: true,
          ...request,
        },
        reporter,
        interrupt,
      );
    },
    stop: async (request = {}) =>
      await stopEnvironment(
        host,
        await open(),
        () => ({ chosen: "everything", ...request }),
        reporter,
      ),
    look: async () => await observeRuns(host, await open(), {}),
    running: async () => await markedPids((await open()).scope),
    async [Symbol.asyncDispose]() {
      await endEverythingBelow(directory);
      await Deno.remove(directory, { recursive: true });
    },
  };
}

async function markedPids(scope: string): Promise<readonly number[]> {
  const listing = await denoHost.processes.table();
  if (listing.kind === "unknown") throw new Error(listing.reason);
  const alive = listing.rows.filter(({ state }) => state !== "zombie");
  const markers = await denoHost.processes.readVariable(
    "REEVE_UNIT",
    alive.map(({ pid }) => pid),
  );
  return [...markers].filter(([, marker]) => marker.startsWith(scope))
    .map(([pid]) => pid);
}

/** A service of a run. */
export function serviceOf(
  run: RunState | undefined,
  slug: string,
  project = "Main",
): ServiceRecord {
  const found = run?.services.find((one) =>
    one.slug === slug && one.project === project
  );
  if (found === undefined) throw new Error(`no service ${project} ${slug}`);
  return found;
}

/** Pid of a service of a run. */
export function pidOf(
  run: RunState | undefined,
  slug: string,
  project = "Main",
): number {
  const { identity } = serviceOf(run, slug, project);
  if (identity === undefined) throw new Error(`${slug} does not run`);
  return identity.pid;
}
