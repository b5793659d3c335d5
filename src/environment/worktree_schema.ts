/**
 * The shape of what is written down about worktrees, and its check.
 *
 * @module
 */

import * as z from "zod/mini";
import type { DocumentSchema } from "../state/document.ts";
import type { WorktreeIntent } from "./worktree_intent.ts";

const text = z.string().check(z.minLength(1));
const maybe = z.nullable(z.string());

const document = z.object({
  "schema": z.literal("worktree_intent"),
  "schema_version": z.literal(1),
  "token": text,
  "feature": text,
  "iteration": z.int().check(z.gte(1)),
  "path": text,
  "branch": text,
  "source_commit": text,
  "source_branch": maybe,
  "source_checkout": text,
  "aside": maybe,
  "plan": maybe,
});

/** Checks what a command was about to make. */
export const intentSchema: DocumentSchema<WorktreeIntent> = z.pipe(
  document,
  z.transform((found): WorktreeIntent => ({
    token: found.token,
    feature: found.feature,
    iteration: found.iteration,
    path: found.path,
    branch: found.branch,
    start: {
      commit: found.source_commit,
      branch: found.source_branch ?? undefined,
      checkout: found.source_checkout,
    },
    aside: found.aside ?? undefined,
    plan: found.plan ?? undefined,
  })),
);
