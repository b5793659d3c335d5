/**
 * The daemon's HTTP control plane: routes, checks and limits. It listens on
 * loopback only; who may command it is decided by the token alone.
 *
 * @module
 */

import { type Context, Hono, type Next } from "hono";
import type { Clock } from "../host/host.ts";
import type { DaemonBody } from "./body.ts";
import {
  type Answerer,
  createAnswerer,
  equalsInConstantTime,
  isNonce,
} from "./challenge.ts";

/** Largest request body in bytes. */
export const BODY_LIMIT_BYTES = 64 * 1024;
/** How long a request body may take to arrive, in milliseconds. */
export const BODY_DEADLINE_MS = 5000;

/** Any command fits, so that no request takes the room of the largest one. */
const COMMAND_BYTES = 1024;

/** What the control plane needs of its daemon. */
export interface ControlPlaneOptions {
  /** Time. */
  readonly clock: Clock;
  /** Control token. Secret. */
  readonly token: string;
  /** The health payload as it is now. */
  readonly health: () => Readonly<Record<string, unknown>>;
  /** Port that requests must name; known once the server is bound. */
  readonly port: () => number;
  /** Called after a shutdown request was answered. */
  readonly onShutdown: () => void;
  /** The daemon's work, if it does any. */
  readonly body: Pick<DaemonBody, "health" | "publish" | "trigger"> | undefined;
}

/** The control plane and what it knows of its own use. */
export interface ControlPlane {
  /** Answers one request. */
  readonly handle: (request: Request) => Promise<Response>;
  /** Commands that are being received or processed. */
  readonly inFlight: () => number;
  /** Time of the last authenticated request or of the start; elapsed ms. */
  readonly lastUsedAt: () => number;
}

type Body = Readonly<Record<string, unknown>>;

/** Builds the control plane of one daemon. */
export function createControlPlane(
  options: ControlPlaneOptions,
): ControlPlane {
  let inFlight = 0;
  let lastUsedAt = options.clock.elapsed();
  const app = new Hono();
  app.use(checkHost(options.port));
  const command =
    (answer: (c: Context, body: Body) => Response | Promise<Response>) =>
    async (c: Context) => {
      inFlight++;
      try {
        const body = await readBody(c, options.clock);
        if (body instanceof Response) return body;
        const stated = typeof body["token"] === "string" ? body["token"] : "";
        if (!equalsInConstantTime(stated, options.token)) {
          return c.json({ error: "invalid_token" }, 403);
        }
        lastUsedAt = options.clock.elapsed();
        return await answer(c, body);
      } finally {
        inFlight--;
      }
    };
  const answerer = createAnswerer(options.token);
  app.get("/api/health", (c) => answerHealth(c, options, answerer));
  app.post(
    "/api/shutdown",
    command((c) => {
      options.onShutdown();
      return c.json({ status: "stopping" });
    }),
  );
  app.post(
    "/api/sync/trigger",
    command((c, body) => answerTrigger(c, body, options)),
  );
  app.post(
    "/api/sync/publish",
    command((c, body) => answerPublish(c, body, options)),
  );
  app.notFound((c) => c.body(null, 404));
  app.onError((_, c) => c.json({ error: "internal" }, 500));
  return {
    handle: async (request) => await app.fetch(request),
    inFlight: () => inFlight,
    lastUsedAt: () => lastUsedAt,
  };
}

type Work = Pick<ControlPlaneOptions, "body">;

function running({ body }: Work): ControlPlaneOptions["body"] {
  return body?.health().isRunning === true ? body : undefined;
}

function syncUnavailable(c: Context): Response {
  return c.json({ error: "sync_unavailable" }, 503);
}

function answerTrigger(c: Context, body: Body, options: Work): Response {
  const { project } = body;
  if (project !== undefined && typeof project !== "string") {
    return c.json({ error: "invalid_project" }, 400);
  }
  const work = running(options);
  if (work === undefined) return syncUnavailable(c);
  work.trigger(project);
  return c.json({ status: "accepted" }, 202);
}

async function answerPublish(
  c: Context,
  body: Body,
  options: Work,
): Promise<Response> {
  const event = readPublish(body["event"]);
  if (event === undefined) return c.json({ error: "invalid_event" }, 400);
  const work = running(options);
  if (work === undefined) return syncUnavailable(c);
  const status = await work.publish(event);
  return c.json({ status }, status === "published" ? 200 : 202);
}

/** A stored event is named, never sent: only what is on disk is delivered. */
function readPublish(
  event: unknown,
): { readonly project: string; readonly id: string } | undefined {
  if (typeof event !== "object" || event === null) return undefined;
  if (!("project_uuid" in event) || !("event_id" in event)) return undefined;
  const { project_uuid: project, event_id: id } = event;
  return typeof project === "string" && typeof id === "string"
    ? { project, id }
    : undefined;
}

async function answerHealth(
  c: Context,
  { health }: Pick<ControlPlaneOptions, "health">,
  answerer: Answerer,
): Promise<Response> {
  const nonce = c.req.query("nonce");
  const proof = nonce !== undefined && isNonce(nonce)
    ? { proof: await answerer(nonce) }
    : {};
  c.header("Cache-Control", "no-store");
  return c.json({ ...health(), ...proof });
}

/** A page in a browser can reach loopback, but not with our Host and Origin. */
function checkHost(port: () => number) {
  return async (c: Context, next: Next) => {
    const names = ["127.0.0.1", "localhost", "[::1]"];
    const host = c.req.header("host")?.toLowerCase();
    const isOurs = names.some((name) => host === `${name}:${port()}`);
    if (!isOurs) return c.json({ error: "forbidden_host" }, 403);
    const origin = c.req.header("origin")?.toLowerCase();
    const isLoopback = origin === undefined ||
      names.some((name) =>
        origin === `http://${name}` || origin.startsWith(`http://${name}:`)
      );
    if (!isLoopback) return c.json({ error: "forbidden_origin" }, 403);
    return await next();
  };
}

/** Reads a body with one limit of size and one of time, however it comes. */
async function readBody(c: Context, clock: Clock): Promise<Body | Response> {
  const reader = c.req.raw.body?.getReader();
  if (reader === undefined) return {};
  const stated = Number(c.req.header("content-length") ?? 0);
  const done = new AbortController();
  const late = clock.sleep(BODY_DEADLINE_MS, done.signal).then(() => "late");
  try {
    const bytes = stated > BODY_LIMIT_BYTES
      ? "too_large"
      : await Promise.race([readAll(reader), late]);
    // Whoever sends too much or too slowly gets no second request.
    if (typeof bytes === "string") c.header("Connection", "close");
    if (bytes === "late") return c.json({ error: "request_timeout" }, 408);
    if (typeof bytes === "string") {
      return c.json({ error: "payload_too_large" }, 413);
    }
    return parseBody(bytes) ?? c.json({ error: "invalid_payload" }, 400);
  } finally {
    done.abort();
    // Whoever still sends has to be let go of; nobody waits for that.
    reader.cancel().catch(() => undefined);
  }
}

async function readAll(
  reader: ReadableStreamDefaultReader<Uint8Array>,
): Promise<Uint8Array | "too_large"> {
  let bytes = new Uint8Array(COMMAND_BYTES);
  let length = 0;
  while (true) {
    const { done, value } = await reader.read();
    if (done) return bytes.subarray(0, length);
    const needed = length + value.length;
    if (needed > BODY_LIMIT_BYTES) return "too_large";
    if (needed > bytes.length) bytes = enlarged(bytes, needed);
    bytes.set(value, length);
    length = needed;
  }
}

function enlarged(
  bytes: Uint8Array<ArrayBuffer>,
  needed: number,
): Uint8Array<ArrayBuffer> {
  const larger = new Uint8Array(Math.max(needed, 2 * bytes.length));
  larger.set(bytes);
  return larger;
}

function parseBody(bytes: Uint8Array): Body | undefined {
  if (bytes.length === 0) return {};
  try {
    const text = new TextDecoder("utf-8", { fatal: true }).decode(bytes);
    const value: unknown = JSON.parse(text);
    const isObject = typeof value === "object" && value !== null &&
      !Array.isArray(value);
    return isObject ? { ...value } : undefined;
  } catch {
    return undefined;
  }
}
