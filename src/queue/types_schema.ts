/**
 * The check of a file with event types.
 *
 * @module
 */

import * as z from "zod/mini";

const count = z.int().check(z.nonnegative());

const fieldSchema = z.strictObject({
  kind: z.enum([
    "any",
    "array",
    "boolean",
    "integer",
    "number",
    "object",
    "string",
  ]),
  required: z.exactOptional(z.boolean()),
  nullable: z.exactOptional(z.boolean()),
  values: z.exactOptional(z.array(z.string())),
  pattern: z.exactOptional(z.string()),
  min: z.exactOptional(z.number()),
  max: z.exactOptional(z.number()),
  get items() {
    return z.exactOptional(fieldSchema);
  },
});

/** A file with event types: `{"schema_version": 1, "types": [ … ]}`. */
export const eventTypesSchema = z.strictObject({
  "schema_version": z.literal(1),
  "types": z.array(z.strictObject({
    "type": z.string().check(z.regex(/^[A-Z][A-Za-z0-9]{0,63}$/)),
    "version": z.exactOptional(count),
    "aggregate_type": z.string().check(z.minLength(1), z.maxLength(64)),
    "class": z.exactOptional(z.enum(["fact", "snapshot", "telemetry"])),
    "fields": z.record(z.string(), fieldSchema),
    "allows_others": z.exactOptional(z.boolean()),
    "forbidden_keys": z.exactOptional(z.array(z.string())),
    "strip": z.exactOptional(z.array(z.string())),
    "free_text": z.exactOptional(z.array(z.string())),
    "coalesce_by": z.exactOptional(z.array(z.string())),
    "max_bytes": z.exactOptional(count),
    "order_role": z.exactOptional(z.enum(["create", "update", "none"])),
  })),
});

/** Content of such a file. */
export type EventTypesFile = z.infer<typeof eventTypesSchema>;
