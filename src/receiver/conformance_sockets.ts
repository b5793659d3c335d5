/**
 * Checks of WebSockets.
 *
 * @module
 */

import { isRecord } from "./canonical_json.ts";
import type { Check } from "./conformance_check.ts";
import type { EventMaker } from "./conformance_events.ts";
import {
  expect,
  lookUp,
  newEvents,
  post,
  type Probe,
  store,
} from "./conformance_probe.ts";
import { openSocket, type ProbeSocket } from "./conformance_socket.ts";

interface Ticket {
  readonly token: string;
  readonly url: string;
}

async function takeTicket(probe: Probe): Promise<Ticket> {
  const body = JSON.stringify({ workspace: probe.workspace });
  const { status, json } = await post(probe, "/api/v1/ws-token/", body);
  const { ws_token: token, ws_url: url } = json;
  expect(typeof token === "string", `${status} without ws_token`);
  const isSocket = typeof url === "string" && /^wss?:\/\//.test(url);
  expect(isSocket, `ws_url is ${url}`);
  return { token: String(token), url: String(url) };
}

/** Opens a socket with a fresh ticket and says hello. */
async function greet(
  probe: Probe,
  { project, node }: Pick<EventMaker, "project" | "node">,
): Promise<ProbeSocket> {
  const { token, url } = await takeTicket(probe);
  const socket = await openSocket(probe, url, token);
  socket.say({
    type: "hello",
    protocol: "3.0",
    "client_version": "0",
    "project_uuid": project,
    "node_id": node,
    "last_lamport": 0,
  });
  return socket;
}

async function ticket(probe: Probe): Promise<void> {
  await takeTicket(probe);
}

async function ticketOnce(probe: Probe): Promise<void> {
  const { token, url } = await takeTicket(probe);
  await using first = await openSocket(probe, url, token);
  expect(first.isOpen(), "A ticket does not open a socket");
  await using second = await openSocket(probe, url, token);
  expect(!second.isOpen(), "A ticket opens two sockets");
}

async function ticketInQuery(probe: Probe): Promise<void> {
  const { token, url } = await takeTicket(probe);
  for (const name of ["token", "ws_token"]) {
    const address = `${url}?${name}=${encodeURIComponent(token)}`;
    await using socket = await openSocket(probe, address, undefined);
    expect(!socket.isOpen(), "A token in the query opens a socket");
  }
  await using other = await openSocket(probe, url, probe.token);
  expect(!other.isOpen(), "An access token opens a socket");
}

async function snapshot(probe: Probe): Promise<void> {
  const maker = newEvents(probe);
  await store(probe, maker.several(2));
  await using socket = await greet(probe, maker);
  const { max_lamport: marks, cursor } = await socket.next("snapshot");
  expect(typeof cursor === "string", `cursor is ${cursor}`);
  const mark = isRecord(marks) ? marks[maker.node] : undefined;
  expect(mark === 2, `max_lamport is ${mark} where 2 is stored`);
}

async function acknowledge(probe: Probe): Promise<void> {
  const maker = newEvents(probe);
  await using socket = await greet(probe, maker);
  await socket.next("snapshot");
  const event = maker.make();
  for (const wanted of [["accepted", "success"], ["duplicate"]]) {
    socket.say({ type: "event", event: event.text });
    const { event_id: id, status } = await socket.next("ack");
    expect(id === event.id, `The ack is for ${id}`);
    expect(wanted.includes(String(status)), `The ack says ${status}`);
    const found = await lookUp(probe, maker.project, [event.id]);
    expect(found.has(event.id), "What is acknowledged is not stored");
  }
}

async function ping(probe: Probe): Promise<void> {
  await using socket = await greet(probe, newEvents(probe));
  await socket.next("snapshot");
  const timestamp = new Date(probe.host.clock.now()).toISOString();
  socket.say({ type: "ping", timestamp });
  const pong = await socket.next("pong");
  expect(pong["timestamp"] === timestamp, "The pong has another timestamp");
}

async function broadcast(probe: Probe): Promise<void> {
  const maker = newEvents(probe);
  const { node } = newEvents(probe);
  await using socket = await greet(probe, { project: maker.project, node });
  await socket.next("snapshot");
  const event = maker.make();
  await store(probe, [event]);
  const { event: heard } = await socket.next("event");
  const id = isRecord(heard) ? heard["event_id"] : undefined;
  expect(id === event.id, `It tells of ${id}`);
}

/** The checks of sockets, in the order of their running. */
export const SOCKET_CHECKS: readonly Check[] = [
  { id: "ws_ticket", title: "A session gets a ticket", run: ticket },
  { id: "ws_ticket_once", title: "A ticket opens one socket", run: ticketOnce },
  { id: "ws_query", title: "No token in the query", run: ticketInQuery },
  { id: "ws_snapshot", title: "Hello brings a snapshot", run: snapshot },
  { id: "ws_ack", title: "What is acknowledged is stored", run: acknowledge },
  { id: "ws_ping", title: "A ping brings a pong", run: ping },
  { id: "ws_broadcast", title: "Other nodes are told", run: broadcast },
];
