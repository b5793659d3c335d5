/**
 * A session as files and documents show it, and back.
 *
 * @module
 */

import { parseServerUrl } from "../config/server_url.ts";
import type { Session, SignInMethod, Workspace } from "./session.ts";
import type {
  SessionRecord,
  SessionSummary,
  WorkspaceRecord,
} from "./session_schema.ts";

/** The session without its tokens: what may be shown. */
export function toSummary(session: Session): SessionSummary {
  return {
    "schema_version": 1,
    "generation": session.generation,
    "method": session.method,
    "server": session.server,
    "session_id": session.sessionId ?? null,
    "user_id": session.userId,
    "email": session.email,
    "name": session.name,
    "workspaces": session.workspaces.map(toWorkspaceRecord),
    "workspace": session.workspace ?? null,
    "issued_at": toIso(session.issuedAt),
    "access_expires_at": toIsoOrNull(session.accessExpiresAt),
    "refresh_expires_at": toIsoOrNull(session.refreshExpiresAt),
    "can_refresh": session.refreshToken !== undefined,
  };
}

/** The session with its tokens, for the one file that may hold them. */
export function toSessionRecord(session: Session): SessionRecord {
  const { can_refresh: _, ...shown } = toSummary(session);
  return {
    ...shown,
    "access_token": session.accessToken,
    "refresh_token": session.refreshToken ?? null,
  };
}

/** The session of a checked record; `undefined` when its server is none. */
export function fromSessionRecord(record: SessionRecord): Session | undefined {
  const server = parseServerUrl(record.server);
  const method = toMethod(record.method);
  if (server === undefined || method === undefined) return undefined;
  return {
    accessToken: record.access_token,
    accessExpiresAt: fromIso(record.access_expires_at),
    refreshToken: record.refresh_token ?? undefined,
    refreshExpiresAt: fromIso(record.refresh_expires_at),
    sessionId: record.session_id ?? undefined,
    userId: record.user_id,
    email: record.email,
    name: record.name,
    workspaces: record.workspaces.map(fromWorkspaceRecord),
    workspace: record.workspace ?? undefined,
    server,
    method,
    issuedAt: Date.parse(record.issued_at),
    generation: record.generation,
  };
}

function toWorkspaceRecord(workspace: Workspace): WorkspaceRecord {
  const { id, slug, name, role, isPrivate, isDefault } = workspace;
  return {
    id,
    slug,
    name,
    role,
    "is_private": isPrivate,
    "is_default": isDefault,
  };
}

/** A workspace as the server and our files name it. */
export function fromWorkspaceRecord(record: WorkspaceRecord): Workspace {
  const { id, slug, name, role } = record;
  return {
    id,
    slug,
    name,
    role,
    isPrivate: record.is_private,
    isDefault: record.is_default,
  };
}

function toMethod(text: string): SignInMethod | undefined {
  return text === "browser" || text === "device" || text === "token"
    ? text
    : undefined;
}

function toIso(epochMs: number): string {
  return new Date(epochMs).toISOString();
}

function toIsoOrNull(epochMs: number | undefined): string | null {
  return epochMs === undefined ? null : toIso(epochMs);
}

function fromIso(text: string | null): number | undefined {
  return text === null ? undefined : Date.parse(text);
}
