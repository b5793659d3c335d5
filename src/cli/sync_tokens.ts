/**
 * Joins sign-in and delivery for one project.
 *
 * @module
 */

import { createTokenSource } from "../auth/token_source.ts";
import type { Host } from "../host/host.ts";
import type { SyncPlace } from "../sync/project_sync.ts";
import type { Token, TokenProblem, TokenSource } from "../sync/token_source.ts";

/** The tokens that delivery from a place uses. */
export function tokensFor(
  host: Pick<
    Host,
    "clock" | "env" | "files" | "network" | "processes" | "random" | "web"
  >,
  place: SyncPlace,
): TokenSource {
  const { settings, config, paths } = place;
  const { serverUrl: server, workspace, mode } = settings;
  if (mode === "external") return externalTokens(host, place);
  if (mode !== "teamspace") {
    const detail = `sync.mode is ${mode}`;
    return noTokens({ reason: "auth_required", detail });
  }
  const fault = config.faults.find(({ key }) =>
    key === undefined || key === "sync.server_url"
  );
  if (fault !== undefined) {
    return noTokens({ reason: "auth_required", detail: fault.message });
  }
  return createTokenSource(host, paths, { server, workspace });
}

/** A receiver of the person's own takes a token from the environment. */
function externalTokens(
  host: Pick<Host, "env">,
  { settings, config }: SyncPlace,
): TokenSource {
  const name = config.get("sync.external.auth_env");
  const accessToken = name === undefined ? undefined : host.env.get(name);
  const { serverUrl: server, workspace } = settings;
  if (server === undefined) {
    const detail = "sync.external.endpoint is not set";
    return noTokens({ reason: "auth_required", detail });
  }
  if (accessToken === undefined) {
    const detail = `${name ?? "sync.external.auth_env"} is not set`;
    return noTokens({ reason: "auth_required", detail });
  }
  const token: Token = { accessToken, workspace, account: "env", server };
  const detail = `${server} rejects the token in ${name}`;
  return {
    current: () => Promise.resolve(token),
    refresh: () => Promise.resolve({ reason: "auth_required", detail }),
  };
}

function noTokens(problem: TokenProblem): TokenSource {
  return {
    current: () => Promise.resolve(problem),
    refresh: () => Promise.resolve(problem),
  };
}
