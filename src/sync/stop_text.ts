/**
 * Why delivery stands still, in words, and what to do about it.
 *
 * @module
 */

import type { StopReason } from "./pass_report.ts";

/** A reason in words. */
export interface StopText {
  /** What is the matter. */
  readonly text: string;
  /** The command that helps, if one does. */
  readonly command: string | undefined;
}

const NOW = "reeve sync now";
const LOGIN = "reeve auth login";
const DOCTOR = "reeve sync doctor";

const TEXTS: Readonly<Record<StopReason, readonly [string, string?]>> = {
  "auth_required": ["you are not signed in", LOGIN],
  "auth_unreadable": ["the stored sign-in cannot be read", "reeve auth status"],
  "bisect_budget": ["the server refuses many events; the rest waits", NOW],
  busy: ["another process delivers right now", "reeve sync status"],
  deadline: ["the time was over", NOW],
  done: ["everything was sent"],
  "endpoint_missing": [
    "the server does not know the event protocol",
    "reeve config show sync.server_url",
  ],
  forbidden: ["the server does not allow it", "reeve auth status"],
  gateway: ["the server is unavailable; your events are safe", NOW],
  interrupted: ["it was interrupted; what is left is sent later", NOW],
  "lease_lost": ["another process has taken over", "reeve sync status"],
  limit: ["the limit of this run was reached", NOW],
  "no_consent": ["the project has not opted in", "reeve sync optin"],
  "no_server": [
    "no server is configured",
    "reeve config set sync.server_url URL",
  ],
  "not_admitted": [
    "the server has not admitted the project",
    "reeve auth whoami",
  ],
  "not_json": ["something else answers in place of the server", DOCTOR],
  "offline_wait": ["the server was not reachable", NOW],
  protocol: ["server and reeve speak different versions", DOCTOR],
  redirected: [
    "the server sends us elsewhere",
    "reeve config show sync.server_url",
  ],
  "server_error": ["the server failed; your events are safe", NOW],
  throttled: ["the server asks for time", NOW],
  timeout: ["the server did not answer in time; your events are safe", NOW],
  transient: ["the sign-in cannot be refreshed right now", NOW],
  transport: ["the server cannot be reached; your events are safe", NOW],
  "workspace_missing": [
    "no workspace is chosen",
    "reeve config set sync.workspace SLUG",
  ],
};

/** A reason in words, with the command that helps. */
export function stopText(reason: StopReason): StopText {
  const [text, command] = TEXTS[reason] ?? [reason.replaceAll("_", " ")];
  return { text, command };
}

/** All reasons, for tests and documentation. */
export const STOP_REASONS: readonly StopReason[] = Object.keys(
  TEXTS,
) as StopReason[];

/** Reasons for which a server or network has to come back. */
const NOT_READY: readonly StopReason[] = [
  "gateway",
  "not_json",
  "offline_wait",
  "server_error",
  "throttled",
  "timeout",
  "transient",
  "transport",
];

/** Whether what is missing is the server, not something of ours. */
export function isServerMissing(reason: StopReason): boolean {
  return NOT_READY.includes(reason);
}
