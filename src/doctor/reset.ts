/**
 * Carries out `auth doctor --reset`: look, ask, lock, look again, stop.
 *
 * @module
 */

import type { Candidate } from "../daemon/candidate.ts";
import { classify } from "../daemon/classify.ts";
import type { DaemonContext, DaemonHost } from "../daemon/context.ts";
import { readCurrent } from "../daemon/current.ts";
import type { FamilyName } from "../daemon/family.ts";
import { type Journal, openJournal } from "../daemon/journal.ts";
import { type Scan, scan } from "../daemon/scan.ts";
import { rootOf, scopeDirectory } from "../daemon/scope.ts";
import { stopUnderLock } from "../daemon/stop.ts";
import { sweep, type SweepResult } from "../daemon/sweep.ts";
import { planSweep, type SweepPlan } from "../daemon/sweep_plan.ts";
import { joinPath } from "../host/path.ts";
import { acquireLock, type Lock } from "../state/lock.ts";

/** What a reset may do. */
export interface ResetOptions {
  /** Kind of daemons. */
  readonly family: FamilyName;
  /** The command, as the journal names it. */
  readonly command: string;
  /** Whether `operator_required` ones are stopped too. */
  readonly isForced: boolean;
  /** Whether a useless entry in the state file is cleared as well. */
  readonly repairsState: boolean;
  /** Asks a person about the `operator_required` ones; absent: never asked. */
  readonly ask?: (candidates: readonly Candidate[]) => Promise<boolean>;
  /** Refuses the plan made under the lock by throwing. */
  readonly check?: (plan: SweepPlan, found: Scan) => Promise<void>;
  /** Called with the number of daemons to stop, before the first one. */
  readonly onStart?: (amount: number) => void;
  /** Called when one daemon is done. */
  readonly onDone?: () => void;
  /** Stops between two steps. */
  readonly interrupt?: AbortSignal;
}

/** What a reset did. */
export interface ResetOutcome {
  /** Kind of daemons. */
  readonly family: FamilyName;
  /** Every candidate in exactly one list. */
  readonly result: SweepResult;
  /** What was done, in sentences. */
  readonly messages: readonly string[];
}

const LOCK_WAIT_MS = 3000;

/**
 * Resets the daemons of one kind.
 *
 * @throws {KnownError} `lock_busy` while another command starts or stops one.
 */
export async function reset(
  host: DaemonHost,
  context: DaemonContext,
  options: ResetOptions,
): Promise<ResetOutcome> {
  const agreesTo = await findConsent(host, context, options);
  const lock = await acquireLock(host, context.paths.daemonLock, {
    waitMs: LOCK_WAIT_MS,
  });
  if (lock === "not_needed") throw new TypeError("Cannot reset without a lock");
  using held = lock;
  const found = await scan(host, context.families, { family: options.family });
  const foreign = await takeForeignLocks(host, context);
  try {
    const plan = planSweep(found.candidates, found.viewpoint, {
      agreesTo,
      families: context.families,
      lockHeldByOthers: foreign.busy,
    });
    await options.check?.(plan, found);
    return await apply(host, held, context, options, { plan, found });
  } finally {
    for (const taken of foreign.locks) taken[Symbol.dispose]();
  }
}

async function apply(
  host: DaemonHost,
  lock: Lock,
  context: DaemonContext,
  options: ResetOptions,
  { plan, found }: { readonly plan: SweepPlan; readonly found: Scan },
): Promise<ResetOutcome> {
  const journal = openJournal(host, context.paths.journal, options.command);
  options.onStart?.(plan.stops.length);
  const { interrupt, onDone } = options;
  const result = await sweep(host, plan, {
    journal,
    machine: found.machine,
    ownVersion: context.version,
    ...(interrupt === undefined ? {} : { interrupt }),
    ...(onDone === undefined ? {} : { onDone }),
  });
  const repairs = options.repairsState && options.family === "sync" &&
    !interrupt?.aborted;
  const repaired = repairs
    ? await repairRecorded(host, lock, context, options)
    : [];
  return {
    family: options.family,
    result,
    messages: [...repaired, ...journalMessages(journal)],
  };
}

function journalMessages({ problem }: Journal): readonly string[] {
  return problem === undefined
    ? []
    : [`The journal could not be written: ${problem}.`];
}

/** Consent given at the prompt covers the very processes that were shown. */
async function findConsent(
  host: DaemonHost,
  context: DaemonContext,
  options: ResetOptions,
): Promise<(candidate: Candidate) => boolean> {
  if (options.isForced) return () => true;
  if (options.ask === undefined) return () => false;
  const found = await scan(host, context.families, { family: options.family });
  const unclear = found.candidates.filter((candidate) =>
    classify(candidate, found.viewpoint).cleanupClass === "operator_required"
  );
  if (unclear.length === 0) return () => false;
  if (!await options.ask(unclear)) return () => false;
  const shown = new Set(unclear.map(identify));
  return (candidate) => shown.has(identify(candidate));
}

function identify({ port, pid, process }: Candidate): string {
  return `${port} ${pid} ${process?.startStamp}`;
}

interface ForeignLocks {
  readonly locks: readonly Disposable[];
  readonly busy: readonly string[];
}

/**
 * Takes the start locks of other products where they exist, without creating
 * or writing anything below their roots.
 */
async function takeForeignLocks(
  host: DaemonHost,
  context: DaemonContext,
): Promise<ForeignLocks> {
  const locks: Disposable[] = [];
  const busy: string[] = [];
  for (const { product, files, hasOwnRecords } of context.families) {
    if (hasOwnRecords || files === undefined) continue;
    const root = rootOf(host.env, files);
    if (root === undefined) continue;
    const scope = scopeDirectory(host.env, files, root);
    const lock = await host.files
      .tryLock(joinPath(scope, files.lock), { create: false })
      .catch(() => "held" as const);
    if (typeof lock === "object") locks.push(lock);
    else if (lock === "held") busy.push(product);
  }
  return { locks, busy };
}

/**
 * Clears a state file that names no daemon of ours any more. While one of our
 * scope is alive the file is left: without it the next reset would take the
 * current daemon for a stale one.
 */
async function repairRecorded(
  host: DaemonHost,
  lock: Lock,
  context: DaemonContext,
  { isForced, command }: ResetOptions,
): Promise<readonly string[]> {
  const current = await readCurrent(host, context);
  if (current.kind === "healthy") return [];
  if (current.kind === "none" && current.read.kind === "missing") return [];
  const isSilent = current.kind === "unhealthy" && current.isSilent;
  const [alive] = await findOwnAlive(host, context);
  if (alive !== undefined && !(isSilent && isForced)) {
    return [
      isSilent
        ? "The recorded daemon does not answer and was left alone. " +
          "Replace it with: reeve daemon restart"
        : `The state file does not name the daemon ${alive.pid} in full; ` +
          "take it back with: reeve daemon start",
    ];
  }
  const outcome = await stopUnderLock(host, lock, context, command);
  if (outcome.kind === "stopped") {
    return [`The recorded daemon ${outcome.pid} did not answer; stopped.`];
  }
  if (outcome.kind === "not_running") return [];
  const left = outcome.pid === undefined
    ? ""
    : ` Process ${outcome.pid} was not touched.`;
  return [`The state file was cleared: ${outcome.reason}.${left}`];
}

async function findOwnAlive(
  host: DaemonHost,
  context: DaemonContext,
): Promise<readonly Candidate[]> {
  const { candidates } = await scan(host, context.families);
  return candidates.filter(({ spawn }) =>
    spawn.product === context.family.product && spawn.scope === context.scope
  );
}
