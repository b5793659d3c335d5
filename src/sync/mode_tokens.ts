/**
 * In whose name events go, by where they are to go: what stays here goes in
 * nobody's, and a sign-in counts only for the server that it is for.
 *
 * @module
 */

import type { Env } from "../host/host.ts";
import type { SyncPlace } from "./project_sync.ts";
import { GATE_KEYS } from "./sync_settings.ts";
import type { Token, TokenSource } from "./token_source.ts";

/** The tokens that delivery from a place may use. */
export function tokensByMode(
  env: Pick<Env, "get">,
  place: Pick<SyncPlace, "config" | "settings">,
  signIn: () => TokenSource,
): TokenSource {
  const { config, settings: { mode } } = place;
  const fault = config.faults.find(({ key }) =>
    key === undefined || GATE_KEYS.includes(key)
  );
  // With a fault, where events go is nobody's choice.
  if (fault !== undefined) return noTokens(fault.message);
  if (mode === "external") return externalTokens(env, place);
  return mode === "teamspace" ? signIn() : noTokens(`sync.mode is ${mode}`);
}

/** A receiver of the person's own takes a token from the environment. */
function externalTokens(
  env: Pick<Env, "get">,
  { config, settings }: Pick<SyncPlace, "config" | "settings">,
): TokenSource {
  const name = config.get("sync.external.auth_env");
  const accessToken = name === undefined ? undefined : env.get(name);
  const { serverUrl: server, workspace } = settings;
  if (server === undefined) {
    return noTokens("sync.external.endpoint is not set");
  }
  if (accessToken === undefined) {
    return noTokens(`${name ?? "sync.external.auth_env"} is not set`);
  }
  const token: Token = { accessToken, workspace, account: "env", server };
  const rejected = noTokens(`${server} rejects the token in ${name}`);
  return {
    current: () => Promise.resolve(token),
    refresh: rejected.refresh,
  };
}

function noTokens(detail: string): TokenSource {
  const problem = { reason: "auth_required", detail } as const;
  return {
    current: () => Promise.resolve(problem),
    refresh: () => Promise.resolve(problem),
  };
}
