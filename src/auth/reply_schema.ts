/**
 * What a server answers about the sign-in: shapes and checks.
 *
 * @module
 */

import * as z from "zod/mini";
import type { WorkspaceRecord } from "./session_schema.ts";

/** A pair of tokens. */
export interface TokenReply {
  /** Token that requests carry. */
  readonly "access_token": string;
  /** Its life in seconds. */
  readonly "expires_in"?: number | null | undefined;
  /** Token that gets the next pair. */
  readonly "refresh_token"?: string | null | undefined;
  /** Its life in seconds. */
  readonly "refresh_expires_in"?: number | null | undefined;
  /** Name of the session. */
  readonly "session_id"?: string | null | undefined;
}

/** A device code and what to tell the person. */
export interface DeviceReply {
  /** Code that we ask with. */
  readonly "device_code": string;
  /** Code that the person types. */
  readonly "user_code": string;
  /** Where the person types it. */
  readonly "verification_uri": string;
  /** The same with the code in it. */
  readonly "verification_uri_complete"?: string | null | undefined;
  /** Life of the codes in seconds. */
  readonly "expires_in": number;
  /** Time between two questions in seconds. */
  readonly "interval"?: number | null | undefined;
}

/** Who is signed in. */
export interface ProfileReply {
  /** Id of the person. */
  readonly "user_id": string;
  /** E-mail of the person. */
  readonly "email"?: string | null | undefined;
  /** Name of the person. */
  readonly "name"?: string | null | undefined;
  /** Workspaces that the person belongs to. */
  readonly "workspaces": readonly WorkspaceRecord[];
}

/** What the server knows of a session. */
export interface StatusReply {
  /** `active`. */
  readonly "status": string;
  /** Name of the session. */
  readonly "session_id"?: string | null | undefined;
  /** Life of its access token in seconds. */
  readonly "expires_in"?: number | null | undefined;
}

const NOT_STATED = false;
const seconds = z.number().check(z.gte(0), z.lte(10 * 366 * 86_400));
/** What may stand in a header: visible ASCII. */
const token = z.string().check(z.regex(/^[\x21-\x7e]{1,8192}$/));
/** What may be shown on a terminal as it is. */
const shown = z.string().check(z.regex(/^[^\p{Cc}\p{Cf}]{1,2000}$/u));
const slug = z.string().check(z.regex(/^[\x21-\x7e]{1,200}$/));
const link = shown.check(z.regex(/^https?:\/\//));

/** Checks a pair of tokens. */
export const tokenReplySchema: z.ZodMiniType<TokenReply> = z.object({
  "access_token": token,
  "expires_in": z.nullish(seconds),
  "refresh_token": z.nullish(token),
  "refresh_expires_in": z.nullish(seconds),
  "session_id": z.nullish(z.string()),
});

/** Checks a device code. */
export const deviceReplySchema: z.ZodMiniType<DeviceReply> = z.object({
  "device_code": token,
  "user_code": shown,
  "verification_uri": link,
  "verification_uri_complete": z.nullish(link),
  "expires_in": seconds,
  "interval": z.nullish(seconds),
});

/** Checks who is signed in. */
export const profileReplySchema: z.ZodMiniType<ProfileReply> = z.object({
  "user_id": z.string().check(z.minLength(1)),
  "email": z.nullish(z.string()),
  "name": z.nullish(z.string()),
  "workspaces": z.array(z.object({
    "id": z.string(),
    slug,
    "name": z._default(z.string(), ""),
    "role": z._default(z.string(), ""),
    "is_private": z._default(z.boolean(), NOT_STATED),
    "is_default": z._default(z.boolean(), NOT_STATED),
  })),
});

/** Checks what the server knows of a session. */
export const statusReplySchema: z.ZodMiniType<StatusReply> = z.object({
  "status": z.string(),
  "session_id": z.nullish(z.string()),
  "expires_in": z.nullish(seconds),
});
