/**
 * Tickets for sockets, and the upgrade that uses one up.
 *
 * @module
 */

import { readBearer } from "./admission.ts";
import { isRecord } from "./canonical_json.ts";
import { type Desk, type Exchange, refuse } from "./desk.ts";
import { readJson } from "./event_routes.ts";
import { hashText } from "./hash_text.ts";
import { answerFrame } from "./socket_frames.ts";
import type { Peer } from "./socket_hub.ts";

/** How long a ticket is good for, in seconds. */
export const TICKET_SECONDS = 60;

interface Ticket {
  readonly sessionId: string;
  readonly workspace: string;
  readonly expiresAt: number;
}

/** Tickets that nobody has used, by their hash. */
export type Tickets = Map<string, Ticket>;

/** Gives a ticket for one socket. */
export async function answerTicket(
  desk: Desk,
  tickets: Tickets,
  c: Exchange,
): Promise<Response> {
  const read = await readJson(desk, c);
  if (read.kind === "answer") return read.answer;
  const workspace = isRecord(read.value) ? read.value["workspace"] : undefined;
  if (typeof workspace !== "string" || workspace === "") {
    return refuse(c, 403, "workspace_missing", "workspace: must be its slug");
  }
  if (!desk.settings.workspaces.includes(workspace)) {
    return refuse(c, 403, "forbidden", `No workspace ${workspace} is yours`);
  }
  const { sessionId } = c.get("session");
  const token = desk.host.random.hex(32);
  const now = desk.host.clock.now();
  for (const [hash, { expiresAt }] of tickets) {
    if (expiresAt <= now) tickets.delete(hash);
  }
  const expiresAt = now + TICKET_SECONDS * 1000;
  tickets.set(hashText(token), { sessionId, workspace, expiresAt });
  const url = new URL("/api/v1/ws/", c.req.url);
  url.protocol = url.protocol === "https:" ? "wss:" : "ws:";
  return c.json({
    "ws_token": token,
    "ws_url": url.href,
    "expires_in": TICKET_SECONDS,
    "session_id": sessionId,
  });
}

/** Turns a request with a ticket into a socket. */
export function answerUpgrade(
  desk: Desk,
  tickets: Tickets,
  c: Exchange,
): Response {
  if (c.req.header("upgrade")?.toLowerCase() !== "websocket") {
    c.header("Upgrade", "websocket");
    return refuse(c, 426, "upgrade_required", "This is a WebSocket");
  }
  // What is in a URL ends up in logs.
  if (Object.keys(c.req.query()).length > 0) {
    return refuse(c, 400, "token_in_query", "Send the token as a header");
  }
  const ticket = takeTicket(desk, tickets, readBearer(c));
  if (ticket === undefined) {
    return refuse(c, 401, "unauthorized", "The ticket is used up or unknown");
  }
  return openPeer(desk, ticket, c.req.raw);
}

function takeTicket(
  desk: Desk,
  tickets: Tickets,
  token: string | undefined,
): Ticket | undefined {
  const hash = hashText(token ?? "");
  const ticket = tickets.get(hash);
  tickets.delete(hash);
  const now = desk.host.clock.now();
  return ticket !== undefined && ticket.expiresAt > now ? ticket : undefined;
}

function openPeer(desk: Desk, ticket: Ticket, request: Request): Response {
  const { clock, network } = desk.host;
  const bound: { peer?: Peer } = {};
  const { response, socket } = network.acceptSocket(request, {
    onText: (text) => {
      if (bound.peer !== undefined) answerFrame(desk, bound.peer, text);
    },
    onClose: () => {
      if (bound.peer !== undefined) desk.hub.leave(bound.peer);
    },
  });
  bound.peer = {
    socket,
    sessionId: ticket.sessionId,
    workspace: ticket.workspace,
    nodes: new Set(),
    project: undefined,
    heardAt: clock.elapsed(),
  };
  desk.hub.join(bound.peer);
  return response;
}
