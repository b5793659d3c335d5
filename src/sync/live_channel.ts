/**
 * The live channel: a WebSocket that delivers events at once and hears of those
 * of others. It only saves time; whatever it cannot do, the batch does.
 *
 * @module
 */

import type { Host } from "../host/host.ts";
import type { ClaimedEvent } from "../queue/claim.ts";
import type { Envelope } from "../queue/event.ts";
import type { Settlement } from "../queue/settle.ts";
import { unsent } from "./live_acks.ts";
import { encodeHello } from "./live_frames.ts";
import { LiveLink } from "./live_link.ts";
import {
  initialLive,
  type LiveAct,
  type LiveEvent,
  type LiveState,
} from "./live_state.ts";
import { stepLive } from "./live_step.ts";
import { askTicket } from "./live_ticket.ts";
import { startTimer } from "./live_timer.ts";
import {
  isProblem,
  type Token,
  type TokenProblem,
  type TokenSource,
} from "./token_source.ts";

/** How a channel works. What is called back must not throw. */
export interface LiveOptions {
  /** Gives tokens. */
  readonly tokens: TokenSource;
  /** Project whose events it carries. */
  readonly projectId: string;
  /** Largest clock of ours that the server has acknowledged. */
  readonly lastLamport: () => number;
  /** Told of each event of another node; its shape is checked. */
  readonly onEvent?: (envelope: Envelope) => void;
  /** Told of each change. */
  readonly onState?: (state: LiveState) => void;
  /** Told when the channel has become open: what waits can be delivered. */
  readonly onConnected?: () => void;
}

/** To whom a connection delivers. */
export interface LiveTarget {
  /** Base URL of the server. */
  readonly url: string;
  /** Slug of the workspace. */
  readonly workspace: string | null;
  /** Id of the person. */
  readonly account: string | null;
}

/** A channel. It keeps no process alive unless it is connected. */
export interface LiveChannel {
  /** Where it stands. */
  readonly state: LiveState;
  /** Whether events can be published. */
  readonly isOpen: boolean;
  /** To whom it delivers while it is open. */
  readonly target: LiveTarget | undefined;
  /**
   * Sends events in their order and settles each; never throws. `unsent` is
   * left to the batch, also when it may have arrived: the server knows it then.
   */
  publish(events: readonly ClaimedEvent[]): Promise<readonly Settlement[]>;
  /**
   * Ends it for ever and waits until it is closed, so many milliseconds at
   * most. @default 300
   */
  stop(deadlineMs?: number): Promise<void>;
  /**
   * The network is back or the session has changed: connects at once, or looks
   * whether the connection is still good. Forgets failures, so it is not for
   * every event.
   */
  wake(): void;
}

type LiveHost = Pick<Host, "clock" | "random" | "web">;

/** A machine that slept is noticed within so many milliseconds. */
const SLICE_MS = 30_000;
const STOP_MS = 300;

/** Opens a channel, which stays open until it is stopped. */
export function openLiveChannel(
  host: LiveHost,
  options: LiveOptions,
): LiveChannel {
  const channel = new Channel(host, options);
  channel.wake();
  return channel;
}

class Channel implements LiveChannel {
  readonly #host: LiveHost;
  readonly #options: LiveOptions;
  #state: LiveState;
  #try = new AbortController();
  #token: Token | undefined;
  #link: LiveLink | undefined;
  #timer: Disposable | undefined;
  #work: Promise<void> = Promise.resolve();
  #stopped: Promise<void> | undefined;

  constructor(host: LiveHost, options: LiveOptions) {
    this.#host = host;
    this.#options = options;
    this.#state = initialLive(host.clock.now());
  }

  get state(): LiveState {
    return this.#state;
  }

  get isOpen(): boolean {
    return this.#state.name === "Connected";
  }

  get target(): LiveTarget | undefined {
    return this.isOpen && this.#token !== undefined
      ? targetOf(this.#token)
      : undefined;
  }

  publish(events: readonly ClaimedEvent[]): Promise<readonly Settlement[]> {
    return this.isOpen && this.#link !== undefined
      ? this.#link.publish(events)
      : Promise.resolve(unsent(events));
  }

  wake(): void {
    this.#apply({ kind: "wake" });
  }

  stop(deadlineMs: number = STOP_MS): Promise<void> {
    return this.#stopped ??= this.#stop(deadlineMs);
  }

  async #stop(deadlineMs: number): Promise<void> {
    const ended = Promise.all([this.#work, this.#link?.closed]);
    this.#apply({ kind: "stop" });
    const done = new AbortController();
    const late = this.#host.clock.sleep(deadlineMs, done.signal);
    await Promise.race([ended, late]);
    done.abort();
  }

  #apply(event: LiveEvent): void {
    const before = this.#state;
    const nowMs = this.#host.clock.now();
    const fraction = parseInt(this.#host.random.hex(4), 16) / 0xffffffff;
    const { state, act } = stepLive(before, event, { nowMs, fraction });
    this.#state = state;
    this.#perform(act);
    if (state !== before) this.#options.onState?.(state);
    if (event.kind === "snapshot") this.#options.onConnected?.();
  }

  #perform(act: LiveAct): void {
    switch (act.kind) {
      case "none":
        return;
      case "check":
        this.#work = this.#guard((signal) => this.#check(signal));
        return;
      case "halt":
        return this.#drop();
      case "wait":
        this.#drop();
        return this.#wait(act.ms);
      case "connect":
        this.#drop();
        this.#try = new AbortController();
        this.#work = this.#guard((signal) =>
          this.#connect(signal, act.refresh)
        );
        return;
    }
  }

  /** What belongs to an earlier try has no say any more. */
  #drop(): void {
    this.#try.abort();
    this.#timer?.[Symbol.dispose]();
    this.#link?.leave();
    this.#link = undefined;
  }

  #wait(ms: number): void {
    const slice = Math.min(ms, SLICE_MS);
    this.#timer = startTimer(this.#host, slice, {
      onDue: () =>
        ms > slice ? this.#wait(ms - slice) : this.#apply({ kind: "due" }),
      onSlept: () => this.#apply({ kind: "slept" }),
    });
  }

  async #guard(
    work: (signal: AbortSignal) => Promise<LiveEvent | undefined>,
  ): Promise<void> {
    const { signal } = this.#try;
    let event: LiveEvent | undefined;
    try {
      event = await work(signal);
    } catch (error) {
      // What only saves time must not end a program, whatever goes wrong.
      const detail = error instanceof Error ? error.name : typeof error;
      event = { kind: "failed", error: { code: "internal", detail } };
    }
    if (event !== undefined && !signal.aborted) this.#apply(event);
  }

  async #connect(
    signal: AbortSignal,
    refresh: boolean,
  ): Promise<LiveEvent | undefined> {
    const { tokens, projectId, lastLamport, onEvent } = this.#options;
    const token = refresh && this.#token !== undefined
      ? await tokens.refresh(this.#token.accessToken)
      : await tokens.current();
    if (signal.aborted) return undefined;
    if (isProblem(token)) return eventOf(token);
    this.#token = token;
    const ticket = await askTicket(this.#host, token, signal);
    if (signal.aborted) return undefined;
    if (ticket.kind !== "ticket") return ticket;
    this.#link = new LiveLink(this.#host, {
      ticket,
      hello: encodeHello(projectId, lastLamport()),
      projectId,
      tell: (event) => this.#apply(event),
      onEvent: (envelope) => onEvent?.(envelope),
    });
    return undefined;
  }

  /** A connection of another session must not carry events of this one. */
  async #check(signal: AbortSignal): Promise<LiveEvent | undefined> {
    const token = await this.#options.tokens.current();
    if (signal.aborted) return undefined;
    if (isProblem(token)) {
      if (token.reason !== "transient") return eventOf(token);
    } else if (!isSameTarget(token, this.#token)) {
      return { kind: "moved" };
    }
    this.#link?.check();
    return undefined;
  }
}

function targetOf({ server, workspace, account }: Token): LiveTarget {
  return { url: server, workspace: workspace ?? null, account };
}

function isSameTarget(one: Token, other: Token | undefined): boolean {
  return one.server === other?.server && one.workspace === other.workspace &&
    one.account === other.account;
}

function eventOf({ reason, detail }: TokenProblem): LiveEvent {
  const error = { code: reason, detail };
  switch (reason) {
    case "transient":
      return { kind: "no_token", error };
    case "workspace_missing":
      return { kind: "denied", error };
    default:
      return { kind: "signed_out", error };
  }
}
