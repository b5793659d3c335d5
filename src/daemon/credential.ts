/**
 * Finds the credential that lets us ask one daemon to stop, and asks.
 *
 * @module
 */

import type { Host } from "../host/host.ts";
import type { Machine } from "../host/processes.ts";
import { joinPath } from "../host/path.ts";
import { ownerPath, statePaths } from "../state/paths.ts";
import { readCredential } from "./owner_record.ts";
import { rootOf, scopeDirectory } from "./scope.ts";
import { readSpawn } from "./spawn_facts.ts";
import { readState } from "./state_file.ts";
import type { Target } from "./target.ts";

type CredentialHost = Pick<Host, "env" | "files" | "processes">;

/**
 * The control token of a target: for our daemons from their owner record, for
 * others from the state file, the shared owner record or the argument vector,
 * each only when it names the same pid and port.
 */
export async function findToken(
  host: CredentialHost,
  target: Target,
  machine: Machine,
): Promise<string | undefined> {
  const { files } = target.family;
  const own = target.scope ?? (files && rootOf(host.env, files));
  if (target.family.hasOwnRecords && own !== undefined) {
    const path = ownerPath(statePaths(own), target.port);
    const record = await readCredential(host, path, machine);
    const isIts = record?.pid === target.pid &&
      record.startStamp === target.startStamp && record.place === "here";
    return isIts ? record.token : undefined;
  }
  const root = files && rootOf(host.env, files);
  if (files === undefined || root === undefined) return undefined;
  const scope = scopeDirectory(host.env, files, root);
  const state = await readState(host, joinPath(scope, files.state));
  if (state.kind === "found" && names(state.state, target)) {
    if (state.state.token !== undefined) return state.state.token;
  }
  const shared = files.sharedOwner &&
    await readSharedToken(host, joinPath(root, ...files.sharedOwner), target);
  return shared ?? await readArgvToken(host, target);
}

function names(
  record: { readonly pid?: unknown; readonly port?: unknown },
  target: Target,
): boolean {
  return record.pid === target.pid && record.port === target.port;
}

/**
 * Whether it makes sense to ask a target to stop: a daemon of ours answers
 * nobody without its token, others may.
 */
export async function hasCredential(
  host: CredentialHost,
  target: Target,
  machine: Machine,
): Promise<boolean> {
  return !target.family.hasOwnRecords ||
    await findToken(host, target, machine) !== undefined;
}

async function readSharedToken(
  host: CredentialHost,
  path: string,
  target: Target,
): Promise<string | undefined> {
  try {
    const value: unknown = JSON.parse(await host.files.readText(path));
    if (typeof value !== "object" || value === null) return undefined;
    if (!names(value, target) || !("token" in value)) return undefined;
    return typeof value.token === "string" ? value.token : undefined;
  } catch {
    // Whatever is wrong with a foreign file, it only means no credential.
    return undefined;
  }
}

async function readArgvToken(
  host: CredentialHost,
  target: Target,
): Promise<string | undefined> {
  const now = (await host.processes.inspect([target.pid])).get(target.pid);
  if (now?.kind !== "found" || now.facts.argv === undefined) return undefined;
  if (now.facts.startStamp !== target.startStamp) return undefined;
  const reading = readSpawn(now.facts.argv, [target.family]);
  return reading.port === target.port ? reading.token : undefined;
}

/** Limit of a shutdown request in milliseconds. */
export const SHUTDOWN_REQUEST_MS = 1000;

/** Asks a daemon to stop; `accepted` only on status 200. */
export async function requestShutdown(
  host: Pick<Host, "network">,
  port: number,
  token: string | undefined,
): Promise<string> {
  const reply = await host.network.request({
    port,
    method: "POST",
    path: "/api/shutdown",
    body: JSON.stringify(token === undefined ? {} : { token }),
    timeoutMs: SHUTDOWN_REQUEST_MS,
  });
  if (reply.kind !== "reply") return reply.kind;
  return reply.status === 200 ? "accepted" : `status_${reply.status}`;
}
