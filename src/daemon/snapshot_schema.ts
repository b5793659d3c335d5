/**
 * The check of a snapshot file.
 *
 * @module
 */

import * as z from "zod/mini";
import type { Candidate } from "./candidate.ts";
import type { Snapshot } from "./snapshot.ts";

const text = z.string();
const optionalText = z.exactOptional(text);
const optionalNumber = z.exactOptional(z.number());
/** Epoch milliseconds that a date can hold. */
const moment = z.number().check(z.gte(0), z.lte(8.64e15));
const optionalFlag = z.exactOptional(z.boolean());
const familyName = z.enum(["sync", "dashboard"]);
const product = z.enum(["reeve", "spec-kitty"]);

const healthSchema = z.object({
  responded: z.boolean(),
  outcome: text,
  status: optionalText,
  product: optionalText,
  daemonFamily: optionalText,
  protocolVersion: optionalNumber,
  packageVersion: optionalText,
  scope: optionalText,
  ownerPid: optionalNumber,
  ownerPort: optionalNumber,
  hasOwner: z.boolean(),
  queueDbPath: optionalText,
  authScope: optionalText,
  serverUrl: optionalText,
  startedAt: optionalText,
  isDashboardShaped: z.boolean(),
});

const candidateSchema: z.ZodMiniType<Candidate> = z.object({
  port: z.int(),
  pid: optionalNumber,
  ownerProblem: optionalText,
  process: z.exactOptional(z.object({
    startStamp: text,
    startedAt: z.exactOptional(moment),
    uid: optionalNumber,
    executable: optionalText,
    state: text,
  })),
  spawn: z.object({
    shape: z.enum(["marked", "unmarked", "none", "unknown"]),
    product: z.exactOptional(product),
    family: z.exactOptional(familyName),
    isProofWithoutMarker: z.boolean(),
    scope: optionalText,
    port: optionalNumber,
    argv: z.array(text),
  }),
  health: healthSchema,
  credentials: z.object({
    argvTokenIsHealthToken: optionalFlag,
    stateTokenIsHealthToken: optionalFlag,
    ownerBlock: z.enum(["absent", "is_on_disk", "not_on_disk", "not_read"]),
  }),
  ownerPresent: z.boolean(),
});

const scopeSchema = z.object({
  scope: optionalText,
  singleton: z.exactOptional(
    z.object({ port: optionalNumber, pid: optionalNumber }),
  ),
  stateProblem: optionalText,
  stateWrittenAt: z.exactOptional(moment),
});

/** Checks a snapshot file. */
export const snapshotSchema: z.ZodMiniType<Snapshot> = z.object({
  "schema": z.literal("daemon_snapshot"),
  "schema_version": z.literal(1),
  "recorded_at": text,
  "package_version": text,
  "viewpoint": z.object({
    takenAt: moment,
    family: familyName,
    ports: z.object({ first: z.int(), end: z.int() }),
    scopes: z.object({ reeve: scopeSchema, "spec-kitty": scopeSchema }),
  }),
  "candidates": z.array(candidateSchema),
});
