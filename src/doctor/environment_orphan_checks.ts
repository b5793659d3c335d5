/**
 * What is left over from units, by what may be done with it; and whether a
 * unit has taken the terminal.
 *
 * @module
 */

import {
  classifyOrphan,
  explainOrphan,
  type OrphanClass,
  type OrphanVerdict,
} from "../environment/orphan_class.ts";
import type {
  OrphanCandidate,
  OrphanLook,
} from "../environment/orphan_facts.ts";
import {
  checksOf,
  type EnvironmentCheck,
  RECLAIM,
  REPAIR,
} from "./environment_check.ts";

const check = checksOf("orphans");

interface Judged {
  readonly candidate: OrphanCandidate;
  readonly verdict: OrphanVerdict;
}

/** Judges every process that might be left over. */
export function orphanChecks(look: OrphanLook): readonly EnvironmentCheck[] {
  if (look.kind === "unknown") {
    return [
      check("processes", "fail", `Processes cannot be seen: ${look.reason}`, {
        remedy: "Processes must be visible, as with /proc on Linux",
      }),
    ];
  }
  const judged = look.candidates.map((candidate): Judged => ({
    candidate,
    verdict: classifyOrphan(candidate.facts),
  }));
  const of = (wanted: OrphanClass) =>
    judged.filter(({ verdict }) => verdict.orphanClass === wanted);
  return [
    classCheck("safe_auto", of("safe_auto"), {
      none: "Nothing is left over from earlier units",
      some: "left over and may be ended",
      remedy: RECLAIM,
    }),
    classCheck("operator_required", of("operator_required"), {
      none: "No process is doubtful",
      some: "doubtful: you decide",
      remedy: `${RECLAIM} --force`,
    }),
    check(
      "never_touch",
      "info",
      `${
        countOf(of("never_touch"))
      } with a marker or port that stay as they are`,
      { evidence: { "processes": of("never_touch").map(judgedJson) } },
    ),
  ];
}

/** What runs of a repository whose books cannot be read. */
export function brokenBooksChecks(
  look: OrphanLook,
): readonly EnvironmentCheck[] {
  if (look.kind === "unknown") return orphanChecks(look);
  const ours = look.candidates.filter(({ facts }) =>
    facts.scope === "ours" && !facts.isOwnLineage
  );
  const pids = ours.map(({ row }) => row.pid);
  const evidence = { pids };
  return [
    ours.length === 0
      ? check("marked", "pass", "Nothing runs that was started from here", {
        evidence,
      })
      : check(
        "marked",
        "warn",
        `What was started from here still runs: ${pids.join(", ")}; ` +
          "mending the list of runs tells what it is",
        { evidence, remedy: REPAIR },
      ),
  ];
}

function classCheck(
  name: OrphanClass,
  judged: readonly Judged[],
  texts: {
    readonly none: string;
    readonly some: string;
    readonly remedy: string;
  },
): EnvironmentCheck {
  const evidence = { "processes": judged.map(judgedJson) };
  if (judged.length === 0) return check(name, "pass", texts.none, { evidence });
  const who = judged.map(({ candidate, verdict }) =>
    `${candidateText(candidate)}: ${explainOrphan(verdict)}`
  ).join(" ");
  const isOne = judged.length === 1;
  return check(
    name,
    "warn",
    `${countOf(judged)} ${isOne ? "is" : "are"} ${texts.some}. ${
      who.replace(/\.$/, "")
    }`,
    { evidence, remedy: texts.remedy },
  );
}

function countOf(judged: readonly Judged[]): string {
  return judged.length === 1 ? "1 process" : `${judged.length} processes`;
}

/** A process for people: its pid, its unit or program, its ports. */
export function candidateText(
  { row, unit, program, ports }: OrphanCandidate,
): string {
  const name = unit?.name ?? program;
  const where = ports.length === 0 ? "" : ` on ${ports.join(", ")}`;
  return `${row.pid}${name === undefined ? "" : ` (${name})`}${where}`;
}

function judgedJson({ candidate, verdict }: Judged) {
  const { row, unit, program, ports } = candidate;
  return {
    "pid": row.pid,
    "unit": unit?.name ?? null,
    "program": program ?? null,
    "ports": ports,
    "cleanup_class": verdict.orphanClass,
    "reason": verdict.reason,
  };
}

/** What is known of the terminal. */
export interface TerminalFacts {
  /** Whether a person can be asked. */
  readonly isInteractive: boolean;
  /** Whether it shows colours. */
  readonly hasColor: boolean;
  /** Width in columns. */
  readonly columns: number;
  /** Height in rows. */
  readonly rows: number;
  /** What it says to be. */
  readonly term: string | undefined;
  /** Units whose input is a terminal; `undefined` when that cannot be seen. */
  readonly inputOwners:
    | readonly {
      /** Process id. */
      readonly pid: number;
      /** The terminal. */
      readonly device: string;
    }[]
    | undefined;
}

const terminalCheck = checksOf("terminal");

/** Judges the terminal: a unit that reads from it takes keys away. */
export function terminalChecks(
  facts: TerminalFacts,
): readonly EnvironmentCheck[] {
  const { isInteractive, columns, rows, hasColor, term, inputOwners } = facts;
  const kind = isInteractive
    ? `A terminal of ${columns} columns and ${rows} rows, ` +
      (hasColor ? "with colours" : "without colours")
    : "No terminal: nobody is asked, and nothing is drawn";
  const shown = terminalCheck("capabilities", "info", kind, {
    evidence: {
      "interactive": isInteractive,
      "columns": columns,
      "rows": rows,
      "color": hasColor,
      "term": term ?? null,
    },
  });
  if (inputOwners === undefined) {
    return [
      shown,
      terminalCheck(
        "input",
        "info",
        "Nobody tells here which processes read from a terminal",
      ),
    ];
  }
  const evidence = { "owners": inputOwners };
  const [first, ...others] = inputOwners;
  if (first === undefined) {
    return [
      shown,
      terminalCheck("input", "pass", "No unit reads from a terminal", {
        evidence,
      }),
    ];
  }
  const more = others.length === 0 ? "" : `, and ${others.length} more do`;
  return [
    shown,
    terminalCheck(
      "input",
      "fail",
      `Process ${first.pid} of a unit reads from ${first.device}${more}`,
      { evidence, remedy: "reeve restart; then report this, please" },
    ),
  ];
}
