/**
 * The daemon that the state file names, and whether it is really there.
 *
 * @module
 */

import type { Host } from "../host/host.ts";
import { createAnswerer, equalsInConstantTime } from "./challenge.ts";
import type { HealthFacts } from "./candidate.ts";
import type { DaemonContext } from "./context.ts";
import { readHealth } from "./health_facts.ts";
import {
  type DaemonState,
  isComplete,
  readState,
  type StateRead,
} from "./state_file.ts";

/** Limits of the probes of a recorded daemon, in milliseconds, in order. */
const PROBE_LIMITS_MS = [100, 400, 1500];

/** What is known of the recorded daemon. */
export type CurrentDaemon =
  | { readonly kind: "none"; readonly read: StateRead }
  | {
    readonly kind: "healthy";
    readonly read: StateRead;
    readonly state: Required<DaemonState>;
    readonly health: HealthFacts;
  }
  | {
    readonly kind: "unhealthy";
    readonly read: StateRead;
    readonly state: DaemonState;
    /** Why it is not taken for healthy, as a clause. */
    readonly reason: string;
    /** Whether something holds the port and stays silent. */
    readonly isSilent: boolean;
    /** Whether it is the daemon, and says that it is about to end. */
    readonly isStopping: boolean;
  };

type CurrentHost = Pick<Host, "env" | "files" | "network" | "random">;

/**
 * Reads the state file and asks the daemon to prove that it knows the token.
 * A silent one gets several chances: a busy machine is no wedged daemon.
 */
export async function readCurrent(
  host: CurrentHost,
  context: DaemonContext,
  limitsMs: readonly number[] = PROBE_LIMITS_MS,
): Promise<CurrentDaemon> {
  const read = await readState(host, context.paths.daemonState);
  if (read.kind !== "found") return { kind: "none", read };
  const { state } = read;
  if (!isComplete(state)) {
    return {
      kind: "unhealthy",
      read,
      state,
      reason: "the state file does not name port, token and pid",
      ...NEITHER,
    };
  }
  let why: Unwell = { reason: "it was not asked", ...NEITHER };
  for (const timeoutMs of limitsMs) {
    const answer = await challenge(host, context, state, timeoutMs);
    if ("health" in answer) {
      return { kind: "healthy", read, state, health: answer.health };
    }
    why = answer;
    if (!why.isSilent) break;
  }
  return { kind: "unhealthy", read, state, ...why };
}

type Unwell = Pick<
  Extract<CurrentDaemon, { kind: "unhealthy" }>,
  "reason" | "isSilent" | "isStopping"
>;
type Answer = { readonly health: HealthFacts } | Unwell;

const NEITHER = { isSilent: false, isStopping: false } as const;

/** Asks one daemon for its health and the proof that it knows the token. */
export async function challenge(
  host: Pick<Host, "network" | "random">,
  context: Pick<DaemonContext, "scope">,
  state: Required<DaemonState>,
  timeoutMs: number,
): Promise<Answer> {
  const nonce = host.random.hex(16);
  const reply = await host.network.request({
    port: state.port,
    method: "GET",
    path: `/api/health?nonce=${nonce}`,
    timeoutMs,
  });
  const { facts, proof, scope } = readHealth(reply);
  if (!facts.responded) {
    return {
      reason: `its health answer is ${facts.outcome.replaceAll("_", " ")}`,
      isSilent: reply.kind === "timeout" || reply.kind === "reset",
      isStopping: false,
    };
  }
  const isOurs = facts.product === "reeve" && facts.daemonFamily === "sync" &&
    scope === context.scope;
  const isStopping = facts.status === "stopping";
  if (!isOurs || (facts.status !== "ok" && !isStopping)) {
    return { reason: "another program answers on its port", ...NEITHER };
  }
  if (facts.ownerPid !== state.pid || facts.ownerPort !== state.port) {
    return { reason: "another daemon answers on its port", ...NEITHER };
  }
  const expected = await createAnswerer(state.token)(nonce);
  if (proof === undefined || !equalsInConstantTime(proof, expected)) {
    return { reason: "it does not know its token", ...NEITHER };
  }
  if (isStopping) return { reason: "it is stopping", ...NEITHER, isStopping };
  return { health: facts };
}
