/**
 * Gathers what the doctor reports on. Changes nothing: no write, no signal, no
 * lock, and no traffic but to 127.0.0.1.
 *
 * @module
 */

import {
  readRefreshLock,
  type RefreshLockFacts,
} from "../auth/refresh_lock.ts";
import type { SessionCheck } from "../auth/session_check.ts";
import { selfReportMatches } from "../daemon/classify.ts";
import type { DaemonContext, DaemonHost } from "../daemon/context.ts";
import { type CurrentDaemon, readCurrent } from "../daemon/current.ts";
import type { FamilyName } from "../daemon/family.ts";
import { type OwnerFile, placeOf, readOwners } from "../daemon/owner_record.ts";
import { type Scan, scan } from "../daemon/scan.ts";
import { type DaemonSettings, readSettings } from "../daemon/settings.ts";
import { isTruthy } from "../daemon/start_gate.ts";
import { KnownError } from "../errors.ts";
import type { Host } from "../host/host.ts";
import { readSessionFacts, type SessionFacts } from "./session_facts.ts";

/** A file or directory that others may read. */
export interface LooseMode {
  /** Its path. */
  readonly path: string;
  /** Its permission bits. */
  readonly mode: number;
  /** The bits it should have. */
  readonly expected: number;
}

/** An owner record that cannot be acted on from here. */
export interface StrangeRecord {
  /** Its path. */
  readonly path: string;
  /** `other_host`, `earlier_boot`, `damaged` and the like. */
  readonly status: string;
  /** Host that it names. */
  readonly host?: string;
  /** Process that it names. */
  readonly pid?: number;
}

/** Everything the doctor looks at. */
export interface DoctorFacts {
  /** Time of the report in epoch milliseconds. */
  readonly generatedAt: number;
  /** Host name of this machine. */
  readonly host: string;
  /** Directory of the sign-in. */
  readonly authRoot: string;
  /** Canonical state root. */
  readonly scope: string;
  /** Version that we speak for. */
  readonly version: string;
  /** The sign-in; absent when nothing is stored or set. */
  readonly session?: SessionFacts;
  /** What the server says of it; absent when it was not asked. */
  readonly server?: SessionCheck;
  /** The refresh lock. */
  readonly refreshLock: RefreshLockFacts;
  /** Threshold for a stuck lock in seconds. */
  readonly stuckThresholdSeconds: number;
  /** The recorded daemon. */
  readonly current: CurrentDaemon;
  /** Listeners in the range. */
  readonly scan: Scan;
  /** Settings; a fault never counts as a default. */
  readonly settings: DaemonSettings | { readonly fault: KnownError };
  /** Whether programs may start the daemon. */
  readonly isRolloutEnabled: boolean;
  /** Files that others may read. */
  readonly looseModes: readonly LooseMode[];
  /** Owner records that cannot be acted on from here. */
  readonly strangeRecords: readonly StrangeRecord[];
}

/** Options of {@linkcode collectFacts}. */
export interface CollectOptions {
  /** Kind of daemons to look for. */
  readonly family: FamilyName;
  /** Threshold for a stuck lock in seconds. */
  readonly stuckThresholdSeconds: number;
  /** What the server says of the sign-in, if it was asked. */
  readonly server?: SessionCheck | undefined;
}

/** What looking needs of the world. */
export type DoctorHost = DaemonHost & Pick<Host, "blocking">;

/** Gathers the facts of one report. */
export async function collectFacts(
  host: DoctorHost,
  context: DaemonContext,
  options: CollectOptions,
): Promise<DoctorFacts> {
  const { paths } = context;
  const generatedAt = host.clock.now();
  const settings = readSettingsOrFault(host, context);
  const [found, current, refreshLock, looseModes, session] = await Promise.all([
    scan(host, context.families, { family: options.family }),
    readCurrent(host, context, [500]),
    readRefreshLock(host, paths.refreshLock, options.stuckThresholdSeconds),
    findLooseModes(host, context),
    readSessionFacts(host, paths),
  ]);
  const owners = await readOwners(host, paths, portsOfOwn(found));
  return {
    generatedAt,
    host: found.machine.host,
    authRoot: paths.auth,
    scope: context.scope,
    version: context.version,
    ...(session === undefined ? {} : { session }),
    ...(options.server === undefined ? {} : { server: options.server }),
    refreshLock,
    stuckThresholdSeconds: options.stuckThresholdSeconds,
    current,
    scan: found,
    settings,
    isRolloutEnabled: isTruthy(host.env.get("REEVE_ENABLE_SAAS_SYNC")),
    looseModes,
    strangeRecords: owners.flatMap((file) => describeRecord(file, found)),
  };
}

/** A daemon that proves itself has written the record of its port itself. */
function portsOfOwn(found: Scan): ReadonlySet<number> {
  const own = found.candidates.filter((candidate) =>
    candidate.spawn.product === "reeve" && selfReportMatches(candidate)
  );
  return new Set(own.map(({ port }) => port));
}

function readSettingsOrFault(
  host: DoctorHost,
  { paths }: DaemonContext,
): DoctorFacts["settings"] {
  try {
    return readSettings(host, paths);
  } catch (error) {
    // The doctor reports what is wrong instead of ending on it.
    if (error instanceof KnownError) return { fault: error };
    throw error;
  }
}

function describeRecord(
  { path, read }: OwnerFile,
  found: Scan,
): readonly StrangeRecord[] {
  if (read.kind === "missing") return [];
  if (read.kind !== "found") return [{ path, status: read.kind }];
  const status = placeOf(read.value, found.machine);
  if (status === "here") return [];
  const { host, pid } = read.value;
  return [{ path, status, host, pid }];
}

const PRIVATE_DIRECTORY = 0o700;
const PRIVATE_FILE = 0o600;

async function findLooseModes(
  host: DaemonHost,
  { paths }: DaemonContext,
): Promise<readonly LooseMode[]> {
  if (host.env.os === "windows") return [];
  const looked = [
    paths.root,
    paths.daemonState,
    paths.owners,
    paths.auth,
    paths.session,
  ];
  const found = await Promise.all(looked.map(async (path) => {
    const facts = await host.files.stat(path).catch(() => undefined);
    if (facts?.mode === undefined) return [];
    const expected = facts.kind === "directory"
      ? PRIVATE_DIRECTORY
      : PRIVATE_FILE;
    const { mode } = facts;
    return (mode & ~expected & 0o777) === 0 ? [] : [{ path, mode, expected }];
  }));
  return found.flat();
}
