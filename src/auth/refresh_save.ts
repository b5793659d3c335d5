/**
 * Storing a refreshed session, now or once the disk lets it.
 *
 * @module
 */

import { KnownError } from "../errors.ts";
import { HostError } from "../host/host.ts";
import type { Lock } from "../state/lock.ts";
import type { StatePaths } from "../state/paths.ts";
import type { RefreshHost, RefreshResult } from "./refresh.ts";
import { withRefreshLock } from "./refresh_lock.ts";
import { viewStored } from "./refresh_step.ts";
import type { Session } from "./session.ts";
import { nextGeneration, readSession, writeSession } from "./token_store.ts";

/** A session, and the proof that nobody else changes it. */
export interface Held {
  /** The lock of the sign-in. */
  readonly lock: Lock;
  /** The session that we hold. */
  readonly held: Session;
}

/** Stores a refreshed session; one that the disk refuses is not lost. */
export async function trySave(
  host: RefreshHost,
  paths: StatePaths,
  { lock, held }: Held,
): Promise<RefreshResult & { readonly session: Session }> {
  try {
    const session = await writeSession(host, paths, { lock, session: held });
    return { outcome: "refreshed", session, detail: "" };
  } catch (error) {
    if (!isRefusal(error)) throw error;
    return {
      outcome: "refreshed_unsaved",
      session: nextGeneration(held),
      detail: `The refreshed sign-in could not be saved: ${error.message}`,
    };
  }
}

/**
 * Tries once more to store a session that the disk had refused.
 *
 * @returns the session to go on with; `undefined` when what is stored has
 * replaced it.
 */
export async function storeUnsaved(
  host: RefreshHost,
  paths: StatePaths,
  unsaved: Session,
): Promise<Session | undefined> {
  const store = async (lock: Lock) => {
    const view = viewStored(await readSession(host, paths), unsaved);
    if (view === "unreadable") return unsaved;
    if (view !== "not_newer") return undefined;
    const { session } = await trySave(host, paths, { lock, held: unsaved });
    return session;
  };
  try {
    const locked = await withRefreshLock(host, paths.refreshLock, store);
    return locked.kind === "done" ? locked.value : unsaved;
  } catch (error) {
    if (!(error instanceof HostError)) throw error;
    return unsaved;
  }
}

/** Whether the machine, or a rule of ours, does not let a session be stored. */
export function isRefusal(error: unknown): error is HostError | KnownError {
  return error instanceof HostError || error instanceof KnownError;
}
