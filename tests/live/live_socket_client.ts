/** A live channel to the reference receiver, for one test. */

import type { StartedReceiver } from "#support/receiver.ts";
import { waitUntil } from "#support/wait_until.ts";
import { denoHost } from "../../src/host/deno_host.ts";
import type { Clock, Host } from "../../src/host/host.ts";
import type { ClaimedEvent } from "../../src/queue/claim.ts";
import type { Settlement } from "../../src/queue/settle.ts";
import {
  type LiveChannel,
  type LiveOptions,
  openLiveChannel,
} from "../../src/sync/live_channel.ts";
import type { LiveState } from "../../src/sync/live_state.ts";
import type { Token } from "../../src/sync/token_source.ts";
import { type Event, makeEvent, PROJECT } from "./receiver_client.ts";

type Place = Pick<StartedReceiver, "token" | "url" | "workspace">;

/** How a channel of a test differs from a plain one. */
export interface ClientOptions extends Partial<LiveOptions> {
  /** Time. @default the real one */
  readonly clock?: Clock;
}

/** A channel that ends with its test. */
export interface Client extends AsyncDisposable {
  readonly channel: LiveChannel;
  /** Every state that it had. */
  readonly states: readonly LiveState[];
  /** URL and ticket of every socket. */
  readonly sockets: readonly {
    readonly url: string;
    readonly ticket: string;
  }[];
  /** Rejected access tokens. */
  readonly refreshed: readonly string[];
  /** Waits until it can publish. */
  readonly opened: () => Promise<void>;
}

/** The token of a receiver. */
export function tokenOf({ token, url, workspace }: Place): Token {
  return { accessToken: token, workspace, account: "ada", server: url };
}

/** Opens a channel; `await using` ends it. */
export function openClient(place: Place, options: ClientOptions = {}): Client {
  const states: LiveState[] = [];
  const sockets: { url: string; ticket: string }[] = [];
  const refreshed: string[] = [];
  const token = tokenOf(place);
  const web: Host["web"] = {
    request: (request) => denoHost.web.request(request),
    openSocket(url, headers, events) {
      const [, ticket = ""] = headers["Authorization"]?.split(" ") ?? [];
      sockets.push({ url, ticket });
      return denoHost.web.openSocket(url, headers, events);
    },
  };
  const { clock = denoHost.clock, ...rest } = options;
  const channel = openLiveChannel({ clock, random: denoHost.random, web }, {
    tokens: {
      current: () => Promise.resolve(token),
      refresh(rejected) {
        refreshed.push(rejected);
        return Promise.resolve(token);
      },
    },
    projectId: PROJECT,
    lastLamport: () => 0,
    onState: (state) => void states.push(state),
    ...rest,
  });
  return {
    channel,
    states,
    sockets,
    refreshed,
    opened: () => waitUntil("the channel is open", () => channel.isOpen),
    [Symbol.asyncDispose]: () => channel.stop(),
  };
}

/** Events as the queue hands them out. */
export function claim(events: readonly Event[]): readonly ClaimedEvent[] {
  return events.map((event, at) => ({
    seq: at + 1,
    eventId: event["event_id"],
    lane: `lane-${at}`,
    orderRole: "none",
    body: JSON.stringify(event),
    attempts: 0,
  }));
}

/** So many of them. */
export function claimMany(count: number): readonly ClaimedEvent[] {
  return claim(Array.from({ length: count }, (_, at) => makeEvent(at + 1)));
}

/** The verdicts in words. */
export function kinds(settlements: readonly Settlement[]): readonly string[] {
  return settlements.map(({ verdict }) => verdict.kind);
}

/** A real clock that runs faster. */
export function fastClock(factor: number): Clock {
  const { clock } = denoHost;
  const startedAt = clock.now();
  return {
    now: () => startedAt + (clock.now() - startedAt) * factor,
    elapsed: () => clock.elapsed() * factor,
    sleep: (ms, signal) => clock.sleep(ms / factor, signal),
    later: (ms, callback) => clock.later(ms / factor, callback),
  };
}

/** A real clock that a test sets forward. */
export function skippingClock(): Clock & {
  readonly skip: (ms: number) => void;
} {
  const { clock } = denoHost;
  let skipped = 0;
  return {
    ...clock,
    now: () => clock.now() + skipped,
    elapsed: () => clock.elapsed() + skipped,
    skip: (ms) => void (skipped += ms),
  };
}
