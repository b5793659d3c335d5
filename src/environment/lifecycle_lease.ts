/**
 * The lifecycle lease: only one command at a time changes what runs for a
 * repository. Holding a {@linkcode Lease} is the proof that functions ask for.
 *
 * @module
 */

import { KnownError } from "../errors.ts";
import type { Host } from "../host/host.ts";
import type { EnvironmentPaths } from "../state/environment_paths.ts";
import { readLockHolder, takeLock } from "../state/lock.ts";
import { isoTime } from "./document_codec.ts";
import { requirePrivatePlace } from "./run_place.ts";

/** The right to change what runs for a repository, until it is disposed of. */
export interface Lease extends Disposable {
  /** Repository. */
  readonly scope: string;
  /** The locked file. */
  readonly path: string;
}

/**
 * Takes the lease without waiting.
 *
 * @param command what a person has called, such as `reeve start`.
 * @throws {KnownError} `lock_busy`, which names the other command; `unusable`
 * for a place that is not private.
 */
export async function takeLease(
  host: Pick<Host, "clock" | "files" | "env">,
  paths: EnvironmentPaths,
  command: string,
): Promise<Lease> {
  const path = paths.lease;
  await requirePrivatePlace(host, paths, [path]);
  const since = isoTime(host.clock.now());
  try {
    const lock = await takeLock(host, path, {
      waitMs: 0,
      purpose: `${oneLine(command)}, since ${since}`,
    });
    return {
      scope: paths.scope,
      path,
      [Symbol.dispose]: () => lock[Symbol.dispose](),
    };
  } catch (error) {
    const isBusy = error instanceof KnownError && error.code === "lock_busy";
    throw isBusy ? await explainBusy(host, path, error) : error;
  }
}

/** Who has the lease now. */
export interface LeaseHolder {
  /** Its process. */
  readonly pid: number;
  /** What it said that it does. */
  readonly purpose: string | undefined;
}

/**
 * Tells who has the lease, for whoever only looks; `undefined` when nobody
 * does. A command that wants it meanwhile is not disturbed: the lock is only
 * tried while the process is there that had it last.
 */
export async function lookAtLease(
  host: Pick<Host, "files" | "processes">,
  { lease }: Pick<EnvironmentPaths, "lease">,
): Promise<LeaseHolder | undefined> {
  const { pid, purpose } = await readLockHolder(host, lease);
  if (pid === undefined) return undefined;
  const seen = (await host.processes.inspect([pid])).get(pid);
  if (seen === undefined || seen.kind === "gone") return undefined;
  const lock = await host.files.tryLock(lease, { create: false });
  if (lock === "held") return { pid, purpose };
  if (lock !== "missing") lock[Symbol.dispose]();
  return undefined;
}

async function explainBusy(
  host: Pick<Host, "files">,
  path: string,
  cause: KnownError,
): Promise<KnownError> {
  const { pid, purpose } = await readLockHolder(host, path);
  const holder = pid === undefined ? "" : `: process ${pid}`;
  const doing = purpose === undefined ? "" : ` (${purpose})`;
  return new KnownError(
    "lock_busy",
    `Another command is changing this environment${holder}${doing}`,
    {
      hint: "Wait for it to end, then try again. Its lock ends with it.",
      cause,
    },
  );
}

function oneLine(text: string): string {
  return text.replace(/\s+/g, " ").trim();
}
