/**
 * A server and a sign-in that the tests of the live channel play.
 *
 * @module
 */

import { type FakePeer, FakeWorld, webReply } from "./fake_host.ts";
import type { WebReply } from "../../src/host/web.ts";
import type { ClaimedEvent } from "../../src/queue/claim.ts";
import type { Settlement } from "../../src/queue/settle.ts";
import {
  type LiveChannel,
  type LiveOptions,
  openLiveChannel,
} from "../../src/sync/live_channel.ts";
import type {
  Token,
  TokenProblem,
  TokenSource,
} from "../../src/sync/token_source.ts";

/** Project of every test. */
export const PROJECT = "6f1c3c1e-6c2b-4f0e-9a55-0d6f3a1b2c3d";
/** Ticket that every connection gets. */
export const TICKET = "ticket-of-a-test";

/** A frame, as a test writes and reads it. */
export type PlayedFrame = Readonly<Record<string, unknown>>;

/** A sign-in that a test changes. */
export class PlayedTokens implements TokenSource {
  given: Token | TokenProblem = {
    accessToken: "access-1",
    workspace: "acme",
    account: "ada",
    server: "https://reeve.example",
  };
  readonly refreshed: string[] = [];

  current(): Promise<Token | TokenProblem> {
    return Promise.resolve(this.given);
  }

  refresh(rejected: string): Promise<Token | TokenProblem> {
    this.refreshed.push(rejected);
    const accessToken = `access-${this.refreshed.length + 1}`;
    if ("accessToken" in this.given) {
      this.given = { ...this.given, accessToken };
    }
    return Promise.resolve(this.given);
  }
}

/** A server that greets and acknowledges, until a test says otherwise. */
export class PlayedServer {
  readonly world = new FakeWorld();
  readonly host = this.world.host();
  readonly tokens = new PlayedTokens();
  readonly peers: FakePeer[] = [];
  readonly opened: string[] = [];
  readonly frames: PlayedFrame[] = [];
  readonly closes: number[] = [];
  readonly states: string[] = [];
  /** Random from 0 to 1, which stretches every wait. */
  fraction = 0;
  ticket: () => WebReply | Promise<WebReply> = () =>
    webReply(200, {
      "ws_token": TICKET,
      "ws_url": "wss://reeve.example/api/v1/ws/",
      "expires_in": 60,
      "session_id": "s1",
    });
  meet: (peer: FakePeer) => void = (peer) => peer.accept();
  answer: (frame: PlayedFrame, peer: FakePeer) => void = (frame, peer) => {
    const { type } = frame;
    if (type === "hello") say(peer, { type: "snapshot", cursor: "1" });
    if (type === "ping") say(peer, { type: "pong" });
    if (type === "event") {
      const { event_id: id } = JSON.parse(String(frame["event"]));
      say(peer, { type: "ack", "event_id": id, status: "accepted" });
    }
  };

  constructor() {
    this.world.web.respond = () => this.ticket();
    this.world.web.onSocket = (url, headers, peer) => {
      this.opened.push(`${url} ${JSON.stringify(headers)}`);
      this.peers.push(peer);
      peer.onClose = (code) => void this.closes.push(code);
      peer.receive = (text) => {
        const frame = JSON.parse(text);
        this.frames.push(frame);
        this.answer(frame, peer);
      };
      this.meet(peer);
    };
  }

  /** The newest connection. */
  get peer(): FakePeer {
    const peer = this.peers.at(-1);
    if (peer === undefined) throw new Error("nobody has connected");
    return peer;
  }

  /** The types of all frames that came. */
  get types(): readonly string[] {
    return this.frames.map(({ type }) => String(type));
  }

  /** Opens a channel that a test ends. */
  open(options: Partial<LiveOptions> = {}): LiveChannel & AsyncDisposable {
    const { clock, web } = this.host;
    const hex = () =>
      Math.round(this.fraction * 0xffffffff).toString(16).padStart(8, "0");
    const channel = openLiveChannel({ clock, web, random: { hex } }, {
      tokens: this.tokens,
      projectId: PROJECT,
      lastLamport: () => 7,
      onState: ({ name }) => {
        if (name !== this.states.at(-1)) this.states.push(name);
      },
      ...options,
    });
    return Object.assign(channel, {
      [Symbol.asyncDispose]: () => channel.stop(),
    });
  }

  /** Opens a channel and waits for its snapshot. */
  async connect(
    options: Partial<LiveOptions> = {},
  ): Promise<LiveChannel & AsyncDisposable> {
    const channel = this.open(options);
    await this.world.advance(1);
    return channel;
  }
}

/** Says something to the client. */
export function say(peer: FakePeer, frame: PlayedFrame): void {
  peer.send(JSON.stringify(frame));
}

/** A claimed event; only its id matters to the channel. */
export function claimed(
  seq: number,
  changes: Partial<ClaimedEvent> = {},
): ClaimedEvent {
  const eventId = `E${seq}`;
  return {
    seq,
    eventId,
    lane: `lane-${seq}`,
    orderRole: "none",
    body: JSON.stringify({ "event_id": eventId }),
    attempts: 0,
    ...changes,
  };
}

/** Several of them. */
export function claimedMany(count: number): readonly ClaimedEvent[] {
  return Array.from({ length: count }, (_, at) => claimed(at + 1));
}

/** The verdicts in the order of the events, in words. */
export function kinds(settlements: readonly Settlement[]): readonly string[] {
  return settlements.map(({ verdict }) => verdict.kind);
}
