/**
 * Waits until units are ready. All of them share one look at the machine, so
 * waiting for fifty costs about as much as waiting for one.
 *
 * @module
 */

import type { Host } from "../host/host.ts";
import type { ReadyRule, UnitIdentity } from "./model.ts";
import { openEyes } from "./ready_eyes.ts";
import { openProbe, type Probe, type Sight } from "./ready_probe.ts";
import { lastWords } from "./service_log.ts";

/** A unit to wait for. */
export interface StartingUnit {
  /** For people: `Main backend`. */
  readonly name: string;
  /** Who it is. */
  readonly identity: UnitIdentity;
  /** Settles with its exit code when it ends. */
  readonly exited: Promise<number>;
  /** When it counts as ready. */
  readonly ready: ReadyRule;
  /** Port that it was given. */
  readonly port: number | undefined;
  /** Its log. */
  readonly logPath: string;
  /** Size of its log before it was started, in bytes. */
  readonly logFrom: number;
  /** How long it may take from now on, in milliseconds. */
  readonly timeoutMs: number;
  /** Whether it may listen on another port than the one it was given. */
  readonly allowsRebound: boolean;
}

/** What became of a unit that was waited for. */
export type ReadyOutcome =
  | {
    readonly kind: "ready";
    /** Port that it listens on, if its rule is about a port. */
    readonly port: number | undefined;
    /** Milliseconds from the beginning of the wait. */
    readonly afterMs: number;
  }
  | {
    readonly kind: "failed";
    /** What happened, in a word. */
    readonly reason: "ended" | "interrupted" | "timeout";
    /** The same in a sentence without its full stop. */
    readonly message: string;
    /** Exit code of one that ended. */
    readonly exitCode: number | undefined;
    /** The line of its log that most likely tells why. */
    readonly lastWords: string | undefined;
  };

/** What {@linkcode openReadiness} needs of the world. */
export type ReadinessHost = Pick<
  Host,
  "blocking" | "clock" | "env" | "network" | "processes"
>;

/** Waits for any number of units, which may come one by one. */
export interface Readiness {
  /** Waits for one unit; never rejects because of the unit. */
  wait(unit: StartingUnit): Promise<ReadyOutcome>;
}

const FIRST_PAUSE_MS = 1;
const LAST_PAUSE_MS = 50;

/** How long more units may put off a look. */
const GATHER_MS = 5;

/** Pauses grow with the wait, so that seeing it ready adds little to it. */
const PAUSE_PART = 20;

interface Waiting {
  readonly unit: StartingUnit;
  readonly startedAt: number;
  readonly probe: Probe;
  readonly settle: (outcome: ReadyOutcome) => void;
  exitCode: number | undefined;
}

/** Opens the one watch that all units of a start share. */
export function openReadiness(
  host: ReadinessHost,
  interrupt?: AbortSignal,
): Readiness {
  const waiting = new Set<Waiting>();
  const eyes = openEyes(host);
  let wake = new AbortController();
  let isRunning = false;
  let isGrowing = false;
  const stop = () => wake.abort();
  const run = async () => {
    isRunning = true;
    interrupt?.addEventListener("abort", stop);
    try {
      while (waiting.size > 0) {
        // Those that are started together are looked at together.
        const begun = host.clock.elapsed();
        while (isGrowing && host.clock.elapsed() - begun < GATHER_MS) {
          isGrowing = false;
          await host.clock.sleep(0);
        }
        // Renewed before the look: what happens meanwhile must end the pause.
        wake = new AbortController();
        const before = host.clock.elapsed();
        const sight = await eyes.look([...waiting].map(({ unit }) => unit));
        for (const one of [...waiting]) {
          const outcome = judge(host, one, sight, interrupt);
          if (outcome === undefined) continue;
          waiting.delete(one);
          one.settle(outcome);
        }
        if (waiting.size === 0) return;
        const pause = pauseOf(host, waiting, host.clock.elapsed() - before);
        await host.clock.sleep(pause, wake.signal);
      }
    } finally {
      interrupt?.removeEventListener("abort", stop);
      isRunning = false;
    }
  };
  return {
    wait(unit) {
      const { promise, resolve, reject } = Promise.withResolvers<
        ReadyOutcome
      >();
      const one: Waiting = {
        unit,
        startedAt: host.clock.elapsed(),
        probe: openProbe(host, unit, () => wake.abort()),
        settle: resolve,
        exitCode: undefined,
      };
      unit.exited.then((code) => {
        one.exitCode = code;
        eyes.expectChange();
        wake.abort();
      });
      waiting.add(one);
      isGrowing = true;
      wake.abort();
      if (!isRunning) run().catch(reject);
      return promise;
    },
  };
}

/** A look may not take more of the machine than what it looks for. */
function pauseOf(
  { clock }: ReadinessHost,
  waiting: ReadonlySet<Waiting>,
  lookMs: number,
): number {
  const now = clock.elapsed();
  const ages = [...waiting].map((one) => now - one.startedAt);
  const pause = Math.min(...ages) / PAUSE_PART;
  return Math.min(Math.max(pause, lookMs, FIRST_PAUSE_MS), LAST_PAUSE_MS);
}

function judge(
  host: ReadinessHost,
  one: Waiting,
  sight: Sight,
  interrupt: AbortSignal | undefined,
): ReadyOutcome | undefined {
  const { unit, startedAt, probe, exitCode } = one;
  const afterMs = host.clock.elapsed() - startedAt;
  const isOver = exitCode !== undefined && hasEnded(unit, exitCode, sight);
  if (unit.ready.kind === "exit") {
    if (exitCode === 0) return { kind: "ready", port: undefined, afterMs };
  } else if (!isOver) {
    const found = probe.look(sight, afterMs);
    if (found !== undefined) {
      return { kind: "ready", port: found.port, afterMs };
    }
  }
  if (isOver) return ended(host, unit, exitCode);
  const fail = (reason: "interrupted" | "timeout", message: string) =>
    ({
      kind: "failed",
      reason,
      message,
      exitCode: undefined,
      lastWords: lastWords(host, unit.logPath, unit.logFrom),
    }) as const;
  if (interrupt?.aborted) {
    return fail("interrupted", `${unit.name} was not waited for any longer`);
  }
  if (afterMs < unit.timeoutMs) return undefined;
  const limit = `${unit.name} is not ready after ${unit.timeoutMs} ms`;
  return fail("timeout", `${limit}: ${probe.describe()}`);
}

/** One that ends well may have left the service behind, as daemons do. */
function hasEnded(
  { identity, ready }: StartingUnit,
  exitCode: number,
  { members, isFull }: Sight,
): boolean {
  if (exitCode !== 0 || ready.kind === "exit") return true;
  return isFull && (members.get(identity) ?? []).length === 0;
}

function ended(
  host: ReadinessHost,
  unit: StartingUnit,
  exitCode: number,
): ReadyOutcome {
  const words = lastWords(host, unit.logPath, unit.logFrom);
  const why = words === undefined ? "it wrote nothing to its log" : words;
  return {
    kind: "failed",
    reason: "ended",
    message: `${unit.name} ended with exit code ${exitCode}: ${why}`,
    exitCode,
    lastWords: words,
  };
}
