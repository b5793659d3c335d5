/**
 * The check of an index on disk.
 *
 * @module
 */

import * as z from "zod/mini";
import { isRunId } from "../state/environment_paths.ts";
import { isRevisionName } from "./run_index.ts";

const runId = z.string().check(z.refine(isRunId));
const names = z.array(z.string());
const count = z.int().check(z.gte(0));

const revision = z.object({
  "name": z.string().check(z.refine(isRevisionName)),
  "fingerprint": z.string().check(z.regex(/^[0-9a-f]{64}$/)),
});

/** Checks an index. Unknown keys are dropped. */
export const indexSchema = z.object({
  "schema": z.literal("run_index"),
  "schema_version": z.literal(1),
  "scope": z.string(),
  "generation": count,
  "entries": z.array(z.object({
    "run_id": runId,
    "mode": z.enum(["main", "trees"]),
    "owned": names,
    "lost": names,
    "retired": z.boolean(),
    "sequence": count,
    "current": revision,
    "previous": z.nullable(revision),
  })),
  "fenced": z.array(runId),
});

/** The document of an index. */
export type IndexDocument = z.infer<typeof indexSchema>;
