/**
 * The shape of the port ledger on disk, and its check.
 *
 * @module
 */

import * as z from "zod/mini";

const text = z.string().check(z.minLength(1));
const maybe = z.nullable(z.string());

/** Checks a ledger. Unknown keys are dropped. */
export const ledgerSchema = z.object({
  "schema": z.literal("port_ledger"),
  "schema_version": z.literal(1),
  "slots": z.array(z.object({
    "scope": text,
    "project": text,
    "slot": z.int().check(z.gte(1)),
  })),
  "entries": z.array(z.object({
    "port": z.int().check(z.gte(1), z.lte(65535)),
    "scope": text,
    "project": text,
    "unit": text,
    "since": text,
    "owner": z.object({
      "kind": z.enum(["command", "unit"]),
      "pid": z.int().check(z.gte(2), z.lte(2 ** 31)),
      "start_stamp": text,
      "host": z.string(),
      "boot_id": maybe,
      "pid_namespace": maybe,
    }),
  })),
});

/** The document of a ledger. */
export type LedgerDocument = z.infer<typeof ledgerSchema>;
