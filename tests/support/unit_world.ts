/**
 * Units of a test: real processes that it starts, and ends by their ids.
 *
 * @module
 */

import { killAll } from "./kill_all.ts";
import "./c_library.ts";
import { denoHost } from "../../src/host/deno_host.ts";
import {
  collectFacts,
  type EnvironmentFacts,
  MARKER_VARIABLE,
} from "../../src/environment/facts.ts";
import {
  type LaunchedUnit,
  type LaunchPlan,
  launchUnit,
} from "../../src/environment/launch.ts";
import type { ServiceRecord } from "../../src/environment/model.ts";
import { openSignalJournal } from "../../src/environment/signal_journal.ts";
import { type StopResult, stopUnits } from "../../src/environment/stop_unit.ts";
import { type Truth, truthOf } from "../../src/environment/truth.ts";
import { endEverythingBelow } from "./leftovers.ts";
import { waitUntil } from "./wait_until.ts";

const PROGRAM = new URL("../programs/unit.py", import.meta.url).pathname;

/** Interpreter of the units. */
export const PYTHON = "/usr/bin/python3";

/** A journal that remembers nothing. */
export const NO_JOURNAL = {
  intended: () => Promise.resolve(),
  spawned: () => Promise.resolve(),
  refused: () => Promise.resolve(),
};

/** A unit of a test. */
export interface TestUnit extends LaunchedUnit {
  /** How it was started. */
  readonly plan: LaunchPlan;
}

/** Where the units of one test live. */
export interface UnitWorld extends AsyncDisposable {
  /** A directory of its own. */
  readonly directory: string;
  /** How to start a unit with these words for the program. */
  plan(...words: readonly string[]): LaunchPlan;
  /** Starts a unit by its plan. */
  launch(plan: LaunchPlan): Promise<TestUnit>;
  /** Starts a unit. */
  start(...words: readonly string[]): Promise<TestUnit>;
  /** Looks at the machine for these units. */
  look(
    units: readonly LaunchedUnit[],
    ports?: readonly number[],
  ): Promise<EnvironmentFacts>;
  /** The truth about a unit that should listen on a port, or does not. */
  truth(unit: LaunchedUnit, port?: number): Promise<Truth>;
  /** Ends units. */
  stop(
    units: readonly LaunchedUnit[],
    graceMs?: number,
  ): Promise<readonly StopResult[]>;
}

/** Free ports, the smallest of them far enough from the others. */
export function freePorts(count: number): readonly number[] {
  const listeners = Array.from(
    { length: count },
    () => Deno.listen({ hostname: "127.0.0.1", port: 0 }),
  );
  const ports = listeners.map(({ addr }) => addr.port);
  for (const listener of listeners) listener.close();
  return ports;
}

/** One free port. */
export function freePort(): number {
  return freePorts(1)[0] ?? 0;
}

/** A record of a unit, as a run would keep it. */
export function recordOf(
  { identity, startedAt }: LaunchedUnit,
  port?: number,
): ServiceRecord {
  return {
    name: "Main unit",
    project: "Main",
    slug: "unit",
    identity,
    cwd: "/",
    argvHash: "",
    requestedPort: port,
    actualPort: undefined,
    logPath: "/dev/null",
    startedAt,
    status: "running",
    expectsListener: port !== undefined,
    isCritical: true,
    failure: undefined,
    publicUrl: undefined,
    healthUrl: undefined,
  };
}

/** Makes a world; everything with one of its markers ends with it. */
export async function makeUnitWorld(): Promise<UnitWorld> {
  const made = await Deno.makeTempDir({ prefix: "reeve-units-" });
  const directory = await Deno.realPath(made);
  const word = denoHost.random.hex(8);
  const running = new Set<Promise<number>>();
  let count = 0;
  const plan = (...words: readonly string[]): LaunchPlan => ({
    name: `Main ${words[0]}`,
    marker: `repo-test.${word}.unit-${++count}.${denoHost.random.hex(16)}`,
    command: [PYTHON, "-S", PROGRAM, ...words],
    env: { "PATH": "/usr/bin:/bin" },
    cwd: directory,
    logPath: `${directory}/logs/${count}.log`,
  });
  const launch = async (made: LaunchPlan): Promise<TestUnit> => {
    const unit = await launchUnit(denoHost, made, NO_JOURNAL);
    running.add(unit.exited);
    unit.exited.then(() => running.delete(unit.exited));
    return { ...unit, plan: made };
  };
  const look: UnitWorld["look"] = (units, ports = []) =>
    collectFacts(denoHost, {
      identities: units.map(({ identity }) => identity),
      ports,
    });
  const journal = openSignalJournal(
    denoHost,
    `${directory}/signals.jsonl`,
    "test",
  );
  return {
    directory,
    plan,
    look,
    launch,
    start: (...words) => launch(plan(...words)),
    async truth(unit, port) {
      const facts = await look([unit], port === undefined ? [] : [port]);
      const policy = { graceMs: 0, allowsRebound: true };
      return truthOf(recordOf(unit, port), facts, facts.takenAt, policy);
    },
    stop: (units, graceMs = 5000) =>
      stopUnits(
        denoHost,
        units.map(({ identity }) => ({
          name: identity.marker,
          identity,
          graceMs,
        })),
        { journal, reason: "a test asked for it" },
      ),
    async [Symbol.asyncDispose]() {
      await endMarked(`.${word}.`);
      await endEverythingBelow(directory);
      // A child of ours alone does not keep us running.
      await waitUntil("all units have ended", () => running.size === 0);
      await Deno.remove(directory, { recursive: true });
    },
  };
}

/** Ends what a test has left, by the words that only its own markers have. */
export async function endMarked(part: string): Promise<void> {
  const listing = await denoHost.processes.table();
  if (listing.kind === "unknown") throw new Error(listing.reason);
  const markers = await denoHost.processes.readVariable(
    MARKER_VARIABLE,
    listing.rows.map(({ pid }) => pid),
  );
  for (const [pid, marker] of markers) {
    if (!marker.includes(part)) continue;
    killAll([pid]);
  }
}
