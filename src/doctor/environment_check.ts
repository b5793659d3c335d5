/**
 * One check of the environment's doctor, and the gates that checks add up to.
 *
 * @module
 */

import type { JsonObject } from "../state/json_value.ts";

/** How a check ended: only `fail` keeps the environment from working. */
export type CheckStatus = "fail" | "info" | "pass" | "warn";

/** What checks are about, in the order in which people read them. */
export const CHECK_AREAS = [
  "place",
  "settings",
  "state",
  "runtime",
  "ports",
  "orphans",
  "needs",
  "terminal",
  "jobs",
  "sync",
] as const;

/** What a check is about. */
export type CheckArea = typeof CHECK_AREAS[number];

/** One check. */
export interface EnvironmentCheck {
  /** What it is about. */
  readonly area: CheckArea;
  /** Stable id, such as `state.index`; that of a unit ends with its name. */
  readonly id: string;
  /** How it ended. */
  readonly status: CheckStatus;
  /** What was found, in a sentence without its full stop. */
  readonly summary: string;
  /** What that rests on, for programs. */
  readonly evidence: JsonObject;
  /** The next step; `undefined` where there is none. */
  readonly remedy: string | undefined;
}

/** The command that mends records. */
export const REPAIR = "reeve doctor --repair";
/** The command that ends what is left over. */
export const RECLAIM = "reeve doctor --reclaim";

/** What a check may tell besides. */
export interface CheckMore {
  /** What it rests on. @default nothing */
  readonly evidence?: JsonObject;
  /** The next step. */
  readonly remedy?: string | undefined;
}

/** Makes a check: its name within the area, how it ended, what was found. */
export type MakeCheck = (
  name: string,
  status: CheckStatus,
  summary: string,
  more?: CheckMore,
) => EnvironmentCheck;

/** Makes checks of one area. */
export function checksOf(area: CheckArea): MakeCheck {
  return (name, status, summary, { evidence = {}, remedy } = {}) => ({
    area,
    id: `${area}.${name}`,
    status,
    summary,
    evidence,
    remedy,
  });
}

/** What must hold before one may rely on the environment. */
export type GateName =
  | "jobs"
  | "lifecycle"
  | "orphans"
  | "ports"
  | "runtime_truth";

const GATES: Readonly<Record<GateName, readonly CheckArea[]>> = {
  "runtime_truth": ["runtime"],
  lifecycle: ["place", "settings", "state", "needs", "terminal"],
  ports: ["ports"],
  orphans: ["orphans"],
  jobs: ["jobs"],
};

/** Each gate, and whether it is passed. */
export type Gates = Readonly<Record<GateName, "fail" | "pass">>;

/** Whether a check is one that the command fails for. */
export function isFailing(
  { status }: Pick<EnvironmentCheck, "status">,
  isStrict: boolean,
): boolean {
  return status === "fail" || isStrict && status === "warn";
}

/** The gates: each fails for the same checks as the command itself. */
export function gatesOf(
  checks: readonly EnvironmentCheck[],
  isStrict: boolean,
): Gates {
  const gate = (name: GateName) => {
    const isShut = checks.some((check) =>
      GATES[name].includes(check.area) && isFailing(check, isStrict)
    );
    return isShut ? "fail" : "pass";
  };
  return {
    "runtime_truth": gate("runtime_truth"),
    lifecycle: gate("lifecycle"),
    ports: gate("ports"),
    orphans: gate("orphans"),
    jobs: gate("jobs"),
  };
}

/** The order of areas, and of ids within each as they came. */
export function sortChecks(
  checks: readonly EnvironmentCheck[],
): readonly EnvironmentCheck[] {
  return CHECK_AREAS.flatMap((area) =>
    checks.filter((check) => check.area === area)
  );
}
