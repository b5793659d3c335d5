/**
 * The audit of the sign-in: every change, when, by which method, and what came
 * of it. No token is ever in it.
 *
 * @module
 */

import { type Host, HostError } from "../host/host.ts";
import type { StatePaths } from "../state/paths.ts";
import type { SignInMethod } from "./session.ts";

/** One line of the audit. */
export interface AuditEntry {
  /** What was done. */
  readonly action: "login" | "logout" | "refresh";
  /** How the person had signed in, or tried to. */
  readonly method: SignInMethod | undefined;
  /** What came of it, in a word. */
  readonly outcome: string;
  /** Server that it was about. */
  readonly server: string | undefined;
  /** Id of the person, when it is known. */
  readonly userId: string | undefined;
}

/** Appends one line; a disk that refuses keeps nobody from signing in or out. */
export async function appendAudit(
  host: Pick<Host, "clock" | "env" | "files">,
  paths: StatePaths,
  entry: AuditEntry,
): Promise<void> {
  const line = JSON.stringify({
    "at": new Date(host.clock.now()).toISOString(),
    "action": entry.action,
    "method": entry.method ?? null,
    "outcome": entry.outcome,
    "server": entry.server ?? null,
    "user_id": entry.userId ?? null,
    "pid": host.env.pid,
  });
  try {
    await host.files.append(paths.authAudit, `${line}\n`);
  } catch (error) {
    if (!(error instanceof HostError)) throw error;
  }
}
