/**
 * The documents of the commands about bundles, and the line of the events.
 *
 * @module
 */

import * as z from "zod/mini";
import {
  type EventField,
  EVENTS,
  type EventShape,
  type FieldKind,
} from "../../src/environment/event_registry.ts";
import { EVENT_VERSION } from "../../src/environment/event_file.ts";
import { names } from "./environment_fields.ts";
import {
  bytes,
  count,
  document,
  fields,
  flag,
  head,
  instant,
  list,
  maybe,
  maybeInstant,
  maybeText,
  said,
  type Shape,
  text,
} from "./fields.ts";

const BUNDLE: Shape = {
  "path": text("Where the bundle is."),
  "bytes": bytes("Size of the bundle"),
  "run_id": maybeText("The run that it is about; null where there is none."),
  "files": list(
    "What is in it.",
    fields("One file.", {
      "path": text("Its path in the bundle."),
      "bytes": bytes("Its size"),
    }),
  ),
  "missing": names("What could not be put in, as sentences."),
};

/** `reeve debug-pack`. */
export const debugPack: z.ZodMiniType = document(
  "environment_debug_pack",
  BUNDLE,
);

const ms = (says: string) => count(`${says}, in milliseconds`);

const unitTime = fields("A unit.", {
  "project": text("Its project."),
  "unit": text("Slug of a service, or id of a dependency."),
  "ms": ms("How long it took to be ready"),
});

/** `diagnostics.json` of a bundle. */
const diagnosis = fields("What the bundle says.", {
  ...head("debug_diagnosis"),
  "issues": list(
    "What is not as it should be, the surest first.",
    fields("An issue.", {
      "code": text("What kind it is, in a word."),
      "confidence": said(
        "How sure it is.",
        z.number().check(z.gte(0), z.lte(1)),
      ),
      "message": text("What happened."),
    }),
  ),
  "probable_root_causes": names("Those that are sure, in sentences."),
  "next_data_needed": names("What would tell more or help."),
  "anomalies": names("What the recorder found odd, in words."),
  "slowest_components": list("Units of the last start.", unitTime),
  "startup_breakdown": maybe(
    "Null when no start is recorded.",
    fields("Where the time of the last start went.", {
      "total_ms": ms("All of it"),
      "phases": list(
        "Its parts in order.",
        fields("A part.", {
          "phase": text("Its name."),
          "ms": ms("How long it took"),
        }),
      ),
      "requirements_ms": ms("The slowest dependency"),
      "services_ms": ms("The slowest service"),
      "unknown_ms": ms("What no part accounts for"),
    }),
  ),
});

/** `reeve debug-report`. */
export const debugReport: z.ZodMiniType = document("environment_debug_report", {
  ...BUNDLE,
  "diagnosis": diagnosis,
});

/** `reeve debug-last`. */
export const debugLast: z.ZodMiniType = document("environment_debug_last", {
  "found": flag("Whether the last bundle is there."),
  "path": maybeText("Where it is or was; null when there never was one."),
  "created_at": maybeInstant("When it was made; null when it is not there."),
});

const KINDS: Readonly<Record<FieldKind, () => z.ZodMiniType>> = {
  "flag": () => z.boolean(),
  "maybe_number": () => z.nullable(z.number()),
  "maybe_text": () => z.nullable(z.string()),
  "number": () => z.number(),
  "text": () => z.string(),
  "texts": () => z.array(z.string()),
};

function fieldSchema({ care, kind, says }: EventField): z.ZodMiniType {
  return said(`${says} In a bundle: ${care}.`, KINDS[kind]());
}

function lineSchema([name, { fields: own, says }]: [string, EventShape]) {
  return said(
    says,
    z.strictObject({
      ...head("runtime_event", EVENT_VERSION),
      "event": z.literal(name),
      "timestamp": instant("When it was written."),
      "trace_id": text("The run, or the command before there is one."),
      ...Object.fromEntries(
        Object.entries(own).map(([key, field]) => [key, fieldSchema(field)]),
      ),
    }),
  );
}

/** A line of `events.jsonl`. */
export const runtimeEvent: z.ZodMiniType = z.union(
  Object.entries<EventShape>(EVENTS).map(lineSchema),
);
