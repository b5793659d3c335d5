/**
 * The files of the doctor on disk: their checks.
 *
 * @module
 */

import * as z from "zod/mini";
import type { ResetPlan } from "./reset_plan.ts";

/** Checks a plan file. */
export const resetPlanSchema: z.ZodMiniType<ResetPlan> = z.object({
  "schema": z.literal("reset_plan"),
  "schema_version": z.literal(1),
  "created_at": z.string(),
  "machine": z.object({
    "host": z.string(),
    "boot_id": z.nullable(z.string()),
    "pid_namespace": z.nullable(z.string()),
  }),
  "singleton_scope_id": z.string(),
  "daemon_family": z.enum(["sync", "dashboard"]),
  "force": z.boolean(),
  "facts_hash": z.string(),
  "targets": z.array(z.object({
    "pid": z.int(),
    "port": z.int(),
    "start_stamp": z.string(),
    "product": z.string(),
    "singleton_scope_id": z.nullable(z.string()),
    "cleanup_class": z.string(),
    "row": z.string(),
    "reason": z.string(),
  })),
});
