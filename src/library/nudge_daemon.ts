/**
 * Asks a running daemon to deliver, without starting one.
 *
 * @module
 */

import { readEnvToken } from "../auth/env_token.ts";
import { daemonContext, type DaemonHost } from "../daemon/context.ts";
import { readCurrent } from "../daemon/current.ts";
import type { SyncPlace } from "../sync/project_sync.ts";

const NUDGE_MS = 250;

/** Whether a daemon proved to be ours and took the request. */
export async function nudgeDaemon(
  host: DaemonHost,
  place: Pick<SyncPlace, "project">,
): Promise<boolean> {
  // It would deliver in another name, or in none at all.
  if (readEnvToken(host.env).kind !== "none") return false;
  const context = await daemonContext(host);
  const current = await readCurrent(host, context, [NUDGE_MS]);
  if (current.kind !== "healthy") return false;
  const { port, token } = current.state;
  const reply = await host.network.request({
    port,
    method: "POST",
    path: "/api/sync/trigger",
    body: JSON.stringify({ token, project: place.project?.id }),
    timeoutMs: NUDGE_MS,
  });
  return reply.kind === "reply" && reply.status === 202;
}
