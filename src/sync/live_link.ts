/**
 * One connection of the live channel, from its opening to its end.
 *
 * @module
 */

import type { Host } from "../host/host.ts";
import type { Socket } from "../host/web.ts";
import type { ClaimedEvent } from "../queue/claim.ts";
import type { Envelope } from "../queue/event.ts";
import type { Settlement } from "../queue/settle.ts";
import { AckWindow } from "./live_acks.ts";
import { isEnvelopeOf } from "./live_envelope.ts";
import {
  encodeBeat,
  type Frame,
  FRAME_IN_BYTES,
  isLargerThan,
  parseFrame,
} from "./live_frames.ts";
import { decideBeat } from "./live_heartbeat.ts";
import type { LiveEvent } from "./live_state.ts";
import type { Ticket } from "./live_ticket.ts";
import { startTimer } from "./live_timer.ts";

/** How to connect, and whom to tell. */
export interface LinkOptions {
  /** What opens it. */
  readonly ticket: Ticket;
  /** The first frame. */
  readonly hello: string;
  /** Project that it is about. */
  readonly projectId: string;
  /** Told what happens; nothing more after what ends it. */
  readonly tell: (event: LiveEvent) => void;
  /** Told of events of other nodes. */
  readonly onEvent: (envelope: Envelope) => void;
}

/** Longest time to open, and then to the snapshot, in milliseconds. */
export const OPEN_MS = 10_000;

const CLOSE_NORMAL = 1000;
const CLOSE_SILENCE = 4000;
const CLOSE_TOO_LARGE = 4009;
const CLOSE_ABNORMAL = 1006;

/** A connection. */
export class LiveLink {
  readonly #host: Pick<Host, "clock">;
  readonly #options: LinkOptions;
  readonly #socket: Socket;
  readonly #acks: AckWindow;
  readonly #closed = Promise.withResolvers<void>();
  #timer: Disposable | undefined;
  #isReady = false;
  #isOver = false;
  #heardAt = 0;
  #saidAt = 0;
  #askedAt = 0;
  #unanswered = 0;

  /** Begins to connect. */
  constructor(host: Pick<Host, "clock" | "web">, options: LinkOptions) {
    const { url, secret } = options.ticket;
    this.#host = host;
    this.#options = options;
    this.#acks = new AckWindow(host, {
      send: (text) => this.#say(text),
      onLost: () => this.check(),
    });
    this.#socket = host.web.openSocket(url, {
      "Authorization": `Bearer ${secret}`,
    }, {
      onOpen: () => this.#greet(),
      onText: (text) => this.#hear(text),
      onClose: (code, reason) => this.#noteClose(code, reason),
    });
    this.#await("opened");
  }

  /** Settles when the connection is closed. */
  get closed(): Promise<void> {
    return this.#closed.promise;
  }

  /** Sends events; each has a verdict in the end. */
  publish(events: readonly ClaimedEvent[]): Promise<readonly Settlement[]> {
    return this.#acks.deliver(events);
  }

  /** Asks for a sign of life, unless that was just done. */
  check(): void {
    if (!this.#isReady || this.#isOver || this.#unanswered > 0) return;
    this.#ping();
  }

  /** Closes it and tells nothing more. */
  leave(code: number = CLOSE_NORMAL, reason = ""): void {
    this.#isOver = true;
    this.#timer?.[Symbol.dispose]();
    this.#acks[Symbol.dispose]();
    this.#socket.close(code, reason);
  }

  #end(event: LiveEvent, code?: number, reason?: string): void {
    if (this.#isOver) return;
    this.leave(code, reason);
    this.#options.tell(event);
  }

  #after(ms: number, onDue: () => void): void {
    this.#timer?.[Symbol.dispose]();
    const onSlept = () => this.#end({ kind: "slept" });
    this.#timer = startTimer(this.#host, ms, { onDue, onSlept });
  }

  /** Nothing waits for ever. */
  #await(what: string): void {
    const detail = `not ${what} within ${OPEN_MS / 1000} s`;
    const error = { code: "timeout", detail };
    this.#after(OPEN_MS, () => this.#end({ kind: "failed", error }));
  }

  #greet(): void {
    if (this.#isOver) return;
    this.#say(this.#options.hello);
    this.#await("greeted");
  }

  #say(text: string): boolean {
    this.#saidAt = this.#host.clock.elapsed();
    return this.#socket.send(text);
  }

  #hear(text: string): void {
    if (this.#isOver) return;
    this.#heardAt = this.#host.clock.elapsed();
    this.#unanswered = 0;
    if (!isLargerThan(FRAME_IN_BYTES, text)) {
      return this.#take(parseFrame(text));
    }
    const error = { code: "too_large", detail: "a frame is over 1 MiB" };
    this.#end({ kind: "failed", error }, CLOSE_TOO_LARGE, "too large");
  }

  #take(frame: Frame): void {
    switch (frame.kind) {
      case "snapshot":
        return this.#becomeReady();
      case "ack":
        return this.#acks.acknowledge(frame.eventId, frame.verdict);
      case "ping":
        return void this.#say(encodeBeat("pong", frame.timestamp));
      case "event":
        return this.#pass(frame.event);
      case "error":
        return this.#complain(frame);
    }
  }

  #becomeReady(): void {
    if (this.#isReady) return;
    this.#isReady = true;
    this.#beat();
    this.#options.tell({ kind: "snapshot" });
  }

  #pass(event: unknown): void {
    const { projectId, onEvent } = this.#options;
    if (this.#isReady && isEnvelopeOf(projectId, event)) onEvent(event);
  }

  #complain(frame: Extract<Frame, { readonly kind: "error" }>): void {
    const { code, meaning } = frame;
    const error = { code, detail: "the server sent an error" };
    if (meaning === "noted") this.#options.tell({ kind: meaning, error });
    else this.#end({ kind: meaning, error });
  }

  #beat(): void {
    const beat = decideBeat({
      heardAt: this.#heardAt,
      saidAt: this.#saidAt,
      askedAt: this.#askedAt,
      unanswered: this.#unanswered,
    }, this.#host.clock.elapsed());
    if (beat.kind === "ping") return this.#ping();
    if (beat.kind === "wait") return this.#after(beat.ms, () => this.#beat());
    const error = { code: "silence", detail: "no sign of life" };
    this.#end({ kind: "failed", error }, CLOSE_SILENCE, "silence");
  }

  #ping(): void {
    const now = new Date(this.#host.clock.now()).toISOString();
    this.#unanswered++;
    this.#askedAt = this.#host.clock.elapsed();
    this.#say(encodeBeat("ping", now));
    this.#beat();
  }

  #noteClose(code: number, reason: string): void {
    // Only the machine can say 1006, so its words are not those of a server.
    const isLocal = code === CLOSE_ABNORMAL && reason !== "";
    const detail = isLocal ? reason : `closed with ${code}`;
    this.#closed.resolve();
    this.#end({ kind: "closed", code, detail });
  }
}
