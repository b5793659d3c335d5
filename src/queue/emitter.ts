/**
 * The emitter: takes what a program says and answers what became of it. It
 * never throws and never waits for a network; when it returns, the event is on
 * disk or the outcome says why not.
 *
 * @module
 */

import { messageOf } from "../errors.ts";
import { HostError } from "../host/host.ts";
import type { JsonObject } from "../state/json_value.ts";
import { byteLength, type Draft, draftEvent, fitsInto } from "./envelope.ts";
import type { EmitOutcome, EnvelopeOrigin, EventArgs } from "./event.ts";
import { redactText } from "../state/secret_text.ts";
import { redactPayload } from "./redact.ts";
import {
  DEFAULT_MAX_BYTES,
  type EventType,
  type Registry,
} from "./registry.ts";
import type { EventSink, Rejected } from "./event_sink.ts";
import { createUlids } from "../state/ulid.ts";
import { findProblem, type Problem } from "./validate.ts";
import type { QueueHost } from "./store.ts";

/** One event of a batch. */
export interface BatchItem extends EventArgs {
  /** Its type. */
  readonly type: string;
}

/** What an emitter works with. */
export interface EmitterOptions {
  /** Types that it knows. */
  readonly registry: Registry;
  /** Where events go. */
  readonly sink: EventSink;
  /** Project and commit, asked for at each event. */
  readonly origin: () => EnvelopeOrigin;
  /** Whether events are captured at all. */
  readonly isOff: boolean;
  /** Told once about each kind of trouble; a sentence for a person. */
  readonly warn: (message: string) => void;
}

type Prepared =
  | { readonly kind: "draft"; readonly draft: Draft }
  | { readonly kind: "rejected"; readonly rejected: Rejected };

/** Takes events of one program. */
export class Emitter {
  readonly #host: Pick<QueueHost, "clock" | "random" | "env">;
  readonly #options: EmitterOptions;
  readonly #nextId: (nowMs: number) => string;
  readonly #home: string | undefined;
  readonly #warned = new Set<string>();
  readonly #counts = new Map<EmitOutcome["kind"], number>();

  /** Makes an emitter; nothing is opened before the first event. */
  constructor(
    host: Pick<QueueHost, "clock" | "random" | "env">,
    options: EmitterOptions,
  ) {
    this.#host = host;
    this.#options = options;
    this.#home = host.env.home;
    this.#nextId = createUlids((bytes) => host.random.hex(bytes));
  }

  /** Captures one event; never throws. */
  emit(type: string, args: EventArgs): EmitOutcome {
    const [outcome] = this.#guard(1, () => {
      const prepared = this.#prepare(type, args);
      return prepared.kind === "draft"
        ? this.#options.sink.capture([prepared.draft])
        : [this.#options.sink.quarantine(prepared.rejected)];
    });
    return outcome ?? failed("internal", "the sink gave no outcome");
  }

  /** Captures all events in one step, or none of them; never throws. */
  emitBatch(items: readonly BatchItem[]): readonly EmitOutcome[] {
    if (!Array.isArray(items)) {
      return [failed("batch_invalid", "the batch is not a list")];
    }
    if (items.length === 0) return [];
    return this.#guard(items.length, () => {
      const prepared = items.map(({ type, ...args }) =>
        this.#prepare(type, args)
      );
      const drafts = prepared.flatMap((one) =>
        one.kind === "draft" ? [one.draft] : []
      );
      if (drafts.length === prepared.length) {
        return this.#options.sink.capture(drafts);
      }
      return prepared.map((one) =>
        one.kind === "rejected"
          ? this.#options.sink.quarantine(one.rejected)
          : failed("batch_invalid", "another event of the batch is not valid")
      );
    });
  }

  /** A new ULID, such as the cause that the events of one command share. */
  newId(): string {
    return this.#nextId(this.#host.clock.now());
  }

  /** How many events ended how, since the emitter was made. */
  get counts(): ReadonlyMap<EmitOutcome["kind"], number> {
    return this.#counts;
  }

  #prepare(name: string, args: EventArgs): Prepared {
    const nowMs = this.#host.clock.now();
    const type = this.#options.registry.get(name);
    if (type === undefined) {
      const reason = "unknown_type";
      const rule = "is not in the registry";
      return this.#reject(name, args, { reason, field: "event_type", rule });
    }
    const problem = findProblem(type, args);
    if (problem !== undefined) return this.#reject(name, args, problem);
    const { payload, isChanged } = redactPayload(
      type,
      args.payload,
      this.#home,
    );
    const broken = isChanged
      ? findProblem(type, { ...args, payload })
      : undefined;
    if (broken !== undefined) return this.#reject(name, args, broken);
    return this.#draft(type, args, payload, nowMs);
  }

  #draft(
    type: EventType,
    args: EventArgs,
    payload: JsonObject,
    nowMs: number,
  ): Prepared {
    const eventId = args.eventId ?? this.#nextId(nowMs);
    const origin = this.#options.origin();
    const draft = draftEvent(type, args, { eventId, nowMs, payload, origin });
    const limit = type.maxBytes ?? DEFAULT_MAX_BYTES;
    if (fitsInto(draft.payload, limit)) return { kind: "draft", draft };
    const rule = `has ${byteLength(draft.payload)} bytes; ${limit} are allowed`;
    const problem: Problem = { reason: "too_large", field: "payload", rule };
    return this.#reject(type.type, args, problem);
  }

  #reject(type: string, args: EventArgs, problem: Problem): Prepared {
    const nowMs = this.#host.clock.now();
    const clean = (text: string) => redactText(text, this.#home);
    const rejected = { type: String(type), args, problem, nowMs, clean };
    return { kind: "rejected", rejected };
  }

  #guard(
    count: number,
    act: () => readonly EmitOutcome[],
  ): readonly EmitOutcome[] {
    const outcomes = this.#options.isOff
      ? Array.from({ length: count }, (): EmitOutcome => ({
        kind: "disabled",
        reason: "mode_off",
      }))
      : this.#try(count, act);
    for (const outcome of outcomes) this.#note(outcome);
    return outcomes;
  }

  #try(
    count: number,
    act: () => readonly EmitOutcome[],
  ): readonly EmitOutcome[] {
    try {
      return act();
    } catch (error) {
      const reason = error instanceof HostError
        ? "store_unavailable"
        : "internal";
      const detail = messageOf(error);
      return Array.from({ length: count }, () => failed(reason, detail));
    }
  }

  #note(outcome: EmitOutcome): void {
    const { kind } = outcome;
    this.#counts.set(kind, (this.#counts.get(kind) ?? 0) + 1);
    const message = warningFor(outcome);
    if (message === undefined || this.#warned.has(message.key)) return;
    this.#warned.add(message.key);
    try {
      this.#options.warn(message.text);
    } catch {
      // Nobody can be told; the outcome says it.
    }
  }
}

function failed(
  reason: Extract<EmitOutcome, { readonly kind: "failed" }>["reason"],
  detail: string,
): EmitOutcome {
  return { kind: "failed", reason, detail };
}

/** What a person should hear about an outcome, and what counts as the same. */
export function warningFor(
  outcome: EmitOutcome,
): { readonly key: string; readonly text: string } | undefined {
  switch (outcome.kind) {
    case "quarantined":
      return {
        key: `quarantined ${outcome.reason} ${outcome.field}`,
        text: `An event was put apart: ${outcome.field} ${outcome.rule}. ` +
          "See: reeve sync quarantine list",
      };
    case "refused":
      return {
        key: `refused ${outcome.reason}`,
        text: `An event was refused: ${
          outcome.reason === "disk_full"
            ? "the disk is full"
            : "the queue is full"
        }. See: reeve sync doctor`,
      };
    case "failed":
      return {
        key: `failed ${outcome.reason}`,
        text: `An event could not be stored: ${outcome.detail}. ` +
          "See: reeve sync doctor",
      };
    case "captured":
      return outcome.fill < 0.8 ? undefined : {
        key: "fill",
        text: `The event queue is ${Math.floor(outcome.fill * 100)} % full. ` +
          "See: reeve sync status",
      };
    default:
      return undefined;
  }
}
