/**
 * Secrets that running units were given, which the shell of whoever packs a
 * bundle need not have.
 *
 * @module
 */

import type { Host } from "../host/host.ts";
import { isJsonObject, type JsonValue } from "../state/json_value.ts";
import { isSecretVariable, looksRandom } from "./debug_names.ts";
import type { Secret } from "./debug_redact.ts";
import { secretsInValue } from "./debug_secrets.ts";
import type { EnvironmentSettings } from "./model.ts";
import { DEPENDENCY_SOURCES } from "./template_sources.ts";

/** Reads variables of units that may be secret. */
export async function secretsOfUnits(
  { processes }: Pick<Host, "processes">,
  { inheritedEnv, services }: EnvironmentSettings,
  pids: readonly number[],
): Promise<readonly Secret[]> {
  if (pids.length === 0) return [];
  const provided = Object.values(DEPENDENCY_SOURCES).flatMap((sources) =>
    Object.entries(sources).filter(([, { isSecret }]) => isSecret)
      .map(([name]) => name)
  );
  const own = services.flatMap(({ env }) => Object.keys(env));
  const names = [...new Set([...inheritedEnv, ...own, ...provided])];
  const found = await Promise.all(names.map(async (name) => {
    const values = await processes.readVariable(name, pids);
    return [...new Set(values.values())].flatMap((value) =>
      secretsInValue(
        `the variable ${name} of a unit`,
        { name, value },
        isSecretVariable(name) || looksRandom(value),
      )
    );
  }));
  return found.flat();
}

/** Pids of the units that a document of a run names. */
export function pidsIn(value: JsonValue | undefined): readonly number[] {
  if (typeof value !== "object" || value === null) return [];
  const identity = isJsonObject(value) ? value["identity"] : undefined;
  const pid = isJsonObject(identity) ? identity["pid"] : undefined;
  const own = typeof pid === "number" && Number.isInteger(pid) && pid > 0
    ? [pid]
    : [];
  return [...own, ...Object.values(value).flatMap(pidsIn)];
}
