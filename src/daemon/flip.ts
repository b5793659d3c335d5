/**
 * Which single fact would change a verdict: found by changing each one and
 * asking the decision table again, so that it can never say otherwise.
 *
 * @module
 */

import type { Candidate, Viewpoint } from "./candidate.ts";
import { classify, type CleanupClass, type SkipReason } from "./classify.ts";

/** One change of one fact and what the table would say then. */
export interface Flip {
  /** The changed fact. */
  readonly fact: string;
  /** The change, in words. */
  readonly change: string;
  /** The class after the change. */
  readonly cleanupClass: CleanupClass;
  /** The reason after the change. */
  readonly skipReason: SkipReason | null;
}

interface Change {
  readonly fact: string;
  readonly change: string;
  readonly apply: (c: Candidate, from: Viewpoint) => [Candidate, Viewpoint];
}

function change(
  fact: string,
  words: string,
  apply: (candidate: Candidate, from: Viewpoint) => Candidate,
): Change {
  return {
    fact,
    change: words,
    apply: (candidate, from) => [apply(candidate, from), from],
  };
}

function ownScope(candidate: Candidate, from: Viewpoint): string {
  const product = candidate.spawn.product ?? "reeve";
  return from.scopes[product].scope ?? "/own/scope";
}

const CHANGES: readonly Change[] = [
  change("spawn_shape", "its argv were not a daemon's", (c) => ({
    ...c,
    spawn: { ...c.spawn, shape: "none" },
  })),
  change("spawn_shape", "its argv were a daemon's with our marker", (c, f) => ({
    ...c,
    spawn: {
      ...c.spawn,
      shape: "marked",
      product: c.spawn.product ?? "reeve",
      family: f.family,
      scope: ownScope(c, f),
    },
  })),
  change("scope_marker", "its marker named our scope", (c, f) => ({
    ...c,
    spawn: { ...c.spawn, scope: ownScope(c, f) },
  })),
  change("scope_marker", "its marker named another scope", (c) => ({
    ...c,
    spawn: { ...c.spawn, scope: "/another/scope" },
  })),
  change("health_answer", "it did not answer", (c) => ({
    ...c,
    health: {
      responded: false,
      outcome: "no_answer",
      hasOwner: false,
      isDashboardShaped: false,
    },
  })),
  change("health_answer", "it answered with its own pid and port", (c) => ({
    ...c,
    health: {
      ...c.health,
      responded: true,
      outcome: "ok",
      status: "ok",
      protocolVersion: c.health.protocolVersion ?? 1,
      hasOwner: true,
      ...(c.pid === undefined ? {} : { ownerPid: c.pid }),
      ownerPort: c.port,
    },
  })),
  change("self_report", "its report named another process", (c) => ({
    ...c,
    health: { ...c.health, ownerPid: 1, ownerPort: c.port },
    credentials: { ...c.credentials, ownerBlock: "not_on_disk" },
  })),
  change("listener_pid", "its process could not be found", (c) => {
    const { pid: _, ...rest } = c;
    return rest;
  }),
  {
    fact: "named_by_state_file",
    change: "the state file named it",
    apply: (c, f) => [c, withSingleton(c, f, { port: c.port })],
  },
  {
    fact: "named_by_state_file",
    change: "the state file did not name it",
    apply: (c, f) => [
      {
        ...c,
        credentials: { ...c.credentials, stateTokenIsHealthToken: false },
      },
      withSingleton(c, f, {}),
    ],
  },
];

function withSingleton(
  candidate: Candidate,
  from: Viewpoint,
  singleton: { readonly port?: number },
): Viewpoint {
  const product = candidate.spawn.product ?? "reeve";
  const view = from.scopes[product];
  return {
    ...from,
    scopes: { ...from.scopes, [product]: { ...view, singleton } },
  };
}

/** Lists the single changes that would lead to another class or reason. */
export function findFlips(
  candidate: Candidate,
  from: Viewpoint,
): readonly Flip[] {
  const now = classify(candidate, from);
  return CHANGES.flatMap(({ fact, change, apply }) => {
    const then = classify(...apply(candidate, from));
    const isSame = then.cleanupClass === now.cleanupClass &&
      then.skipReason === now.skipReason;
    if (isSame) return [];
    const { cleanupClass, skipReason } = then;
    return [{ fact, change, cleanupClass, skipReason }];
  });
}
