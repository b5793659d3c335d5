/**
 * The document of an error, which every command may print in place of its own.
 *
 * @module
 */

import * as z from "zod/mini";
import type { ErrorCode } from "../../src/errors.ts";
import { fields, maybeText, text, word } from "./fields.ts";

const CODES: Readonly<Record<ErrorCode, true>> = {
  "cancelled": true,
  "damaged_file": true,
  "drift": true,
  "internal": true,
  "lock_busy": true,
  "newer_daemon": true,
  "newer_file": true,
  "no_free_port": true,
  "no_home": true,
  "not_found": true,
  "not_ready": true,
  "not_signed_in": true,
  "queue_full": true,
  "scope_mismatch": true,
  "start_failed": true,
  "stop_failed": true,
  "unreadable": true,
  "unusable": true,
  "usage": true,
};

/** `{"error":{"code","message","hint"}}`. */
export const errorDocument: z.ZodMiniType = z.strictObject({
  "error": fields("What went wrong.", {
    "code": word("In a word that programs may match on.", CODES),
    "message": text("In a sentence for people; it may be reworded."),
    "hint": maybeText("What to do next; null where nothing helps."),
  }),
});
