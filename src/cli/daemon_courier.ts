/**
 * Joins delivery, settings and sign-in for the daemon.
 *
 * @module
 */

import { createTokenSource } from "../auth/token_source.ts";
import { readConfig } from "../config/read_config.ts";
import type { DaemonBody } from "../daemon/body.ts";
import type { Host, Log } from "../host/host.ts";
import type { StatePaths } from "../state/paths.ts";
import { Courier } from "../sync/courier.ts";
import { tokensByMode } from "../sync/mode_tokens.ts";
import { syncSettings } from "../sync/sync_settings.ts";
import type { TokenSource } from "../sync/token_source.ts";
import { queueHost } from "./sync_project.ts";

/** Makes the courier of a daemon. */
export async function openCourier(
  host: Host,
  paths: StatePaths,
  log: Log,
): Promise<DaemonBody> {
  const config = () => readConfig(host, { root: paths.root });
  // A source may hold a session that the disk has refused.
  const sources = new Map<string, TokenSource>();
  const signIn = (
    server: string | undefined,
    workspace: string | undefined,
  ) => {
    const key = JSON.stringify([server, workspace]);
    const source = sources.get(key) ??
      createTokenSource(host, paths, { server, workspace });
    sources.set(key, source);
    return source;
  };
  return new Courier(await queueHost(host), {
    paths,
    log,
    settings: () => syncSettings(config()),
    tokens: (settings) => {
      const { serverUrl: server, workspace } = settings;
      const place = { config: config(), settings };
      return tokensByMode(host.env, place, () => signIn(server, workspace));
    },
  });
}
