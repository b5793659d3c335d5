/**
 * Bundles as text and as JSON.
 *
 * @module
 */

import type { LastBundle, PackedBundle } from "../environment/debug_pack.ts";
import type { JsonObject, JsonValue } from "../state/json_value.ts";
import { isJsonObject } from "../state/json_value.ts";

/** What packing has come to, as JSON. */
export function packJson(packed: PackedBundle): JsonObject {
  return {
    "schema": "environment_debug_pack",
    "schema_version": 1,
    ...bundleOf(packed),
  };
}

/** The same with its diagnosis. */
export function reportJson(packed: PackedBundle): JsonObject {
  return {
    "schema": "environment_debug_report",
    "schema_version": 1,
    ...bundleOf(packed),
    "diagnosis": packed.diagnosis,
  };
}

function bundleOf(
  { bytes, files, notes, path, runId }: PackedBundle,
): JsonObject {
  return {
    path,
    bytes,
    "run_id": runId ?? null,
    "files": files.map((file) => ({ ...file })),
    "missing": notes,
  };
}

/** The last bundle as JSON. */
export function lastJson(last: LastBundle): JsonObject {
  return {
    "schema": "environment_debug_last",
    "schema_version": 1,
    "found": last.kind === "found",
    "path": last.kind === "none" ? null : last.path,
    "created_at": last.kind === "found" ? last.createdAt : null,
  };
}

/** The last bundle in words. */
export function lastText(last: LastBundle): string {
  switch (last.kind) {
    case "found":
      return last.path;
    case "none":
      return "There is no bundle yet. Make one: reeve debug-pack";
    case "gone":
      return `${last.path} is gone. Make a new one: reeve debug-pack`;
  }
}

/** A diagnosis in words. */
export function reportText(packed: PackedBundle): string {
  const { diagnosis, notes, path, runId } = packed;
  const issues = listOf(diagnosis["issues"]).filter(isJsonObject);
  const certain = textsOf(diagnosis["probable_root_causes"]);
  const others = issues.map(({ message }) => String(message)).filter(
    (message) => !certain.includes(message),
  );
  return [
    `Bundle: ${path}`,
    `Run: ${runId ?? "none"}`,
    ...section("Probable causes:", certain),
    ...section("Also seen:", others),
    ...section("Time of the last start:", timesOf(diagnosis)),
    ...section("Missing in the bundle:", notes),
    ...section("Next:", textsOf(diagnosis["next_data_needed"])),
    ...issues.length === 0 ? ["Nothing odd was found."] : [],
  ].join("\n");
}

function section(
  title: string,
  texts: readonly string[],
): readonly string[] {
  return texts.length === 0 ? [] : [title, ...texts.map((text) => `  ${text}`)];
}

function timesOf(diagnosis: JsonObject): readonly string[] {
  const breakdown = diagnosis["startup_breakdown"];
  if (!isJsonObject(breakdown)) return [];
  const slowest = listOf(diagnosis["slowest_components"]).filter(isJsonObject);
  return [
    `${breakdown["total_ms"]} ms in all`,
    ...listOf(breakdown["phases"]).filter(isJsonObject).map(({ phase, ms }) =>
      `${phase}: ${ms} ms`
    ),
    ...slowest.map(({ ms, project, unit }) => `${project} ${unit}: ${ms} ms`),
  ];
}

function listOf(value: JsonValue | undefined): readonly JsonValue[] {
  return Array.isArray(value) ? value : [];
}

function textsOf(value: JsonValue | undefined): readonly string[] {
  return listOf(value).map(String);
}
