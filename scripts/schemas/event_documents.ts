/**
 * The documents of `reeve event` and `reeve server`.
 *
 * @module
 */

import type * as z from "zod/mini";
import type { EmitOutcome } from "../../src/queue/event.ts";
import {
  count,
  document,
  eventId,
  fields,
  list,
  maybe,
  maybeText,
  port,
  text,
  word,
} from "./fields.ts";

const OUTCOMES: Readonly<Record<EmitOutcome["kind"], true>> = {
  captured: true,
  disabled: true,
  dropped: true,
  duplicate: true,
  failed: true,
  quarantined: true,
  refused: true,
  spilled: true,
};

/** `reeve event emit`. */
export const eventEmit: z.ZodMiniType = document("event_emit", {
  "outcome": word(
    "What became of it: `spilled` is safe in the overflow file, " +
      "`disabled` was not wanted, `refused` found no room.",
    OUTCOMES,
  ),
  "event_id": maybe("Null unless it is kept.", eventId),
  "seq": maybe("Null unless it was captured.", count("Its place.")),
  "reason": maybeText("Why, in a word, unless it was captured or known."),
  "field": maybeText("Field at fault, if it is not valid."),
  "rule": maybeText("What is wrong with it, if it is not valid."),
});

/** `reeve server run`. */
export const serverRun: z.ZodMiniType = document("server_run", {
  "url": text("Base URL of the server."),
  "port": port("Its port on 127.0.0.1."),
  "data": text("Its SQLite file."),
});

/** `reeve server check`. */
export const serverCheck: z.ZodMiniType = document("server_check", {
  "url": text("Base URL of the server."),
  "workspace": text("Slug of the workspace that test events went to."),
  "passed": count("Checks that hold."),
  "failed": count("Checks that do not."),
  "skipped": count("Checks that could not be made."),
  "checks": list(
    "Every check.",
    fields("A check.", {
      "id": text("What programs know it by."),
      "title": text("What must hold."),
      "verdict": word("Whether it does.", {
        pass: true,
        fail: true,
        skipped: true,
      }),
      "detail": text("What was seen; may be empty."),
    }),
  ),
});
