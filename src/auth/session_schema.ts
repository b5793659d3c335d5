/**
 * The stored session on disk: its shape and check.
 *
 * @module
 */

import * as z from "zod/mini";

/** A workspace as files and documents show it. */
export interface WorkspaceRecord {
  /** Its id. */
  readonly "id": string;
  /** Its name in headers and flags. */
  readonly "slug": string;
  /** Its name for people. */
  readonly "name": string;
  /** What the person may do in it. */
  readonly "role": string;
  /** Whether it is the person's own. */
  readonly "is_private": boolean;
  /** Whether the server takes it when none is named. */
  readonly "is_default": boolean;
}

/** A sign-in without its tokens, as files and documents show it. */
export interface SessionSummary {
  /** Version of this shape. */
  readonly "schema_version": number;
  /** One more with each write. */
  readonly "generation": number;
  /** `browser`, `device` or `token`. */
  readonly "method": string;
  /** Base URL of the server. */
  readonly "server": string;
  /** Name of the session at the server. */
  readonly "session_id": string | null;
  /** Id of the person. */
  readonly "user_id": string;
  /** E-mail of the person. */
  readonly "email": string;
  /** Name of the person. */
  readonly "name": string;
  /** Workspaces that the person belongs to. */
  readonly "workspaces": readonly WorkspaceRecord[];
  /** Slug of the chosen one. */
  readonly "workspace": string | null;
  /** When the person signed in, ISO 8601. */
  readonly "issued_at": string;
  /** End of the access token, ISO 8601; `null` when unknown. */
  readonly "access_expires_at": string | null;
  /** End of the refresh token, ISO 8601; `null` when unknown. */
  readonly "refresh_expires_at": string | null;
  /** Whether there is a refresh token. */
  readonly "can_refresh": boolean;
}

/** A sign-in with its tokens, in a file that only its owner can read. */
export interface SessionRecord extends Omit<SessionSummary, "can_refresh"> {
  /** Token that requests carry. Secret. */
  readonly "access_token": string;
  /** Token that gets the next pair. Secret. */
  readonly "refresh_token": string | null;
}

const instant = z.string().check(
  z.refine((text) => !Number.isNaN(Date.parse(text))),
);
const maybeInstant = z.nullable(instant);
const maybe = z.nullable(z.string());
/** What may stand in a header: visible ASCII. */
const token = z.string().check(z.regex(/^[\x21-\x7e]{1,8192}$/));
const slug = z.string().check(z.regex(/^[\x21-\x7e]{1,200}$/));

const common = {
  "schema_version": z.literal(1),
  "generation": z.int().check(z.gte(1)),
  "method": z.enum(["browser", "device", "token"]),
  "server": z.string(),
  "session_id": maybe,
  "user_id": z.string(),
  "email": z.string(),
  "name": z.string(),
  "workspaces": z.array(z.object({
    "id": z.string(),
    slug,
    "name": z.string(),
    "role": z.string(),
    "is_private": z.boolean(),
    "is_default": z.boolean(),
  })),
  "workspace": z.nullable(slug),
  "issued_at": instant,
  "access_expires_at": maybeInstant,
  "refresh_expires_at": maybeInstant,
};

/** Checks the stored session. */
export const sessionSchema: z.ZodMiniType<SessionRecord> = z.object({
  ...common,
  "access_token": token,
  "refresh_token": z.nullable(token),
});

/** Checks the summary beside it. */
export const sessionSummarySchema: z.ZodMiniType<SessionSummary> = z.object({
  ...common,
  "can_refresh": z.boolean(),
});
