/**
 * Every route of the receiver.
 *
 * @module
 */

import { Hono, type MiddlewareHandler } from "hono";
import { HostError } from "../host/host.ts";
import { answerMe, answerSessionStatus } from "./account_routes.ts";
import {
  checkProtocol,
  checkSession,
  checkWorkspace,
  PROTOCOL,
} from "./admission.ts";
import {
  askForDevice,
  askInBrowser,
  show,
  takeDecision,
} from "./authorize_routes.ts";
import { delayBatch } from "./batch_faults.ts";
import { type Desk, type Exchange, type Known, refuse } from "./desk.ts";
import { answerBatch, answerLookup, answerWatermark } from "./event_routes.ts";
import { countEvents } from "./event_store.ts";
import { distort, logExchange, refuseStrangers } from "./every_request.ts";
import { createGrants } from "./grants.ts";
import { rootPage } from "./pages.ts";
import { BATCH_PATH } from "./request_log.ts";
import { answerTicket, answerUpgrade, type Tickets } from "./socket_routes.ts";
import { answerDevice, answerRevoke, answerToken } from "./token_routes.ts";

type Step = MiddlewareHandler<Known>;

/** Builds the routes of one receiver. */
export function buildRoutes(desk: Desk): Hono<Known> {
  const app = new Hono<Known>();
  app.use(logExchange(desk), refuseStrangers(), distort(desk));
  app.get("/api/v1/sync/health/", (c) => c.json(health(desk)));
  const session = checkSession(desk);
  addEventRoutes(app, desk, session);
  addSocketRoutes(app, desk, session);
  addSignInRoutes(app, desk, session);
  app.notFound((c) => refuse(c, 404, "not_found", "Nothing is here"));
  app.onError(answerError);
  return app;
}

function answerError(error: Error, c: Exchange): Response {
  if (!(error instanceof HostError)) {
    return refuse(c, 500, "internal", error.message);
  }
  // A full disk or a locked database may pass.
  c.header("Retry-After", "1");
  return refuse(c, 503, "unavailable", error.message);
}

function health({ settings }: Desk) {
  return {
    status: "ok",
    protocol: PROTOCOL,
    "max_events_per_batch": settings.limits.maxEvents,
    "max_decompressed_bytes_per_batch": settings.limits.maxBytes,
    "retry_after_min_seconds": 1,
    "retry_after_max_seconds": 3600,
  };
}

function addEventRoutes(app: Hono<Known>, desk: Desk, session: Step): void {
  const admit = [session, checkProtocol(desk), checkWorkspace(desk)] as const;
  app.post(BATCH_PATH, delayBatch(desk), ...admit, (c) => answerBatch(desk, c));
  app.post("/api/v1/events/lookup/", ...admit, (c) => answerLookup(desk, c));
  app.get(
    "/api/v1/projects/:project/watermark/",
    ...admit,
    (c) => answerWatermark(desk, c),
  );
}

function addSocketRoutes(app: Hono<Known>, desk: Desk, session: Step): void {
  const tickets: Tickets = new Map();
  app.post(
    "/api/v1/ws-token/",
    session,
    checkProtocol(desk),
    (c) => answerTicket(desk, tickets, c),
  );
  app.get("/api/v1/ws/", (c) => answerUpgrade(desk, tickets, c));
}

function addSignInRoutes(app: Hono<Known>, desk: Desk, session: Step): void {
  const grants = createGrants(desk.host);
  app.get("/oauth/authorize", (c) => askInBrowser(desk, grants, c));
  app.post("/oauth/authorize", (c) => takeDecision(desk, grants, c));
  app.get("/device", (c) => askForDevice(desk, grants, c));
  app.post("/device", (c) => takeDecision(desk, grants, c));
  app.post("/oauth/token", (c) => answerToken(desk, grants, c));
  app.post("/oauth/device_authorization", (c) => answerDevice(desk, grants, c));
  app.post("/oauth/revoke", (c) => answerRevoke(desk, c));
  app.get("/api/v1/me", session, (c) => answerMe(desk, c));
  app.get(
    "/api/v1/session-status",
    session,
    (c) => answerSessionStatus(desk, c),
  );
  app.get(
    "/",
    () => show(desk, rootPage(desk.settings.user, countEvents(desk.db))),
  );
}
