/**
 * Checks of who may ask, and what for.
 *
 * @module
 */

import { isRecord } from "./canonical_json.ts";
import { type Check, CheckSkipped } from "./conformance_check.ts";
import {
  expect,
  get,
  lookUp,
  newEvents,
  type Probe,
  type ProbeOptions,
  type ProbeReply,
  send,
} from "./conformance_probe.ts";

const MOST_SKEW_MS = 5 * 60 * 1000;

async function me(probe: Probe): Promise<string> {
  const { status, json } = await get(probe, "/api/v1/me");
  expect(status === 200, `It is answered ${status}`);
  expect(typeof json["user_id"] === "string", "user_id is missing");
  const { workspaces } = json;
  const list = Array.isArray(workspaces) ? workspaces.filter(isRecord) : [];
  const slugs = list.map((one) => String(one["slug"]));
  const { workspace } = probe;
  expect(slugs.includes(workspace), `The workspace ${workspace} is not named`);
  return slugs.join(", ");
}

async function sessionStatus(probe: Probe): Promise<void> {
  const { status, json } = await get(probe, "/api/v1/session-status");
  const said = `${status} ${json["status"]}`;
  expect(said === "200 active", `It is answered ${said}`);
}

/** Sends an event that must be refused, and looks that it was. */
async function sendRefused(
  probe: Probe,
  options: ProbeOptions,
): Promise<ProbeReply> {
  const maker = newEvents(probe);
  const event = maker.make();
  const reply = await send(probe, [event], options);
  const found = await lookUp(probe, maker.project, [event.id]);
  expect(found.size === 0, `It is answered ${reply.status}, but stored`);
  return reply;
}

async function noToken(probe: Probe): Promise<void> {
  const tokens = { "No token": "", "A wrong token": "Bearer wrong" };
  for (const [name, authorization] of Object.entries(tokens)) {
    const { status } = await sendRefused(probe, { headers: { authorization } });
    expect(status === 401, `${name} is answered ${status} instead of 401`);
  }
}

async function protocol(probe: Probe): Promise<void> {
  const headers = { "x-reeve-sync-protocol": "1.0" };
  const { status } = await sendRefused(probe, { headers });
  const isRefused = status === 412 || status === 426;
  expect(isRefused, `Version 1.0 is answered ${status} instead of 412`);
}

async function workspace(probe: Probe): Promise<void> {
  const unknown = `no-such-${probe.host.random.hex(8)}`;
  for (const slug of ["", unknown]) {
    const headers = { "x-reeve-workspace": slug };
    const { status, code = "none" } = await sendRefused(probe, { headers });
    const name = slug === "" ? "No workspace" : "An unknown workspace";
    expect(status === 403, `${name} is answered ${status} instead of 403`);
    const isKnown = ["workspace_missing", "forbidden"].includes(code);
    expect(isKnown, `${name} is refused with the code ${code}`);
  }
}

async function clock(probe: Probe): Promise<string> {
  const date = (await get(probe, "/api/v1/me")).header("date");
  if (date === undefined) throw new CheckSkipped("It sends no Date header");
  const skewMs = Date.parse(date) - probe.host.clock.now();
  const seconds = Math.round(skewMs / 1000);
  expect(Math.abs(skewMs) <= MOST_SKEW_MS, `Its clock is ${seconds} s off`);
  return `${seconds} s off`;
}

/** The checks of sessions, in the order of their running. */
export const SESSION_CHECKS: readonly Check[] = [
  { id: "me", title: "It says who is signed in, and where", run: me },
  { id: "session_status", title: "The session is active", run: sessionStatus },
  { id: "no_token", title: "401 without a good token", run: noToken },
  { id: "protocol", title: "412 for another version", run: protocol },
  { id: "workspace", title: "403 for a foreign workspace", run: workspace },
  { id: "clock", title: "Its clock is right", run: clock },
];
