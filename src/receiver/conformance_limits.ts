/**
 * Checks of the limits that a server states, and of what it does beyond them.
 *
 * @module
 */

import { type Check, CheckSkipped } from "./conformance_check.ts";
import type { TestEvent } from "./conformance_events.ts";
import {
  ask,
  expect,
  lookUp,
  newEvents,
  post,
  type Probe,
  resultsOf,
  send,
  store,
} from "./conformance_probe.ts";
import { PAYLOAD_LIMIT_BYTES } from "./envelope.ts";
import { BATCH_PATH } from "./request_log.ts";

/** Room for the keys of a batch around its events. */
const FRAME_BYTES = 64;
/** The largest limits that are tried: a check must end. */
const MOST_EVENTS = 5000;
const MOST_BYTES = 8 * 1024 * 1024;

async function health(probe: Probe): Promise<string> {
  const url = `${probe.url}/api/v1/sync/health/`;
  const { status, json } = await ask(probe, { url, method: "GET" });
  expect(status === 200, `It is answered ${status}`);
  const numbers = [
    "max_events_per_batch",
    "max_decompressed_bytes_per_batch",
    "retry_after_min_seconds",
    "retry_after_max_seconds",
  ];
  for (const key of numbers) {
    const value = json[key];
    expect(Number.isSafeInteger(value), `${key} is ${value}`);
  }
  expect(json["protocol"] === "3.0", `protocol is ${json["protocol"]}`);
  const { maxEvents, maxBytes } = probe.limits;
  return `${maxEvents} events, ${maxBytes} bytes`;
}

/** The first events that fit into a batch. */
function fitting(
  events: readonly TestEvent[],
  maxBytes: number,
): readonly TestEvent[] {
  const encoder = new TextEncoder();
  let left = maxBytes - FRAME_BYTES;
  const end = events.findIndex(({ text }) => {
    left -= encoder.encode(text).length + 1;
    return left < 0;
  });
  return end < 0 ? events : events.slice(0, end);
}

async function fullBatch(probe: Probe): Promise<string> {
  const { maxEvents, maxBytes } = probe.limits;
  const maker = newEvents(probe);
  const all = maker.several(Math.min(maxEvents, MOST_EVENTS));
  const events = fitting(all, maxBytes);
  const before = probe.host.clock.elapsed();
  await store(probe, events);
  const tookMs = Math.round(probe.host.clock.elapsed() - before);
  const ids = events.map(({ id }) => id).slice(-1000);
  const found = await lookUp(probe, maker.project, ids);
  expect(found.size === ids.length, `Only ${found.size} of them are found`);
  return `${events.length} events in ${tookMs} ms`;
}

async function tooManyEvents(probe: Probe): Promise<void> {
  const { maxEvents } = probe.limits;
  if (maxEvents > MOST_EVENTS) throw new CheckSkipped("The limit is too large");
  const maker = newEvents(probe);
  const events = maker.several(maxEvents + 1);
  await expectRefused(probe, maker.project, events);
}

async function tooManyBytes(probe: Probe): Promise<void> {
  const { maxBytes } = probe.limits;
  if (maxBytes > MOST_BYTES) throw new CheckSkipped("The limit is too large");
  const maker = newEvents(probe);
  const payload = { text: "x".repeat(PAYLOAD_LIMIT_BYTES / 2) };
  const count = Math.ceil(maxBytes / (PAYLOAD_LIMIT_BYTES / 2));
  // Packed it is small: what counts is what it becomes.
  await expectRefused(probe, maker.project, maker.several(count, { payload }));
}

async function expectRefused(
  probe: Probe,
  project: string,
  events: readonly TestEvent[],
): Promise<void> {
  const { status } = await send(probe, events);
  expect(status === 413, `It is answered ${status} instead of 413`);
  const ids = events.map(({ id }) => id).slice(0, 1000);
  const { size } = await lookUp(probe, project, ids);
  expect(size === 0, `It is refused, but ${size} events are stored`);
}

async function oversizedEvent(probe: Probe): Promise<string> {
  if (probe.limits.maxBytes < 2 * PAYLOAD_LIMIT_BYTES) {
    throw new CheckSkipped("The limit of a batch is too small");
  }
  const maker = newEvents(probe);
  const payload = { text: "x".repeat(PAYLOAD_LIMIT_BYTES) };
  const [large, small] = [maker.make({ payload }), maker.make()];
  const reply = await send(probe, [large, small]);
  if (reply.status === 413) return "The batch is refused";
  const result = resultsOf(reply).get(large.id);
  const said = `${result?.status} ${result?.code}`;
  expect(said === "rejected oversized_event", `It is ${said}`);
  return "The event is refused";
}

async function brokenBody(probe: Probe): Promise<void> {
  const bodies = { "no JSON": "{", "no batch": '{"events":1}' };
  for (const [name, body] of Object.entries(bodies)) {
    const { status } = await post(probe, BATCH_PATH, body);
    const isRefused = status === 400 || status === 422;
    expect(isRefused, `A body that is ${name} is answered ${status}`);
  }
  const headers = { "content-encoding": "gzip" };
  const { status } = await post(probe, BATCH_PATH, "none", { headers });
  const isRefused = status === 400 || status === 415 || status === 422;
  expect(isRefused, `A body that is no gzip is answered ${status}`);
}

function retryAfter(probe: Probe): string {
  if (probe.waits.length === 0) {
    throw new CheckSkipped("It never said that it was busy");
  }
  for (const wait of probe.waits) {
    const seconds = secondsOf(wait, probe.host.clock.now());
    const isSane = seconds !== undefined &&
      seconds <= probe.limits.maxRetrySeconds;
    expect(isSane, `Busy with Retry-After: ${wait ?? "none"}`);
  }
  return `${probe.waits.length} times busy`;
}

function secondsOf(text: string | undefined, now: number): number | undefined {
  if (text === undefined) return undefined;
  if (/^\d+$/.test(text)) return Number(text);
  const date = Date.parse(text);
  return Number.isNaN(date) ? undefined : Math.max(0, (date - now) / 1000);
}

/** The checks of limits, in the order of their running. */
export const LIMIT_CHECKS: readonly Check[] = [
  { id: "health", title: "Health states the limits", run: health },
  { id: "full_batch", title: "A batch as large as stated", run: fullBatch },
  {
    id: "too_many_events",
    title: "413 for one event more",
    run: tooManyEvents,
  },
  { id: "too_many_bytes", title: "413 for too many bytes", run: tooManyBytes },
  {
    id: "oversized_event",
    title: "A payload has a limit",
    run: oversizedEvent,
  },
  { id: "broken_body", title: "A broken body is refused", run: brokenBody },
];

/** The check of what a server said that was busy; it comes last. */
export const RETRY_AFTER_CHECK: Check = {
  id: "retry_after",
  title: "Busy says how long",
  run: retryAfter,
};
