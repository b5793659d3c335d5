/**
 * Events on their way over one connection, a window of them at a time, each
 * until the server acknowledges it.
 *
 * @module
 */

import type { Host } from "../host/host.ts";
import type { ClaimedEvent } from "../queue/claim.ts";
import type { Settlement, Verdict } from "../queue/settle.ts";
import { encodeEvent, FRAME_OUT_BYTES, isLargerThan } from "./live_frames.ts";

/** Events that wait for their acknowledgement at the same time. */
export const ACK_WINDOW = 32;
/** How long each waits for it, in milliseconds. */
export const ACK_MS = 5000;

/** What a window needs of its connection. */
export interface AckLink {
  /** Sends a frame; `false` when that is not possible any more. */
  readonly send: (text: string) => boolean;
  /** Told when an event was not acknowledged in time. */
  readonly onLost: () => void;
}

const UNSENT: Verdict = { kind: "unsent" };

/** Every event that was given without becoming anything. */
export function unsent(
  events: readonly ClaimedEvent[],
): readonly Settlement[] {
  return events.map((event) => ({ event, verdict: UNSENT }));
}

/** A verdict, or no word in time. */
type Outcome = Verdict | "lost";

function hasArrived(outcome: Outcome): boolean {
  return typeof outcome === "object" &&
    (outcome.kind === "delivered" || outcome.kind === "duplicate");
}

interface Waiting {
  readonly dueAt: number;
  readonly settle: (outcome: Outcome) => void;
}

/** One call, whose events are sent in their order. */
interface Delivery {
  readonly queue: Iterable<ClaimedEvent>;
  readonly verdicts: Map<ClaimedEvent, Verdict>;
  /** Lanes in which an event did not arrive; the rest of them waits for it. */
  readonly held: Set<string>;
  isOver: boolean;
}

/** The window of one connection. */
export class AckWindow implements Disposable {
  readonly #host: Pick<Host, "clock">;
  readonly #link: AckLink;
  /** In the order of sending, and so in that of their ends. */
  readonly #waiting = new Map<string, Waiting>();
  #turn: Promise<unknown> = Promise.resolve();
  #timer: Disposable | undefined;
  #isOver = false;

  /** Makes a window for a connection that is open. */
  constructor(host: Pick<Host, "clock">, link: AckLink) {
    this.#host = host;
    this.#link = link;
  }

  /** Sends events after those of earlier calls; never throws. */
  deliver(events: readonly ClaimedEvent[]): Promise<readonly Settlement[]> {
    const turn = this.#turn.then(() => this.#deliver(events));
    this.#turn = turn;
    return turn;
  }

  /** Takes what the server said about an event; late words are ignored. */
  acknowledge(eventId: string, verdict: Verdict): void {
    this.#waiting.get(eventId)?.settle(verdict);
  }

  /** Gives up what waits; nothing is sent any more. */
  [Symbol.dispose](): void {
    this.#isOver = true;
    this.#timer?.[Symbol.dispose]();
    for (const { settle } of this.#waiting.values()) settle("lost");
  }

  async #deliver(
    events: readonly ClaimedEvent[],
  ): Promise<readonly Settlement[]> {
    const verdicts = new Map<ClaimedEvent, Verdict>();
    const queue = events.values();
    const held = new Set<string>();
    const delivery = { queue, verdicts, held, isOver: this.#isOver };
    const width = Math.min(ACK_WINDOW, events.length);
    await Promise.all(
      Array.from({ length: width }, () => this.#work(delivery)),
    );
    return events.map((event) => ({
      event,
      verdict: verdicts.get(event) ?? UNSENT,
    }));
  }

  /** One place in the window: one event after the other. */
  async #work(delivery: Delivery): Promise<void> {
    if (delivery.isOver) return;
    const { queue, verdicts, held } = delivery;
    for (const event of queue) {
      const frame = held.has(event.lane) ? undefined : this.#frameOf(event);
      if (frame === undefined) {
        held.add(event.lane);
        continue;
      }
      const outcome = await this.#send(event, frame);
      if (!hasArrived(outcome)) held.add(event.lane);
      // Whoever loses one will lose more, and the batch is there for all.
      if (outcome === "lost") delivery.isOver = true;
      else verdicts.set(event, outcome);
      if (delivery.isOver) return;
    }
  }

  /** What to send, unless that is too large or under way already. */
  #frameOf({ eventId, body }: ClaimedEvent): string | undefined {
    const frame = encodeEvent(body);
    const isTwice = this.#waiting.has(eventId);
    return isTwice || isLargerThan(FRAME_OUT_BYTES, frame) ? undefined : frame;
  }

  #send(event: ClaimedEvent, frame: string): Promise<Outcome> {
    if (this.#isOver || !this.#link.send(frame)) return Promise.resolve("lost");
    const { promise, resolve } = Promise.withResolvers<Outcome>();
    const dueAt = this.#host.clock.elapsed() + ACK_MS;
    const settle = (outcome: Outcome) => {
      this.#waiting.delete(event.eventId);
      resolve(outcome);
    };
    this.#waiting.set(event.eventId, { dueAt, settle });
    if (this.#timer === undefined) this.#arm(ACK_MS);
    return promise;
  }

  /** One timer for the oldest, as most are acknowledged long before. */
  #arm(ms: number): void {
    this.#timer = this.#host.clock.later(ms, () => this.#sweep());
  }

  #sweep(): void {
    this.#timer = undefined;
    const now = this.#host.clock.elapsed();
    const late = [...this.#waiting.values()].filter(({ dueAt }) =>
      dueAt <= now
    );
    for (const { settle } of late) settle("lost");
    const [oldest] = this.#waiting.values();
    if (oldest !== undefined) this.#arm(oldest.dueAt - now);
    if (late.length > 0) this.#link.onLost();
  }
}
