/**
 * Where the time of a start went, as its events tell it.
 *
 * @module
 */

import type { JsonObject, JsonValue } from "../state/json_value.ts";

/** How long one unit took to be ready. */
export interface UnitTime {
  /** Its project. */
  readonly project: string;
  /** Slug of a service, or id of a dependency. */
  readonly unit: string;
  /** Milliseconds. */
  readonly ms: number;
}

/** Where the time of a start went; all in milliseconds. */
export interface StartupTimes {
  /** From its begin to its end, or to its last event. */
  readonly totalMs: number;
  /** Each part, in order. */
  readonly phases: readonly { readonly phase: string; readonly ms: number }[];
  /** From the first start of a unit to the last dependency that is ready. */
  readonly requirementsMs: number;
  /** The slowest service. */
  readonly servicesMs: number;
  /** What no part accounts for. */
  readonly unknownMs: number;
  /** Every unit, the slowest first. */
  readonly units: readonly UnitTime[];
}

/** Where the time went; `undefined` for events without a start. */
export function startupTimes(
  events: readonly JsonObject[],
): StartupTimes | undefined {
  const [begin] = events;
  if (begin?.["event"] !== "startup.begin") return undefined;
  const endAt = events.findIndex(({ event }) => event === "startup.end");
  const own = endAt < 0 ? events : events.slice(0, endAt + 1);
  const end = own.at(-1) ?? begin;
  const stated = end["duration_ms"];
  const totalMs = typeof stated === "number"
    ? stated
    : Math.max(0, timeOf(end) - timeOf(begin));
  const phases = phasesOf(own, totalMs);
  const services = own.filter(({ event }) => event === "service.ready").map(
    (event) => unitTime(event, numberOf(event["after_ms"])),
  );
  const dependencies = own.filter(({ event }) => event === "requirements.ready")
    .map((event) => unitTime(event, sinceUnits(own, event)));
  const known = phases.reduce((sum, { ms }) => sum + ms, 0);
  return {
    totalMs,
    phases,
    requirementsMs: longest(dependencies),
    servicesMs: longest(services),
    unknownMs: Math.max(0, totalMs - known),
    units: [...services, ...dependencies].toSorted((a, b) =>
      b.ms - a.ms || a.unit.localeCompare(b.unit)
    ),
  };
}

/** Epoch milliseconds of an event; 0 for one that does not say. */
export function timeOf(event: JsonObject): number {
  const at = Date.parse(String(event["timestamp"] ?? event["at"]));
  return Number.isNaN(at) ? 0 : at;
}

function phasesOf(
  events: readonly JsonObject[],
  totalMs: number,
): StartupTimes["phases"] {
  const begun = events.filter(({ event }) => event === "startup.phase");
  return begun.map((event, at) => {
    const next = begun[at + 1];
    const until = next === undefined ? totalMs : numberOf(next["at_ms"]);
    const ms = Math.max(0, until - numberOf(event["at_ms"]));
    return { phase: String(event["phase"]), ms };
  });
}

/** Dependencies do not say how long they took. */
function sinceUnits(
  events: readonly JsonObject[],
  ready: JsonObject,
): number {
  const begin =
    events.find((event) =>
      event["event"] === "startup.phase" && event["phase"] === "units"
    ) ?? events[0];
  return begin === undefined ? 0 : Math.max(0, timeOf(ready) - timeOf(begin));
}

function unitTime(event: JsonObject, ms: number): UnitTime {
  return {
    project: String(event["project"]),
    unit: String(event["unit"]),
    ms,
  };
}

function longest(units: readonly UnitTime[]): number {
  return Math.max(0, ...units.map(({ ms }) => ms));
}

function numberOf(value: JsonValue | undefined): number {
  return typeof value === "number" ? value : 0;
}
