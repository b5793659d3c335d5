/**
 * What happened in order, and which commands were called, out of the events
 * and of what the recorder has. Pure.
 *
 * @module
 */

import type { JsonObject } from "../state/json_value.ts";
import { timeOf } from "./debug_times.ts";

const COMMANDS = 50;

/** Both kinds of events by their time, each with where it is from. */
export function timelineOf(
  events: readonly JsonObject[],
  recorded: readonly JsonObject[],
): readonly JsonObject[] {
  const all = [
    ...events.map((event) => ({ source: "events", event })),
    ...recorded.map((event) => ({ source: "recorder", event })),
  ];
  return all.toSorted((a, b) => timeOf(a.event) - timeOf(b.event)).map(
    ({ source, event }) => ({
      "at": event["timestamp"] ?? null,
      source,
      "event": event["event"] ?? null,
      "trace_id": event["trace_id"] ?? event["session_id"] ?? null,
      "project": event["project"] ?? null,
      "unit": event["unit"] ?? null,
      "detail": detailOf(event),
    }),
  );
}

const DETAILS = [
  "command",
  "outcome",
  "phase",
  "kind",
  "reason",
  "status",
  "failure_class",
  "name",
  "exit_code",
  "port",
  "actual",
  "after_ms",
  "duration_ms",
];

function detailOf(event: JsonObject): string {
  return DETAILS.flatMap((key) => {
    const value = event[key];
    return value === undefined || value === null || typeof value === "object"
      ? []
      : [`${key}=${value}`];
  }).join(" ");
}

/** The last commands: those that changed something, and recorded ones. */
export function invocationsOf(
  events: readonly JsonObject[],
  recorded: readonly JsonObject[],
): readonly JsonObject[] {
  const changes = events.flatMap((event, at) => {
    const name = event["event"];
    if (name !== "startup.begin" && name !== "stop.begin") return [];
    const isStart = name === "startup.begin";
    const rest = events.slice(at + 1);
    const next = rest.findIndex((one) => one["event"] === "startup.begin");
    const end = (next < 0 ? rest : rest.slice(0, next)).find((one) =>
      one["event"] === (isStart ? "startup.end" : "stop.end")
    );
    return [{
      "source": "events",
      "at": event["timestamp"] ?? null,
      "command": isStart ? event["command"] ?? null : "stop",
      "mode": event["mode"] ?? null,
      "outcome": end === undefined ? "no_end" : end["outcome"] ?? "done",
      "duration_ms": end?.["duration_ms"] ??
        (end === undefined ? null : timeOf(end) - timeOf(event)),
    }];
  });
  const ends = new Map(
    recorded.filter(({ event }) => event === "command.end").map((event) => [
      event["session_id"],
      event,
    ]),
  );
  const commands = recorded.filter(({ event }) => event === "command.begin")
    .map((event) => {
      const end = ends.get(event["session_id"]);
      return {
        "source": "recorder",
        "at": event["timestamp"] ?? null,
        "command": event["command"] ?? null,
        "mode": event["mode"] ?? null,
        "outcome": end?.["outcome"] ?? "no_end",
        "duration_ms": end?.["duration_ms"] ?? null,
      };
    });
  return [...changes, ...commands].toSorted((a, b) =>
    String(a.at).localeCompare(String(b.at))
  ).slice(-COMMANDS);
}
