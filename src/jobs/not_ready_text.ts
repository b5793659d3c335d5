/**
 * Says why the queue runtime cannot start, and what to do about it, without
 * saying a secret.
 *
 * @module
 */

import type { QueueBackend } from "./backend.ts";
import { DEFAULT_TENANT } from "./names.ts";
import {
  type NotReadyCode,
  QueueNotReadyError,
  type Readiness,
  type ReadyCheck,
} from "./readiness.ts";

/** What names a backend for people. */
export type Named = Pick<QueueBackend, "kind" | "place" | "tenant">;

/** What failed on the way to a running queue. */
export interface Failure {
  /** Why, for programs. */
  readonly code: NotReadyCode;
  /** What was asked or done, such as `reachable`. */
  readonly check: string;
  /** What came of it, in a sentence. */
  readonly detail: string;
  /** What to do, if that is known better than by the kind of backend. */
  readonly hint?: string | undefined;
  /** The error behind it. */
  readonly cause?: unknown;
}

const ADDRESS = /\b[a-z][a-z0-9+.-]*:\/\/[^\s"'<>]+/gi;
const SCHEME = /^[a-z][a-z0-9+.-]*:\/\//i;
const HOST = /^(?:\[[0-9a-f:.]*\]|[^:\[\]\s]*)(?::[0-9]*)?$/i;

/**
 * An address without user, password, query and fragment, which stars stand
 * for. Of one that can be read in two ways, because somebody has written a
 * password into it as it is, only the scheme is left.
 */
export function redactUrl(url: string): string {
  const [scheme = ""] = SCHEME.exec(url) ?? [];
  const rest = url.slice(scheme.length);
  const at = rest.lastIndexOf("@");
  const user = rest.slice(0, Math.max(0, at));
  const place = rest.slice(at + 1);
  const [shown = ""] = /^[^?#]*/.exec(place) ?? [];
  const [host = ""] = shown.split("/");
  if (scheme !== "" && (/[/?#]/.test(user) || !HOST.test(host))) {
    return `${scheme}***`;
  }
  return scheme + (at === -1 ? "" : "***@") + shown +
    (shown === place ? "" : "?***");
}

/** A text in which every address has lost its secrets. */
export function redactText(text: string): string {
  return text.replace(ADDRESS, redactUrl);
}

/** The check that keeps the runtime from starting. */
export function failedCheck(
  { kind }: Named,
  readiness: Readiness,
): Failure | undefined {
  const failed = readiness.checks.find(({ level }) => level === "fail");
  if (failed === undefined && readiness.ok) return undefined;
  return {
    check: failed?.check ?? "readiness",
    code: failed?.code ?? unusable(kind),
    detail: failed?.detail ?? "it says that it is not ready, but not why",
    hint: failed?.hint,
  };
}

/** The code of a failure about which nothing more is known. */
export function unusable(kind: Named["kind"]): NotReadyCode {
  return kind === "redis" ? "QUEUE_REDIS_UNREACHABLE" : "QUEUE_STORE_UNUSABLE";
}

/**
 * The error for a failure.
 *
 * @param ms how long it has taken to fail, in milliseconds.
 */
export function notReady(
  backend: Named,
  failure: Failure,
  ms: number,
): QueueNotReadyError {
  const { check, code, detail, cause } = failure;
  const endpoint = redactText(backend.place);
  const told = withoutStop(redactText(detail));
  const why = code === "QUEUE_POLICY"
    ? `its policy does not allow it: ${told}`
    : `it needs ${
      requirement(backend.kind, endpoint)
    }, and "${check}" failed ` +
      `after ${Math.round(ms)} ms: ${told}`;
  return new QueueNotReadyError(
    `Cannot start the job queue${ofTenant(backend)}: ${why}`,
    { reason: code, backend: backend.kind, endpoint, check },
    { hint: redactText(remedies(backend.kind, failure)), cause },
  );
}

/** A line about something that is not as it should be, but does no harm yet. */
export function readinessWarning(
  { detail, hint }: Pick<ReadyCheck, "detail" | "hint">,
): string {
  const advice = hint === undefined ? "" : ` (${withoutStop(hint)})`;
  return redactText(`The job queue: ${withoutStop(detail)}${advice}`);
}

function ofTenant({ tenant }: Named): string {
  return tenant === DEFAULT_TENANT ? "" : ` of the tenant ${tenant}`;
}

function requirement(kind: Named["kind"], endpoint: string): string {
  switch (kind) {
    case "redis":
      return `Redis at ${endpoint}`;
    case "sqlite":
      return `the file ${endpoint}`;
    case "memory":
      return "room in memory";
  }
}

/** What to do about Redis, and the way around it. */
export function orWithoutRedis(hint: string): string {
  return `${withoutStop(hint)}. Where one machine is enough, do without ` +
    "Redis: reeve config set queue.backend sqlite";
}

function remedies(kind: Named["kind"], { code, hint }: Failure): string {
  if (code === "QUEUE_POLICY") {
    return hint ?? "Do what the policy asks for, then start again.";
  }
  switch (kind) {
    case "redis":
      return orWithoutRedis(hint ?? "Start Redis, or correct queue.redis_url");
    case "sqlite":
      return hint ??
        "Make the file usable, or set REEVE_HOME to a directory that is.";
    case "memory":
      return hint ?? "Start again.";
  }
}

function withoutStop(sentence: string): string {
  return sentence.replace(/\.$/, "");
}
