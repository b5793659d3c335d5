/**
 * `reeve event emit`.
 *
 * @module
 */

import { KnownError } from "../../errors.ts";
import type { Host } from "../../host/host.ts";
import type { JsonObject } from "../../state/json_value.ts";
import { Emitter, warningFor } from "../../queue/emitter.ts";
import type { EmitOutcome, EventArgs } from "../../queue/event.ts";
import { createRegistry, type Registry } from "../../queue/registry.ts";
import { readEventTypes } from "../../queue/types_file.ts";
import { findPlace, originOf, sinkFor } from "../../sync/project_sync.ts";
import type { CommandContext, CommandResult } from "../command.ts";
import { EXIT } from "../exit_code.ts";
import { queueHost } from "../sync_project.ts";

/** Flags of `reeve event emit`. */
export interface EmitFlags {
  readonly json: boolean;
  /** What it is about. */
  readonly aggregate?: string;
  /** Payload as JSON, or `-` for standard input. */
  readonly data?: string;
  /** Payload with this text only. */
  readonly text?: string;
  /** File with further types. */
  readonly types?: string;
  readonly id?: string;
  readonly cause?: string;
  readonly dedupeKey?: string;
  readonly at?: string;
}

/** Captures one event of this directory. */
export async function run(
  { host }: CommandContext,
  flags: EmitFlags,
  type: string,
): Promise<CommandResult> {
  const registry = createRegistry(
    flags.types === undefined ? [] : await readEventTypes(host, flags.types),
  );
  requireType(registry, type);
  const args: EventArgs = {
    aggregateId: flags.aggregate ?? "default",
    payload: await readPayload(host, flags),
    ...(flags.id === undefined ? {} : { eventId: flags.id }),
    ...(flags.cause === undefined ? {} : { causationId: flags.cause }),
    ...(flags.at === undefined ? {} : { timestamp: flags.at }),
    ...(flags.dedupeKey === undefined ? {} : { dedupeKey: flags.dedupeKey }),
  };
  const place = findPlace(host);
  const queue = await queueHost(host);
  const sink = sinkFor(queue, place);
  try {
    const outcome = new Emitter(queue, {
      registry,
      sink,
      origin: originOf(host, place),
      isOff: place.settings.mode === "off",
      warn: () => {},
    }).emit(type, args);
    return result(outcome);
  } finally {
    sink.close();
  }
}

function requireType(registry: Registry, type: string): void {
  if (registry.has(type)) return;
  throw new KnownError("usage", `Cannot emit ${type}: no such event type`, {
    hint: `Known types: ${[...registry.keys()].join(", ")}; ` +
      "more come with --types FILE.",
  });
}

async function readPayload(
  host: Pick<Host, "terminal">,
  { data, text }: EmitFlags,
): Promise<JsonObject> {
  if (text !== undefined && data !== undefined) {
    throw new KnownError("usage", "Cannot take both --text and --data", {
      hint: "--text TEXT is short for --data with the one key text.",
    });
  }
  if (text !== undefined) return { text };
  const json = data === "-" ? await host.terminal.readInput() : data ?? "{}";
  try {
    const value: unknown = JSON.parse(json);
    if (typeof value === "object" && value !== null && !Array.isArray(value)) {
      return value as JsonObject;
    }
  } catch {
    // The same answer as for JSON of another kind.
  }
  throw new KnownError("usage", "Cannot read --data: it is not a JSON object", {
    hint: `Try: reeve event emit NoteRecorded --data '{"text":"hello"}'`,
  });
}

const GOOD: readonly EmitOutcome["kind"][] = [
  "captured",
  "disabled",
  "dropped",
  "duplicate",
  "spilled",
];

function result(outcome: EmitOutcome): CommandResult {
  return {
    exit: GOOD.includes(outcome.kind) ? EXIT.ok : EXIT.actionable,
    text: textOf(outcome),
    json: {
      "schema": "event_emit",
      "schema_version": 1,
      "outcome": outcome.kind,
      "event_id": "eventId" in outcome ? outcome.eventId : null,
      "seq": "seq" in outcome ? outcome.seq : null,
      "reason": "reason" in outcome ? outcome.reason : null,
      "field": "field" in outcome ? outcome.field : null,
      "rule": "rule" in outcome ? outcome.rule : null,
    },
  };
}

function textOf(outcome: EmitOutcome): string {
  switch (outcome.kind) {
    case "captured":
      return `Captured ${outcome.eventId} at place ${outcome.seq}.`;
    case "spilled":
      return outcome.reason === "identity_missing"
        ? `Kept ${outcome.eventId} until this directory is a project: ` +
          "reeve sync optin"
        : `Kept ${outcome.eventId} in the overflow file.`;
    case "duplicate":
      return `${outcome.eventId} is stored already.`;
    case "disabled":
      return "Nothing was captured: sync.mode is off.";
    case "dropped":
      return "Telemetry gives way while the queue is nearly full.";
    default:
      return warningFor(outcome)?.text ?? outcome.kind;
  }
}
