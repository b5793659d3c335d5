/**
 * What happens to every request, whatever it asks for.
 *
 * @module
 */

import type { MiddlewareHandler } from "hono";
import { type Desk, type Known, refuse } from "./desk.ts";
import { shownHeaders } from "./request_log.ts";

type Step = MiddlewareHandler<Known>;

/** Where the fault `redirect` leads; nobody can own this name. */
export const ELSEWHERE = "http://elsewhere.invalid/";

const PORTAL = "<!doctype html><title>Welcome</title><p>Please sign in.\n";

/** Writes the request and the status of its answer down. */
export function logExchange(desk: Desk): Step {
  return async (c, next) => {
    const { method, path } = c.req;
    const headers = shownHeaders(c.req.raw.headers);
    const now = desk.host.clock.now();
    const logged = desk.log.add(now, method, path, headers);
    c.set("logged", logged);
    await next();
    logged.status = c.res.status;
  };
}

/** A page in a browser can reach loopback, but not under our name. */
export function refuseStrangers(): Step {
  return async (c, next) => {
    const { hostname } = new URL(c.req.url);
    const names = ["127.0.0.1", "localhost", "[::1]"];
    if (names.includes(hostname)) return await next();
    return refuse(c, 403, "forbidden_host", "This server is for loopback only");
  };
}

/** The faults that do not care what is asked. */
export function distort(desk: Desk): Step {
  const { faults, host } = desk;
  return async (c, next) => {
    const skew = faults.take("clock-skew");
    if (skew !== undefined) {
      const wrong = new Date(host.clock.now() + skew.amount * 1000);
      c.header("Date", wrong.toUTCString());
    }
    if (!c.req.path.startsWith("/api/")) return await next();
    if (faults.take("hang") !== undefined) {
      await ended(desk.closing);
      return refuse(c, 503, "closing", "The server ends");
    }
    if (faults.take("redirect") !== undefined) return c.redirect(ELSEWHERE);
    if (faults.take("html") !== undefined) return c.html(PORTAL);
    return await next();
  };
}

function ended(signal: AbortSignal): Promise<void> {
  return new Promise((resolve) => {
    if (signal.aborted) resolve();
    else signal.addEventListener("abort", () => resolve());
  });
}
