/**
 * Runs of terminate() on one process of a fake world, for tests.
 *
 * @module
 */

import { assert } from "@std/assert";
import type { ProcessHold } from "../../src/host/processes.ts";
import {
  type Proof,
  terminate,
  type TerminateOptions,
  type TerminateOutcome,
} from "../../src/process/terminate.ts";
import {
  type FakeHost,
  type FakeHostOptions,
  type FakeProcessSpec,
  FakeWorld,
} from "./fake_host.ts";

/** The process still is what it was. */
export const PROVED: Proof = { kind: "proved" };

/** The request to end, when it is the first thing that happens. */
export const TERM = "SIGTERM 0 sent";

/** What follows when the process does not end. */
export const KILL = "SIGKILL 1000 sent";

/** A process that is held, and where. */
export interface Opened {
  /** Where it is. */
  readonly world: FakeWorld;
  /** Who holds it. */
  readonly host: FakeHost;
  /** How it is held. */
  readonly hold: ProcessHold;
}

/** What terminate() did, in one comparable value. */
export interface Done {
  /** How it ended. */
  readonly outcome: TerminateOutcome;
  /** For each proof, how many signals had been sent before. */
  readonly proofs: readonly number[];
  /** Each signal, with its time and what came of it. */
  readonly signals: readonly string[];
  /** How long it took. */
  readonly ms: number;
}

/** Takes hold of process 5001. */
export async function open(
  spec: FakeProcessSpec,
  options: FakeHostOptions = {},
): Promise<Opened> {
  const world = new FakeWorld();
  const process = world.addProcess({ pid: 5001, ...spec });
  const host = world.host({ pid: 900, ...options });
  const hold = await host.processes.hold(process.pid);
  assert(typeof hold === "object");
  return { world, host, hold };
}

/** Runs terminate() and tells what it did. */
export async function run(
  opened: Opened,
  prove: (signalsSent: number) => Proof = () => PROVED,
  options: TerminateOptions = {},
): Promise<Done> {
  const { world, host, hold } = opened;
  const proofs: number[] = [];
  const asked = (signalsSent: number) => {
    proofs.push(signalsSent);
    return Promise.resolve(prove(signalsSent));
  };
  const outcome = await terminate(host, hold, asked, options);
  return { outcome, proofs, signals: sent(world), ms: world.clock.elapsed() };
}

function sent({ signals }: FakeWorld): readonly string[] {
  return signals.map(({ name, at, outcome }) => `${name} ${at} ${outcome}`);
}
