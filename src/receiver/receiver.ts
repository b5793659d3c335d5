/**
 * The reference receiver of the event protocol: routes in front of a database.
 *
 * @module
 */

import type { Database } from "../host/databases.ts";
import type { Clock } from "../host/host.ts";
import type { Desk, ReceiverHost } from "./desk.ts";
import { countEvents, prepareEventTables, readBodies } from "./event_store.ts";
import { createFaults, type Faults } from "./faults.ts";
import { createRequestLog, type RequestLog } from "./request_log.ts";
import { buildRoutes } from "./routes.ts";
import { prepareSessionTables } from "./session_store.ts";
import { completeOptions, type ReceiverOptions } from "./settings.ts";
import { createSocketHub } from "./socket_hub.ts";

/** How long requests in progress may delay the end, in milliseconds. */
const CLOSE_GRACE_MS = 1000;
const CLOSE_GOING_AWAY = 1001;

/** A receiver, with what tests want to know of it. */
export interface Receiver {
  /** Answers one request. */
  readonly handle: (request: Request) => Promise<Response>;
  /** What goes wrong on purpose; may be changed at any time. */
  readonly faults: Faults;
  /** What was asked. */
  readonly log: RequestLog;
  /** How many events are stored. */
  readonly countEvents: () => number;
  /** The canonical JSON of every stored event, in the order of arrival. */
  readonly bodies: () => readonly string[];
  /** How many sockets are open. */
  readonly countSockets: () => number;
  /** Closes every open socket, as a server does that goes away. */
  readonly closeSockets: (code: number) => void;
  /** Ends what is still going on; the database stays open. */
  readonly close: () => Promise<void>;
}

/** Builds a receiver over a database, which it prepares. */
export function createReceiver(
  host: ReceiverHost,
  db: Database,
  options: ReceiverOptions = {},
): Receiver {
  prepareEventTables(db);
  prepareSessionTables(db);
  const closing = new AbortController();
  const desk = openDesk(host, db, options, closing.signal);
  const app = buildRoutes(desk);
  const requests = trackRequests(async (request) => await app.fetch(request));
  return {
    handle: (request) =>
      closing.signal.aborted ? answerClosing() : requests.handle(request),
    faults: desk.faults,
    log: desk.log,
    countEvents: () => countEvents(db),
    bodies: () => readBodies(db),
    countSockets: desk.hub.size,
    closeSockets: (code) => desk.hub.close(code, "closed"),
    async close() {
      closing.abort();
      desk.hub.close(CLOSE_GOING_AWAY, "going away");
      // A server that stops reads no more of a body that is on its way.
      const over = Promise.all([requests.ended(), desk.hub.emptied()]);
      await waitAtMost(host.clock, over, CLOSE_GRACE_MS);
    },
  };
}

function openDesk(
  host: ReceiverHost,
  db: Database,
  options: ReceiverOptions,
  closing: AbortSignal,
): Desk {
  const settings = completeOptions(options);
  return {
    host,
    db,
    settings,
    faults: createFaults(options.faults),
    log: createRequestLog(options.logLimit ?? 1000),
    hub: createSocketHub(host.clock, settings.socketIdleSeconds * 1000),
    closing,
  };
}

type Handle = (request: Request) => Promise<Response>;

function trackRequests(
  answer: Handle,
): { readonly handle: Handle; readonly ended: () => Promise<unknown> } {
  const running = new Set<Promise<Response>>();
  return {
    async handle(request) {
      const answered = answer(request);
      running.add(answered);
      try {
        return await answered;
      } finally {
        running.delete(answered);
      }
    },
    ended: () => Promise.all(running),
  };
}

function answerClosing(): Promise<Response> {
  const error = { code: "closing", message: "The server ends" };
  const headers = { "retry-after": "1", "connection": "close" };
  const answer = Response.json({ error }, { status: 503, headers });
  return Promise.resolve(answer);
}

async function waitAtMost(
  clock: Clock,
  over: Promise<unknown>,
  limitMs: number,
): Promise<void> {
  const done = new AbortController();
  await Promise.race([over, clock.sleep(limitMs, done.signal)]);
  done.abort();
}
