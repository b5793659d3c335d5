/**
 * Why a verdict about a unit was given, in words; and how bad it is.
 *
 * @module
 */

import type { ServiceStatus } from "./model.ts";
import type { UnitTree } from "./process_tree.ts";

/** What was seen, in a word that scripts may match on. */
export type EvidenceFact =
  | "alive"
  | "earlier_boot"
  | "gone"
  | "no_listener"
  | "other_listener"
  | "port_taken"
  | "rebound"
  | "reused"
  | "stopped"
  | "unknown"
  | "unproved_member"
  | "unseen_owner";

/** One reason for a verdict. */
export interface Evidence {
  /** What was seen. */
  readonly fact: EvidenceFact;
  /** The same for people, a sentence without its full stop. */
  readonly text: string;
}

type Leader = Extract<UnitTree, { kind: "known" }>["leader"];

/** Why nothing of a unit runs. */
export function explainNoMembers(leader: Leader): Evidence {
  switch (leader) {
    case "earlier_boot":
      return { fact: leader, text: "the machine was started anew since then" };
    case "reused":
      return {
        fact: leader,
        text: "it has ended, and another process has its process id",
      };
    case "gone":
    case "same":
    case "zombie":
      return { fact: "gone", text: "it has ended" };
  }
}

/** Who has a port, as far as that can be seen. */
export function ownerText(
  port: number,
  owner: {
    readonly pid: number | undefined;
    readonly uid: number | undefined;
    readonly program: string | undefined;
  },
): string {
  if (owner.pid === undefined) {
    const whose = owner.uid === undefined ? "" : ` of user ${owner.uid}`;
    return `port ${port} is taken by a process${whose} that cannot be seen`;
  }
  const name = owner.program === undefined ? "" : ` (${owner.program})`;
  return `port ${port} is taken by process ${owner.pid}${name}`;
}

/** How bad a status is for the whole environment. */
export type Severity = "critical" | "degraded" | "fine" | "pending";

/** The one place that decides how bad the state of a unit is. */
export function severityOf(
  status: ServiceStatus,
  isCritical: boolean,
): Severity {
  switch (status) {
    case "finished":
    case "running":
    case "stopped":
      return "fine";
    case "starting":
      return "pending";
    case "degraded":
      return "degraded";
    case "stale":
    case "termination_failed":
    case "unreachable":
    case "unverified":
      return isCritical ? "critical" : "degraded";
  }
}

const ORDER: readonly Severity[] = ["fine", "pending", "degraded", "critical"];

/** The worst of several; of none it is `fine`. */
export function worstOf(severities: readonly Severity[]): Severity {
  const ranks = severities.map((one) => ORDER.indexOf(one));
  return ORDER[Math.max(0, ...ranks)] ?? "fine";
}
