/**
 * What a queue must do, written down a second time and from its promises: the
 * state of each event in plain maps, without SQL.
 *
 * @module
 */

import type { Verdict } from "../../src/queue/settle.ts";

/** One event as the model knows it. */
export interface ModelEvent {
  readonly id: string;
  /** 0 while it waits in the overflow file. */
  seq: number;
  readonly lane: string;
  readonly isCreation: boolean;
  /** Whether it may be replaced by newer content before it is sent. */
  readonly isSnapshot: boolean;
  state:
    | "ready"
    | "inflight"
    | "retry"
    | "pending_remote"
    | "parked"
    | "dead"
    | "delivered"
    | "duplicate";
  attempts: number;
  nextAt: number;
  reason: string;
  /** Whether a person has consented to its leaving, as of now. */
  isAllowed: boolean;
}

/** An event that has no place yet. */
export function newEvent(id: string, lane: string, type: string): ModelEvent {
  return {
    id,
    seq: 0,
    lane,
    isCreation: type === "TaskCreated",
    isSnapshot: type === "TaskSeen",
    state: "ready",
    attempts: 0,
    nextAt: 0,
    reason: "",
    isAllowed: false,
  };
}

const WAITS_S = [30, 120, 600, 3600];

/** Whether nothing can happen to an event any more. */
export function isDelivered({ state }: ModelEvent): boolean {
  return state === "delivered" || state === "duplicate";
}

/** Whether an event keeps those behind it in its lane from leaving. */
export function holds({ state, isCreation }: ModelEvent): boolean {
  if (state === "dead") return isCreation;
  return state !== "ready" && state !== "delivered" && state !== "duplicate";
}

/** What the server's word does to an event that was in flight. */
export function settleModel(
  event: ModelEvent,
  verdict: Verdict,
  nowMs: number,
): void {
  event.reason = "";
  switch (verdict.kind) {
    case "delivered":
    case "duplicate":
      event.state = verdict.kind;
      return;
    case "unsent":
      event.state = "ready";
      return;
    case "ambiguous":
      event.state = "retry";
      event.nextAt = nowMs + 30_000;
      event.reason = "ambiguous";
      return;
    case "pending":
      event.state = "pending_remote";
      event.nextAt = nowMs + 60_000;
      event.reason = "pending";
      return;
    case "parked":
      event.state = "parked";
      event.nextAt = nowMs + 600_000;
      event.reason = verdict.reason;
      return;
    default: {
      const wait = WAITS_S[event.attempts++];
      const isDead = verdict.kind === "dead" || wait === undefined;
      event.state = isDead ? "dead" : "retry";
      event.nextAt = nowMs + (wait ?? 0) * 1000;
      event.reason = verdict.reason;
    }
  }
}

/** A whole queue as the model knows it. */
export class QueueModel {
  /** Every event that was acknowledged, by its id. */
  readonly events = new Map<string, ModelEvent>();
  /** How many outcomes of each kind were given. */
  readonly outcomes = new Map<string, number>();
  /** Whether a person has consented. */
  isOpen = false;

  /** Counts an outcome. */
  count(kind: string): void {
    this.outcomes.set(kind, (this.outcomes.get(kind) ?? 0) + 1);
  }

  /** How often an outcome was given. */
  counted(kind: string): number {
    return this.outcomes.get(kind) ?? 0;
  }

  /** Events in the queue, in the order of their places. */
  get queued(): readonly ModelEvent[] {
    return [...this.events.values()].filter(({ seq }) => seq > 0)
      .sort((a, b) => a.seq - b.seq);
  }

  /** An event has its place now. */
  place(event: ModelEvent, seq: number): void {
    event.seq = seq;
    event.isAllowed = this.isOpen;
  }

  /** Nothing of what was captured so far may leave any more. */
  optOut(): void {
    this.isOpen = false;
    for (const event of this.events.values()) event.isAllowed = false;
  }

  /** Lets the oldest of what may not leave leave too. */
  release(limit: number): number {
    if (!this.isOpen) return 0;
    const history = this.queued.filter((event) =>
      !event.isAllowed && !isDelivered(event)
    ).slice(0, limit);
    for (const event of history) event.isAllowed = true;
    return history.length;
  }

  /** Why an event must not be in a batch behind others, if so. */
  objection(
    event: ModelEvent,
    before: readonly ModelEvent[],
  ): string | undefined {
    if (!event.isAllowed) return "nobody has consented";
    if (event.state !== "ready") return `it is ${event.state}`;
    const lane = this.queued.filter(({ lane, seq }) =>
      lane === event.lane && seq < event.seq
    );
    const held = lane.find((earlier) => holds(earlier));
    if (held !== undefined) return `place ${held.seq} holds its lane`;
    const passed = lane.find((earlier) =>
      earlier.isAllowed && earlier.state === "ready" &&
      !before.includes(earlier)
    );
    return passed && `place ${passed.seq} of its lane comes first`;
  }

  /** Whether anything could be sent now. */
  get hasClaimable(): boolean {
    return this.queued.some((event) => this.objection(event, []) === undefined);
  }

  /** What is due, asked for or lost in flight is ready again. */
  requeue(nowMs: number, isAsked: boolean): void {
    for (const event of this.queued) {
      const isWaiting = ["retry", "pending_remote", "parked"]
        .includes(event.state);
      const isDue = isWaiting && event.nextAt <= nowMs;
      const isParked = event.state === "parked";
      if (isDue || event.state === "inflight" || (isParked && isAsked)) {
        event.state = "ready";
      }
    }
  }
}
