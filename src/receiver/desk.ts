/**
 * What every route of a receiver shares.
 *
 * @module
 */

import type { Context } from "hono";
import type { ContentfulStatusCode } from "hono/utils/http-status";
import type { Database } from "../host/databases.ts";
import type { Host } from "../host/host.ts";
import type { Faults } from "./faults.ts";
import type { LoggedRequest, RequestLog } from "./request_log.ts";
import type { Session } from "./session_store.ts";
import type { Settings } from "./settings.ts";
import type { SocketHub } from "./socket_hub.ts";

/** What a receiver needs of the world. */
export type ReceiverHost = Pick<Host, "clock" | "network" | "random">;

/** What every route of a receiver shares. */
export interface Desk {
  /** The world. */
  readonly host: ReceiverHost;
  /** Where everything is stored. */
  readonly db: Database;
  /** What the receiver was started with. */
  readonly settings: Settings;
  /** What goes wrong on purpose. */
  readonly faults: Faults;
  /** What was asked. */
  readonly log: RequestLog;
  /** The open sockets. */
  readonly hub: SocketHub;
  /** Aborts when the receiver closes. */
  readonly closing: AbortSignal;
}

/** What is known of a request while it is answered. */
export interface Known {
  /** By name. */
  readonly Variables: {
    /** Its line in the log. */
    logged: LoggedRequest;
    /** Who sends it, once that is proved. */
    session: Session;
    /** Workspace that it names, once that is admitted. */
    workspace: string;
  };
}

/** One request with what is known of it. */
export type Exchange = Context<Known>;

/** Refuses a request in the form of every refusal. */
export function refuse(
  c: Exchange,
  status: ContentfulStatusCode,
  code: string,
  message: string,
): Response {
  return c.json({ error: { code, message } }, status);
}
