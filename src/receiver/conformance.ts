/**
 * The conformance suite: whether a server keeps the event protocol.
 *
 * @module
 */

import { isRecord } from "./canonical_json.ts";
import { BATCH_CHECKS } from "./conformance_batches.ts";
import {
  type Check,
  type CheckOutcome,
  runCheck,
} from "./conformance_check.ts";
import { LIMIT_CHECKS, RETRY_AFTER_CHECK } from "./conformance_limits.ts";
import {
  ask,
  CheckFailed,
  get,
  type Probe,
  type ProbeHost,
  type ProbeReply,
  type StatedLimits,
} from "./conformance_probe.ts";
import { SESSION_CHECKS } from "./conformance_sessions.ts";
import { SOCKET_CHECKS } from "./conformance_sockets.ts";

/** What to check. */
export interface ConformanceOptions {
  /** Base URL, without a slash at the end. */
  readonly url: string;
  /** Gives the access token, if there is one. */
  readonly readToken: () => Promise<string | undefined>;
  /** Workspace that test events go to. @default the user's default one */
  readonly workspace?: string;
  /** Limit for one answer or frame. @default 10000 */
  readonly timeoutMs?: number;
  /** Told after each check. */
  readonly onCheck?: (outcome: CheckOutcome) => void;
}

/** What the suite found. */
export type ConformanceReport =
  | { readonly kind: "unreachable"; readonly reason: string }
  | { readonly kind: "no_token" }
  | { readonly kind: "token_rejected" }
  | {
    readonly kind: "checked";
    /** Workspace that test events went to. */
    readonly workspace: string;
    /** What each check gave. */
    readonly checks: readonly CheckOutcome[];
  };

/** Every check, in the order of their running. */
export const CHECKS: readonly Check[] = [
  ...SESSION_CHECKS,
  ...BATCH_CHECKS,
  ...LIMIT_CHECKS,
  ...SOCKET_CHECKS,
  // Whether it was busy shows only now.
  RETRY_AFTER_CHECK,
];

const TIMEOUT_MS = 10_000;

/** Where a server says nothing, what the protocol shows. */
const USUAL_LIMITS: StatedLimits = {
  maxEvents: 1000,
  maxBytes: 524_288,
  maxRetrySeconds: 3600,
};

/** Checks a server; writes events to projects of their own. */
export async function checkConformance(
  host: ProbeHost,
  options: ConformanceOptions,
): Promise<ConformanceReport> {
  const { url, timeoutMs = TIMEOUT_MS, onCheck } = options;
  const health = await reach({ host, timeoutMs }, url);
  if (typeof health === "string") {
    return { kind: "unreachable", reason: health };
  }
  const token = await options.readToken();
  if (token === undefined) return { kind: "no_token" };
  const limits = limitsOf(health);
  const base = { host, url, token, limits, timeoutMs, waits: [] };
  const usual = await findWorkspace(base);
  if (usual === undefined) return { kind: "token_rejected" };
  const workspace = options.workspace ?? usual;
  const probe = { ...base, workspace };
  const checks: CheckOutcome[] = [];
  for (const check of CHECKS) {
    const outcome = await runCheck(probe, check);
    onCheck?.(outcome);
    checks.push(outcome);
  }
  return { kind: "checked", workspace, checks };
}

async function reach(
  probe: Pick<Probe, "host" | "timeoutMs">,
  base: string,
): Promise<ProbeReply | string> {
  try {
    const url = `${base}/api/v1/sync/health/`;
    return await ask(probe, { url, method: "GET" });
  } catch (error) {
    if (error instanceof CheckFailed) return error.message;
    throw error;
  }
}

function limitsOf({ json }: ProbeReply): StatedLimits {
  const read = (key: string, usual: number) => {
    const value = json[key];
    return typeof value === "number" && value >= 1 ? value : usual;
  };
  const { maxEvents, maxBytes, maxRetrySeconds } = USUAL_LIMITS;
  return {
    maxEvents: read("max_events_per_batch", maxEvents),
    maxBytes: read("max_decompressed_bytes_per_batch", maxBytes),
    maxRetrySeconds: read("retry_after_max_seconds", maxRetrySeconds),
  };
}

/** The default workspace of the user; `undefined` for a rejected token. */
async function findWorkspace(
  base: Omit<Probe, "workspace">,
): Promise<string | undefined> {
  const reply = await tryMe({ ...base, workspace: "" });
  if (reply?.status === 401) return undefined;
  const { workspaces } = reply?.json ?? {};
  const list = Array.isArray(workspaces) ? workspaces.filter(isRecord) : [];
  const chosen = list.find((one) => one["is_default"] === true) ?? list[0];
  return String(chosen?.["slug"] ?? "unknown");
}

async function tryMe(probe: Probe): Promise<ProbeReply | undefined> {
  try {
    return await get(probe, "/api/v1/me");
  } catch (error) {
    // The check of this answer will say what is wrong with it.
    if (error instanceof CheckFailed) return undefined;
    throw error;
  }
}
