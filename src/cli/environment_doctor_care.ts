/**
 * What `reeve doctor` changes when it is asked to: records with `--repair`,
 * leftovers with `--reclaim`.
 *
 * @module
 */

import {
  reclaimEnvironment,
  type ReclaimOutcome,
} from "../environment/reclaim_environment.ts";
import type { PlannedEnd } from "../environment/reclaim.ts";
import { explainOrphan } from "../environment/orphan_class.ts";
import type { EnvironmentPlace } from "../environment/place.ts";
import type { Route } from "../environment/route_types.ts";
import {
  repairEnvironment,
  type RepairItem,
} from "../environment/run_repair_environment.ts";
import { candidateText } from "../doctor/environment_orphan_checks.ts";
import { KnownError } from "../errors.ts";
import type { CommandContext } from "./command.ts";
import { openProgress } from "./progress.ts";

/** What was changed. */
export interface CareOutcome {
  /** Whether nothing was to be changed. */
  readonly isDryRun: boolean;
  /** What the repair did; `undefined` when none was asked for. */
  readonly repair: readonly RepairItem[] | undefined;
  /** What reclaiming did; `undefined` when it was not asked for. */
  readonly reclaim:
    | Exclude<ReclaimOutcome, { readonly kind: "unknown" }>
    | undefined;
}

/**
 * Mends first, then ends: what is up can only be told by records that can be
 * read.
 *
 * @throws {KnownError} `unusable` when processes cannot be seen; and as
 * `repairEnvironment` and `reclaimEnvironment`.
 */
export async function takeCare(
  context: CommandContext,
  place: EnvironmentPlace,
  { flags, headless }: Pick<Route, "flags" | "headless">,
): Promise<CareOutcome> {
  const { host, isJson } = context;
  const mayAsk = !isJson && !headless && host.terminal.isInteractive;
  const isDryRun = flags.dryRun === true;
  const progress = openProgress(context, "Ending processes");
  try {
    const repair = flags.repair !== true
      ? undefined
      : await repairEnvironment(host, place, {
        isDryRun,
        ...mayAsk
          ? { ask: (question: string) => host.terminal.confirm(question) }
          : {},
      });
    if (flags.reclaim !== true) return { isDryRun, repair, reclaim: undefined };
    const reclaim = await reclaimEnvironment(host, place, {
      isForced: flags.force === true,
      isDryRun,
      onStart: progress.start,
      onDone: progress.advance,
      ...mayAsk ? { ask: (doubtful) => askAbout(context, doubtful) } : {},
    });
    if (reclaim.kind === "unknown") {
      throw new KnownError(
        "unusable",
        `Cannot see which processes there are: ${reclaim.reason}`,
        { hint: "Processes must be visible, as with /proc on Linux." },
      );
    }
    return { isDryRun, repair, reclaim };
  } finally {
    progress.finish();
  }
}

async function askAbout(
  { host: { terminal } }: CommandContext,
  doubtful: readonly PlannedEnd[],
): Promise<boolean> {
  const lines = doubtful.map(({ candidate, verdict }) =>
    `  ${candidateText(candidate)}: ${explainOrphan(verdict)}\n`
  );
  terminal.err("These processes are doubtful:\n" + lines.join(""));
  const amount = doubtful.length === 1 ? "it" : `all ${doubtful.length}`;
  return await terminal.confirm(`End ${amount} as well?`);
}
