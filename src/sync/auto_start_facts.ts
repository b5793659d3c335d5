/**
 * What a place says about starting by itself.
 *
 * @module
 */

import type { Env } from "../host/host.ts";
import type { AutoStartFacts } from "./auto_start.ts";
import type { SyncPlace } from "./project_sync.ts";
import { GATE_KEYS } from "./sync_settings.ts";

/** Gathers the facts; consent is in the queue and comes from there. */
export function autoStartFacts(
  env: Pick<Env, "get">,
  { config, project, settings }: SyncPlace,
  intent: AutoStartFacts["intent"],
): Omit<AutoStartFacts, "hasConsent"> {
  const fault = config.faults.find(({ key }) =>
    key === undefined || GATE_KEYS.includes(key)
  );
  return {
    isDisabled: isTruthy(env.get("REEVE_SYNC_DISABLE")),
    intent,
    // What cannot be read is a fault, not the absence of a project.
    hasProject: project?.id !== undefined || project?.fault !== undefined,
    configFault: project?.fault?.message ?? fault?.message,
    autoStart: settings.autoStart,
  };
}

function isTruthy(text: string | undefined): boolean {
  return /^(?:1|true|yes|y|on)$/i.test(text?.trim() ?? "");
}
