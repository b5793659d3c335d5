/**
 * The files of the daemon domain on disk: their shapes and checks.
 *
 * @module
 */

import * as z from "zod/mini";

/** The owner record: who a daemon is and the credential to ask it to stop. */
export interface OwnerRecord {
  /** Version of this shape. */
  readonly "schema_version": number;
  /** `reeve`. */
  readonly "product": string;
  /** `sync` or `dashboard`. */
  readonly "daemon_family": string;
  /** E-mail of the sign-in. */
  readonly "auth_principal": string | null;
  /** Hash of the queue scope when signed in. */
  readonly "auth_scope": string | null;
  /** Id of the private workspace. */
  readonly "auth_team": string | null;
  /** Executable of the daemon. */
  readonly "executable_path": string;
  /** Version of the daemon. */
  readonly "package_version": string;
  /** Version of its control protocol. */
  readonly "protocol_version": number;
  /** Its process id. */
  readonly "pid": number;
  /** Its port on 127.0.0.1. */
  readonly "port": number;
  /** Its queue file. */
  readonly "queue_db_path": string | null;
  /** The server it delivers to. */
  readonly "server_url": string | null;
  /** Where its program was loaded from. */
  readonly "source_checkout_path": string;
  /** Canonical scope root. */
  readonly "singleton_scope_id": string;
  /** Its start, ISO 8601 UTC; never rewritten. */
  readonly "started_at": string;
  /** Its start stamp as the platform tells it. */
  readonly "start_stamp": string;
  /** Host name of its machine. */
  readonly "host": string;
  /** Boot of its machine. */
  readonly "boot_id": string | null;
  /** Its pid namespace. */
  readonly "pid_namespace": string | null;
  /** Control token. Secret: in 0600 files only, this and the state file. */
  readonly "token": string;
}

const pid = z.int().check(z.gte(2), z.lte(2 ** 31));
const port = z.int().check(z.gte(1), z.lte(65535));
const token = z.string().check(z.regex(/^[0-9a-f]{32}$/));
const maybe = z.nullable(z.string());

/** Checks an owner record. Unknown keys are allowed: a field may be added. */
export const ownerRecordSchema: z.ZodMiniType<OwnerRecord> = z.object({
  "schema_version": z.literal(1),
  "product": z.string(),
  "daemon_family": z.string(),
  "auth_principal": maybe,
  "auth_scope": maybe,
  "auth_team": maybe,
  "executable_path": z.string(),
  "package_version": z.string(),
  "protocol_version": z.int(),
  pid,
  port,
  "queue_db_path": maybe,
  "server_url": maybe,
  "source_checkout_path": z.string(),
  "singleton_scope_id": z.string(),
  "started_at": z.string(),
  "start_stamp": z.string(),
  "host": z.string(),
  "boot_id": maybe,
  "pid_namespace": maybe,
  token,
});
