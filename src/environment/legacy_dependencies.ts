/**
 * The dependencies of an `.envctl` file.
 *
 * @module
 */

import { copyKey, type Legacy, put, switchOf } from "./legacy_lines.ts";
import { DEPENDENCY_IDS, type DependencyId } from "./service_keys.ts";
import {
  dependencyKey,
  listOf,
  portKeys,
  repositoryKey,
  suffixOf,
} from "./settings_names.ts";

const PORTS: Readonly<Record<DependencyId, readonly (readonly string[])[]>> = {
  n8n: [["N8N_PORT_BASE"]],
  postgres: [["DB_PORT"]],
  redis: [["REDIS_PORT"]],
  supabase: [["SUPABASE_PUBLIC_PORT", "SUPABASE_API_PORT"], ["DB_PORT"]],
};

const URLS: Readonly<Record<DependencyId, string>> = {
  n8n: "N8N_URL",
  postgres: "DATABASE_URL",
  redis: "REDIS_URL",
  supabase: "SUPABASE_URL",
};

/**
 * Translates the dependencies that are switched on and gives their ids. A
 * variable that merely mentions one does not switch it on.
 */
export function legacyDependencies(
  legacy: Legacy,
): readonly DependencyId[] {
  const on = DEPENDENCY_IDS.filter((id) => modesOf(legacy, id).length > 0);
  put(legacy, repositoryKey("DEPENDENCIES").name, on.join(","), 1);
  for (const id of on) translate(legacy, id);
  return on;
}

function translate(legacy: Legacy, id: DependencyId): void {
  const name = (key: "CMD" | "MODE" | "MODES" | "SHARED" | "URL") =>
    dependencyKey(id, key).name;
  put(legacy, name("MODES"), modesOf(legacy, id).join(","), 1);
  for (const [at, key] of portKeys(id).entries()) {
    const from = PORTS[id][at]?.find((from) => legacy.keys.has(from));
    if (from !== undefined) copyKey(legacy, from, key.name);
  }
  const word = suffixOf(id);
  const external = listOf(
    legacy.keys.get("ENVCTL_EXTERNAL_DEPENDENCIES")?.value ?? "",
  );
  const mode = legacy.keys.get(`ENVCTL_DEPENDENCY_${word}_MODE`);
  if (external.includes(id) || mode?.value === "external") {
    put(legacy, name("MODE"), "external", mode?.line ?? 1);
    copyKey(legacy, URLS[id], name("URL"));
  } else if (legacy.keys.get(`ENVCTL_REQUIREMENT_${word}_CMD`)?.value) {
    put(legacy, name("MODE"), "command", 1);
    copyKey(legacy, `ENVCTL_REQUIREMENT_${word}_CMD`, name("CMD"));
  }
  const scope = legacy.keys.get("ENVCTL_DEFAULT_TREE_DEPENDENCY_SCOPE");
  if (/^(?:shared?|main)$/.test(scope?.value ?? "")) {
    put(legacy, name("SHARED"), "true", scope?.line ?? 1);
  }
}

function modesOf(
  legacy: Legacy,
  id: DependencyId,
): readonly ("main" | "trees")[] {
  const word = suffixOf(id);
  const both = switchOf(legacy, `${word}_ENABLE`);
  if (both === false) return [];
  return (["main", "trees"] as const).filter((mode) => {
    const prefix = mode.toUpperCase();
    const own = switchOf(legacy, `${prefix}_${word}_ENABLE`) ??
      switchOf(legacy, `${word}_${prefix}_ENABLE`);
    return own ?? both ?? false;
  });
}
