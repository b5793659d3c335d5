/**
 * Drafts of jobs that are checked at one moment, for tests.
 *
 * @module
 */

import { assertEquals, assertThrows } from "@std/assert";
import { KnownError } from "../../src/errors.ts";
import { checkDraft, type DraftContext } from "../../src/jobs/draft.ts";
import type { JobDraft, JobOptions, NewJob } from "../../src/jobs/job.ts";

/** When drafts are checked. */
export const NOW = 1_800_000_000_000;

/** What a check knows besides the draft. */
export const CONTEXT: DraftContext = {
  nowMs: NOW,
  newId: (now) => `made-${now}`,
};

/** The job that a good draft gives. */
export function check(options: JobOptions, data: JobDraft["data"] = 1): NewJob {
  return checkDraft("mail", { data, options }, CONTEXT);
}

/** Why a draft is refused. */
export function refuse(draft: unknown): KnownError {
  const error = assertThrows(
    () => checkDraft("mail", draft as JobDraft, CONTEXT),
    KnownError,
  );
  assertEquals(error.code, "usage");
  return error;
}
