/**
 * What `reeve doctor` has changed, as text and as JSON: `environment_care`,
 * schema version 1.
 *
 * @module
 */

import { explainOrphan } from "../environment/orphan_class.ts";
import type {
  KeptEntry,
  PlannedEnd,
  ReclaimPlan,
  ReclaimResult,
} from "../environment/reclaim.ts";
import type { RepairItem } from "../environment/run_repair_environment.ts";
import type { JsonObject } from "../state/json_value.ts";
import { candidateText } from "../doctor/environment_orphan_checks.ts";
import type { CareOutcome } from "./environment_doctor_care.ts";
import { toOneLine } from "./one_line.ts";

/** Whether everything that was to be done was done. */
export function isCareFine({ repair = [], reclaim }: CareOutcome): boolean {
  return repair.every(({ outcome }) => outcome !== "failed") &&
    (reclaim?.kind !== "done" || reclaim.result.failed.length === 0);
}

/** What was changed, as text. */
export function careText(outcome: CareOutcome): string {
  const { repair, reclaim, isDryRun } = outcome;
  const blocks = [
    ...repair === undefined ? [] : [repairText(repair, isDryRun)],
    ...reclaim === undefined ? [] : [
      reclaim.kind === "planned"
        ? planText(reclaim.plan)
        : resultText(reclaim.result, reclaim.problem),
    ],
  ];
  const next = isDryRun
    ? "Nothing was done."
    : "See what is left: reeve doctor";
  return [...blocks, next].join("\n\n");
}

const WORDS: Readonly<Record<RepairItem["outcome"], string>> = {
  done: "mended ",
  failed: "failed ",
  left: "left   ",
  planned: "planned",
};

function repairText(items: readonly RepairItem[], isDryRun: boolean): string {
  if (items.length === 0) {
    return "--repair: every record is sound; nothing to mend.";
  }
  const count = (wanted: RepairItem["outcome"]) =>
    items.filter(({ outcome }) => outcome === wanted).length;
  const head = isDryRun
    ? `to mend: ${count("planned")} · left: ${count("left")}`
    : `mended: ${count("done")} · left: ${count("left")} · ` +
      `failed: ${count("failed")}`;
  const left = count("left") === 0
    ? []
    : ["To end what runs and nobody has recorded: reeve doctor --reclaim"];
  return [
    head,
    ...items.map(({ outcome, message }) =>
      `${WORDS[outcome]} ${toOneLine(message)}`
    ),
    ...left,
  ].join("\n");
}

const NOTHING = "--reclaim: nothing is left over; no-op.";

function planText({ ends, skipped }: ReclaimPlan): string {
  if (ends.length === 0 && skipped.length === 0) return NOTHING;
  return [
    `to end: ${ends.length} · skipped: ${skipped.length}`,
    ...ends.map(({ candidate, verdict }) =>
      toOneLine(
        `to end  ${candidateText(candidate)} ${verdict.orphanClass}: ` +
          explainOrphan(verdict),
      )
    ),
    ...skipped.map(skippedText),
    ...forceHint(skipped),
  ].join("\n");
}

function resultText(
  { swept, skipped, failed }: ReclaimResult,
  problem: string | undefined,
): string {
  const journal = problem === undefined
    ? []
    : [`The journal of signals could not be written: ${problem}`];
  const total = swept.length + skipped.length + failed.length;
  if (total === 0) return [NOTHING, ...journal].join("\n");
  const waiting = skipped.length > 0
    ? ` (${skipped.length} operator_required)`
    : "";
  return [
    `swept: ${swept.length} · skipped: ${skipped.length}${waiting} · ` +
    `failed: ${failed.length}`,
    ...swept.map((entry) =>
      toOneLine(
        `swept   ${whoText(entry)} ` +
          (entry.cleanup_path === null
            ? "had ended by itself"
            : `via ${entry.cleanup_path}`) +
          ` (${entry.reason})`,
      )
    ),
    ...skipped.map(skippedText),
    ...failed.map((entry) =>
      toOneLine(
        `failed  ${whoText({ ...entry, unit: null })} ` +
          `${entry.failure_reason}: ${entry.detail}`,
      )
    ),
    ...forceHint(skipped),
    ...journal,
  ].join("\n");
}

function whoText(
  { pid, ports, unit }: Pick<KeptEntry, "pid" | "ports" | "unit">,
): string {
  const where = ports.length === 0 ? "" : ` port ${ports.join(", ")}`;
  return `pid ${pid}${where}${unit === null ? "" : ` ${unit}`}`;
}

function skippedText(entry: KeptEntry): string {
  return toOneLine(
    `skipped ${whoText(entry)} ${entry.skip_reason}: ${entry.detail}`,
  );
}

function forceHint(skipped: readonly KeptEntry[]): readonly string[] {
  if (skipped.length === 0) return [];
  const amount = skipped.length === 1 ? "it" : `these ${skipped.length}`;
  return [`To end ${amount} as well: reeve doctor --reclaim --force`];
}

/** What was changed, as a document. */
export function careJson(outcome: CareOutcome): JsonObject {
  const { isDryRun, repair, reclaim } = outcome;
  return {
    "schema": "environment_care",
    "schema_version": 1,
    "ok": isCareFine(outcome),
    "dry_run": isDryRun,
    "repair": repair === undefined
      ? null
      : repair.map(({ part, outcome: result, message }) => ({
        "part": part,
        "outcome": result,
        "message": message,
      })),
    "reclaim": reclaim === undefined ? null : reclaimJson(reclaim),
  };
}

function reclaimJson(
  reclaim: NonNullable<CareOutcome["reclaim"]>,
): JsonObject {
  if (reclaim.kind === "planned") {
    const { ends, skipped } = reclaim.plan;
    return {
      "planned": ends.map(plannedJson),
      "swept": [],
      "skipped": skipped.map((entry) => ({ ...entry })),
      "failed": [],
      "journal_problem": null,
    };
  }
  const { swept, skipped, failed } = reclaim.result;
  return {
    "planned": [],
    "swept": swept.map((entry) => ({ ...entry })),
    "skipped": skipped.map((entry) => ({ ...entry })),
    "failed": failed.map((entry) => ({ ...entry })),
    "journal_problem": reclaim.problem ?? null,
  };
}

function plannedJson({ candidate, verdict }: PlannedEnd): JsonObject {
  return {
    "pid": candidate.row.pid,
    "ports": candidate.ports,
    "unit": candidate.unit?.name ?? null,
    "cleanup_class": verdict.orphanClass,
    "reason": verdict.reason,
    "detail": explainOrphan(verdict),
  };
}
