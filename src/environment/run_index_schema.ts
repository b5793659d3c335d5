/**
 * The check of an index on disk.
 *
 * @module
 */

import * as z from "zod/mini";
import { isRunId } from "../state/environment_paths.ts";
import type { DocumentSchema } from "../state/document.ts";
import { isRevisionName, type RunIndex } from "./run_index.ts";

const runId = z.string().check(z.refine(isRunId));
const names = z.array(z.string());
const count = z.int().check(z.gte(0));

const revision = z.object({
  "name": z.string().check(z.refine(isRevisionName)),
  "fingerprint": z.string().check(z.regex(/^[0-9a-f]{64}$/)),
});

const document = z.object({
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

/** Checks an index and gives it as a value. */
export const indexSchema: DocumentSchema<RunIndex> = z.pipe(
  document,
  z.transform((found): RunIndex => ({
    scope: found.scope,
    generation: found.generation,
    entries: found.entries.map((entry) => ({
      runId: entry.run_id,
      mode: entry.mode,
      owned: entry.owned,
      lost: entry.lost,
      isRetired: entry.retired,
      sequence: entry.sequence,
      current: entry.current,
      previous: entry.previous ?? undefined,
    })),
    fenced: found.fenced,
  })),
);
