/**
 * The shape of a run on disk, and its check.
 *
 * @module
 */

import * as z from "zod/mini";
import { isRunId } from "../state/environment_paths.ts";

const text = z.string().check(z.minLength(1));
const maybeText = z.nullable(z.string());
const port = z.int().check(z.gte(1), z.lte(65535));
const count = z.int().check(z.gte(0));
const time = z.string().check(z.refine(isTime));
const mode = z.enum(["main", "trees"]);
const status = z.enum([
  "degraded",
  "finished",
  "running",
  "stale",
  "starting",
  "stopped",
  "termination_failed",
  "unreachable",
  "unverified",
]);

const identity = z.nullable(z.object({
  "pid": z.int().check(z.gte(2), z.lte(2 ** 31)),
  "start_stamp": text,
  "boot_id": maybeText,
  "pid_namespace": maybeText,
  "marker": text,
}));

const service = z.object({
  "name": text,
  "project": text,
  "slug": text,
  "identity": identity,
  "cwd": z.string(),
  "argv_hash": z.string(),
  "requested_port": z.nullable(port),
  "actual_port": z.nullable(port),
  "log_path": z.string(),
  "started_at": time,
  "status": status,
  "expects_listener": z.boolean(),
  "critical": z.boolean(),
  "failure": maybeText,
  "public_url": maybeText,
  "health_url": maybeText,
});

const dependency = z.object({
  "id": text,
  "project": text,
  "mode": z.enum(["command", "container", "external", "native"]),
  "identity": identity,
  "ports": z.record(z.string(), port),
  "url": maybeText,
  "data_directory": maybeText,
  "log_path": maybeText,
  "status": status,
  "failure": maybeText,
  "retries": count,
});

const plan = z.object({
  "project": text,
  "unit": text,
  "requested": port,
  "assigned": port,
  "final": port,
  "source": z.enum([
    "env",
    "fresh_start_replacement",
    "planner",
    "restart",
    "resume",
    "retry",
  ]),
  "retries": count,
});

/** Checks the document of a run. Unknown keys are allowed and dropped. */
export const runStateSchema = z.object({
  "schema": z.literal("run_state"),
  "schema_version": z.literal(1),
  "scope": text,
  "run_id": z.string().check(z.refine(isRunId)),
  "mode": mode,
  "projects": z.array(z.object({ "name": text, "root": z.string() })),
  "fingerprint": z.string(),
  "services": z.array(service),
  "dependencies": z.array(dependency),
  "ports": z.array(plan),
  "created_at": time,
  "failure": maybeText,
});

/** The document of a run. */
export type RunStateDocument = z.infer<typeof runStateSchema>;

/** Only the one spelling that we write, so that nothing changes on the way. */
function isTime(value: string): boolean {
  const at = Date.parse(value);
  return Number.isFinite(at) && new Date(at).toISOString() === value;
}
