/**
 * A batch on its way to a server that the tests of the exchange play.
 *
 * @module
 */

import { FakeWorld } from "./fake_host.ts";
import { FakeReceiver, FakeTokens, TOKEN } from "./fake_receiver.ts";
import type { ClaimedEvent } from "../../src/queue/claim.ts";
import {
  BISECT_BUDGET,
  exchangeBatch,
  type Exchanged,
  type ExchangeState,
} from "../../src/sync/exchange.ts";
import { emptyReport } from "../../src/sync/pass_report.ts";

/** One pass of requests to a server that a test changes. */
export class PlayedExchange {
  readonly world = new FakeWorld();
  readonly host = this.world.host();
  readonly server = new FakeReceiver();
  readonly tokens = new FakeTokens();
  readonly abort = new AbortController();
  readonly state: ExchangeState = {
    token: TOKEN,
    hasRefreshed: false,
    budget: BISECT_BUDGET,
    report: emptyReport(),
    tokens: this.tokens,
    signal: this.abort.signal,
  };

  constructor() {
    this.world.web.respond = this.server.respond;
  }

  /** Delivers one batch. */
  exchange(
    events: readonly ClaimedEvent[],
    changes: Partial<ExchangeState> = {},
  ): Promise<Exchanged> {
    Object.assign(this.state, changes);
    const batch = { batchId: "batch-1", events, bytes: 0 };
    return exchangeBatch(this.host, this.state, batch);
  }
}
