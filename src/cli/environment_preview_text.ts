/**
 * What a start would do, as text and as JSON.
 *
 * @module
 */

import type { LeftOutReason } from "../environment/start_plan.ts";
import type { JsonObject } from "../state/json_value.ts";
import type { ProjectPreview, StartPreview } from "./environment_preview.ts";

const REASONS: Readonly<Record<LeftOutReason, string>> = {
  "no_dependencies": "dependencies are left alone",
  "not_selected": "it was not asked for",
  "off_in_mode": "it does not belong to this mode",
  "path_missing": "its path is missing",
  "refused": "it was refused",
};

/** Whether nothing keeps the start from being tried as things are. */
export function isPossible({ projects, refusal }: StartPreview): boolean {
  return refusal === undefined &&
    projects.every(({ plan }) => plan.blocked.length === 0);
}

/** A preview as text. */
export function previewText(preview: StartPreview): string {
  const { ended, projects, refusal, request, reuse } = preview;
  const hasPlans = projects.some(({ plan }) =>
    plan.layers.length + plan.there.length + plan.blocked.length > 0
  );
  const refused = refusal === undefined
    ? []
    : [`It would be refused: ${refusal.message}.`, `  ${refusal.hint}`];
  if (refusal !== undefined && !hasPlans) {
    return [...refused, "Nothing was changed."].join("\n");
  }
  const run = reuse.runId === undefined
    ? "a new run"
    : `going on with ${reuse.runId}`;
  const differs = reuse.mismatches.map(({ change, field }) =>
    `  ${field} was ${change}`
  );
  return [
    ...refused,
    ...refusal === undefined ? [] : ["", "With what was found it would be:"],
    `reeve ${request.command} in mode ${request.mode}: ${run} (${
      reuse.reason.replaceAll("_", " ")
    })`,
    ...differs,
    ...ended.length === 0 ? [] : [`Ends first: ${ended.join(", ")}`],
    ...projects.map(projectText),
    "Nothing was changed.",
  ].join("\n");
}

function projectText({ plan, ports, project }: ProjectPreview): string {
  const where = (owner: string, id: string) =>
    ports.filter((port) =>
      port.project === owner && port.unit.split(".")[0] === id
    ).map(({ assigned }) => ` on port ${assigned}`).join(",");
  return [
    `\n${project.name}  ${project.root}`,
    ...plan.layers.flat().map(({ after, id, owner }) => {
      const waits = after.length === 0 ? "" : `, after ${after.join(", ")}`;
      return `  start ${id}${where(owner, id)}${waits}`;
    }),
    ...plan.there.map(({ id, status }) => `  keep ${id}: it is ${status}`),
    ...plan.blocked.map(({ by, id, status }) =>
      `  blocked ${id}: ${by} is ${status.replaceAll("_", " ")}`
    ),
    ...plan.unmet.map(({ id, needs, reason }) =>
      `  ${id} goes without ${needs}: ${REASONS[reason]}`
    ),
    ...plan.leftOut.map(({ id, reason }) =>
      `  leave out ${id}: ${REASONS[reason]}`
    ),
  ].join("\n");
}

/**
 * A preview as a document.
 *
 * @param command the command itself, which previews another one.
 * @param isFine whether it ends with 0.
 */
export function previewJson(
  command: string,
  preview: StartPreview,
  isFine: boolean,
): JsonObject {
  const { ended, fingerprint, projects, refusal, request, reuse } = preview;
  return {
    "schema": "environment_preview",
    "schema_version": 1,
    "command": command,
    "about": request.command,
    "mode": request.mode,
    "ok": isFine,
    "fingerprint": fingerprint,
    "reuse": {
      "decision": reuse.kind,
      "reason": reuse.reason,
      "run_id": reuse.runId ?? null,
      "mismatches": reuse.mismatches.map(({ change, field }) => ({
        "field": field,
        "change": change,
      })),
    },
    "ended_first": ended,
    "projects": projects.map(projectJson),
    "refusal": refusal === undefined
      ? null
      : { "message": refusal.message, "hint": refusal.hint },
    "warnings": preview.warnings,
  };
}

function projectJson(
  { argvHashes, plan, ports, project }: ProjectPreview,
): JsonObject {
  return {
    "name": project.name,
    "root": project.root,
    "layers": plan.layers.map((layer) =>
      layer.map(({ after, id, kind, owner }) => ({
        "id": id,
        "kind": kind,
        "owner": owner,
        "after": after,
        "argv_hash": argvHashes.get(id) ?? null,
      }))
    ),
    "there": plan.there.map(({ id, status }) => ({
      "id": id,
      "status": status,
    })),
    "blocked": plan.blocked.map(({ by, id, status }) => ({
      "id": id,
      "by": by,
      "status": status,
    })),
    "left_out": plan.leftOut.map(({ id, reason }) => ({
      "id": id,
      "reason": reason,
    })),
    "unmet": plan.unmet.map(({ id, needs, reason }) => ({
      "id": id,
      "needs": needs,
      "reason": reason,
    })),
    "ports": ports.map(({ assigned, project, requested, unit }) => ({
      "project": project,
      "unit": unit,
      "requested": requested,
      "assigned": assigned,
    })),
  };
}
