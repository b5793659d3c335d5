/**
 * The session on disk: a file that only its owner can read. Its protection is
 * its permissions and nothing else, so a session whose permissions are wrong
 * is refused.
 *
 * @module
 */

import { KnownError } from "../errors.ts";
import { type Host, HostError } from "../host/host.ts";
import { type DocumentRead, readDocument } from "../state/document.ts";
import type { Lock } from "../state/lock.ts";
import type { StatePaths } from "../state/paths.ts";
import type { Session, StoredSession } from "./session.ts";
import {
  fromSessionRecord,
  toSessionRecord,
  toSummary,
} from "./session_record.ts";
import type { SessionRecord, SessionSummary } from "./session_schema.ts";

type Refused = Extract<StoredSession, { readonly kind: "unreadable" }>;

const SIGN_IN_AGAIN = "Sign in again: reeve auth login --force";

async function loadSchema() {
  return (await import("./session_schema.ts")).sessionSchema;
}

async function loadSummarySchema() {
  return (await import("./session_schema.ts")).sessionSummarySchema;
}

/** Reads the stored session; changes nothing, whatever it finds. */
export async function readSession(
  host: Pick<Host, "files">,
  paths: StatePaths,
): Promise<StoredSession> {
  try {
    if (await host.files.stat(paths.session) === undefined) {
      return { kind: "missing" };
    }
    const loose = await findLooseMode(host, paths.auth, 0o700) ??
      await findLooseMode(host, paths.session, 0o600);
    if (loose !== undefined) return loose;
  } catch (error) {
    if (!(error instanceof HostError)) throw error;
    return noAccess(error.code.replaceAll("_", " "), paths);
  }
  return judge(await readDocument(host, paths.session, loadSchema), paths);
}

function judge(
  read: DocumentRead<SessionRecord>,
  paths: StatePaths,
): StoredSession {
  switch (read.kind) {
    case "missing":
      return { kind: "missing" };
    case "unreadable":
      return noAccess(read.reason, paths);
    case "too_new":
      return {
        kind: "unreadable",
        problem: "too_new",
        reason: `${paths.session} has version ${read.version}`,
        fix: "It is from a newer reeve: upgrade this one.",
      };
    case "damaged":
      return damaged(read.reason, paths);
    case "found": {
      const session = fromSessionRecord(read.value);
      if (session === undefined) return damaged("its server is none", paths);
      return { kind: "found", session };
    }
  }
}

function damaged(reason: string, paths: StatePaths): Refused {
  return {
    kind: "unreadable",
    problem: "damaged",
    reason: `${paths.session} is damaged: ${reason}`,
    fix: SIGN_IN_AGAIN,
  };
}

function noAccess(reason: string, paths: StatePaths): Refused {
  return {
    kind: "unreadable",
    problem: "no_access",
    reason: `${paths.session} cannot be read: ${reason}`,
    fix: `Check who owns it: ls -ld ${quote(paths.session)}`,
  };
}

async function findLooseMode(
  host: Pick<Host, "files">,
  path: string,
  expected: number,
): Promise<Refused | undefined> {
  const mode = (await host.files.stat(path))?.mode;
  if (mode === undefined || (mode & 0o077) === 0) return undefined;
  return {
    kind: "unreadable",
    problem: "loose_mode",
    reason: `others can use ${path}: its mode is ${(mode & 0o777).toString(8)}`,
    fix: `Make it yours alone: chmod ${expected.toString(8)} ${quote(path)}`,
  };
}

/** A path as a shell takes it. */
function quote(path: string): string {
  return `'${path.replaceAll("'", "'\\''")}'`;
}

/**
 * Sees to it that no session is put where others could read it.
 *
 * @throws {KnownError} `unusable` when the directory's mode is wrong.
 */
export async function requirePrivateDirectory(
  host: Pick<Host, "files">,
  paths: StatePaths,
): Promise<void> {
  const loose = await findLooseMode(host, paths.auth, 0o700);
  if (loose === undefined) return;
  throw new KnownError(
    "unusable",
    `Cannot keep a sign-in in ${paths.auth}: ${loose.reason}`,
    { hint: loose.fix },
  );
}

/**
 * Stores a session as the next generation of what it was made from.
 *
 * @param lock proof that nobody else changes the sign-in.
 * @returns the session as it is stored.
 * @throws {HostError} when the machine refuses; then the old one is still
 * there.
 */
export async function writeSession(
  host: Pick<Host, "files">,
  paths: StatePaths,
  { lock: _, session }: { readonly lock: Lock; readonly session: Session },
): Promise<Session> {
  await requirePrivateDirectory(host, paths);
  const next = nextGeneration(session);
  await host.files.writeAtomic(paths.session, format(toSessionRecord(next)));
  // The session counts; whoever reads an old summary sees its generation.
  await writeSummary(host, paths, next).catch(ignoreRefusal);
  return next;
}

/**
 * Stores what may be shown of a session.
 *
 * @throws {HostError} when the machine refuses; it would refuse a session then.
 */
export async function writeSummary(
  host: Pick<Host, "files">,
  paths: StatePaths,
  session: Session,
): Promise<void> {
  const text = format(toSummary(session));
  await host.files.writeAtomic(paths.sessionSummary, text);
}

/** The session as its next write would store it. */
export function nextGeneration(session: Session): Session {
  return { ...session, generation: session.generation + 1 };
}

function format(value: unknown): string {
  return JSON.stringify(value, null, 2) + "\n";
}

function ignoreRefusal(error: unknown): void {
  if (!(error instanceof HostError)) throw error;
}

/**
 * Removes the stored session.
 *
 * @param lock proof that nobody else changes the sign-in.
 * @throws {HostError} when the machine refuses.
 */
export async function clearSession(
  host: Pick<Host, "files">,
  paths: StatePaths,
  _lock: Lock,
): Promise<void> {
  await host.files.remove(paths.session);
  await host.files.remove(paths.sessionSummary);
}

/** Reads what may be shown of the session; a fault counts as none. */
export async function readSummary(
  host: Pick<Host, "files">,
  paths: StatePaths,
): Promise<SessionSummary | undefined> {
  const path = paths.sessionSummary;
  const read = await readDocument(host, path, loadSummarySchema);
  return read.kind === "found" ? read.value : undefined;
}
