/**
 * What a health answer says, read without trust: wrong types are absent facts.
 *
 * @module
 */

import type { LoopbackReply } from "../host/host.ts";
import type { HealthFacts } from "./candidate.ts";
import { defined } from "./defined.ts";

/** A health answer with the secrets that only comparisons may see. */
export interface HealthReading {
  /** What may be kept and shown. */
  readonly facts: HealthFacts;
  /** Scope root as the daemon spells it. */
  readonly scope: string | undefined;
  /** Control token, which old daemons hand to everybody. Secret. */
  readonly token: string | undefined;
  /** The owner block as it came. */
  readonly owner: Readonly<Record<string, unknown>> | undefined;
  /** Answer to a challenge, from our own daemons. */
  readonly proof: string | undefined;
}

type Payload = Readonly<Record<string, unknown>>;

/** Reads the reply to `GET /api/health`. */
export function readHealth(reply: LoopbackReply): HealthReading {
  if (reply.kind !== "reply") return failed(outcomeOf(reply));
  if (reply.status !== 200) return failed(`status_${reply.status}`);
  const payload = parseObject(reply.body);
  if (payload === undefined) return failed("not_json");
  const owner = asObject(payload["owner"]);
  return {
    facts: {
      responded: true,
      outcome: "ok",
      hasOwner: owner !== undefined,
      isDashboardShaped: "project_path" in payload && "status" in payload,
      ...payloadFacts(payload),
      ...ownerFacts(owner ?? {}),
    },
    scope: text(payload["singleton_scope_id"]),
    token: text(payload["token"]),
    owner,
    proof: text(payload["proof"]),
  };
}

function payloadFacts(payload: Payload): Partial<HealthFacts> {
  return defined({
    status: text(payload["status"]),
    product: text(payload["product"]),
    daemonFamily: text(payload["daemon_family"]),
    protocolVersion: integer(payload["protocol_version"]),
    packageVersion: text(payload["package_version"]),
  });
}

function ownerFacts(owner: Payload): Partial<HealthFacts> {
  return defined({
    ownerPid: integer(owner["pid"]),
    ownerPort: integer(owner["port"]),
    queueDbPath: text(owner["queue_db_path"]),
    authScope: text(owner["auth_scope"]),
    serverUrl: text(owner["server_url"]),
    startedAt: text(owner["started_at"]),
  });
}

function failed(outcome: string): HealthReading {
  return {
    facts: {
      responded: false,
      outcome,
      hasOwner: false,
      isDashboardShaped: false,
    },
    scope: undefined,
    token: undefined,
    owner: undefined,
    proof: undefined,
  };
}

function outcomeOf(reply: Exclude<LoopbackReply, { kind: "reply" }>): string {
  if (reply.kind !== "timeout") return reply.kind;
  return reply.connected ? "no_answer" : "not_accepting";
}

function parseObject(body: string): Payload | undefined {
  try {
    return asObject(JSON.parse(body));
  } catch {
    return undefined;
  }
}

function asObject(value: unknown): Payload | undefined {
  return typeof value === "object" && value !== null && !Array.isArray(value)
    ? { ...value }
    : undefined;
}

function text(value: unknown): string | undefined {
  // Control characters of a stranger must not reach a terminal.
  return typeof value === "string" && value !== ""
    // deno-lint-ignore no-control-regex
    ? value.slice(0, 1024).replace(/[\u0000-\u001f\u007f-\u009f]/g, "?")
    : undefined;
}

function integer(value: unknown): number | undefined {
  return typeof value === "number" && Number.isSafeInteger(value)
    ? value
    : undefined;
}
