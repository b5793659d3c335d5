/**
 * The shape of the port ledger on disk, and its check.
 *
 * @module
 */

import * as z from "zod/mini";
import type { DocumentSchema } from "../state/document.ts";
import type { PortLedger } from "./port_entry.ts";

const text = z.string().check(z.minLength(1));
const maybe = z.nullable(z.string());

const document = z.object({
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

/** Checks a ledger and gives it as a value. Unknown keys are dropped. */
export const ledgerSchema: DocumentSchema<PortLedger> = z.pipe(
  document,
  z.transform((found): PortLedger => ({
    slots: found.slots,
    entries: found.entries.map(({ owner, ...entry }) => ({
      ...entry,
      since: Date.parse(entry.since),
      owner: {
        kind: owner.kind,
        pid: owner.pid,
        startStamp: owner.start_stamp,
        host: owner.host,
        bootId: owner.boot_id ?? undefined,
        pidNamespace: owner.pid_namespace ?? undefined,
      },
    })),
  })),
);
