/**
 * Claiming jobs in Redis, and ending claims.
 *
 * @module
 */

import type { JsonValue } from "../state/json_value.ts";
import { type ClaimRequest, MAX_STALLS, type Settled } from "./backend.ts";
import type { Claim, Settlement, SettleResult } from "./job.ts";
import type { Redis } from "./redis_client.ts";
import { toClaim, writeError } from "./redis_codec.ts";
import { runScript } from "./redis_scripts.ts";
import { type Batch, inBatches, resultOf, toExchanged } from "./redis_steps.ts";
import type { RedisStore } from "./redis_store.ts";
import { Ticks } from "./redis_ticks.ts";

/** What a dead job says whose workers vanished. */
const STALLED = {
  name: "Stalled",
  message: "The workers that ran it vanished.",
};

/** Longest time between two looks for claims whose lease has ended. */
const LONGEST_LOOK_MS = 5_000;

/** Jobs that end or are claimed in one step; others wait so long for Redis. */
const MOST_AT_ONCE = 50;

/** After a look nobody else needs one for so long, in milliseconds. */
const SHORTEST_LOOK_MS = 10;

/** What a claim or a step that claims found out about a queue. */
export interface Outlook {
  /** Epoch milliseconds of the next scheduled job, if known. */
  nextAt: number | undefined;
  /** When to look for claims whose lease has ended, on the steady clock. */
  lookAt: number;
}

/** Claims of one backend. */
export class RedisClaims {
  readonly #store: RedisStore;
  readonly #outlooks = new Map<string, Outlook>();
  readonly #tokens: string;
  readonly #ticks = new Ticks();
  #count = 0;

  /** Makes claims under tokens that nobody else has. */
  constructor(store: RedisStore) {
    this.#store = store;
    this.#tokens = store.host.random.hex(12);
  }

  /** What is known about a queue. */
  outlook(queue: string): Outlook {
    let outlook = this.#outlooks.get(queue);
    if (outlook === undefined) {
      outlook = { nextAt: undefined, lookAt: -Infinity };
      this.#outlooks.set(queue, outlook);
    }
    return outlook;
  }

  /** Claims what is due. */
  claim(request: ClaimRequest): Promise<readonly Claim[]> {
    const what = "claim jobs";
    return this.#store.run(what, async (client) => {
      await this.#reclaim(client, request);
      const claims = await this.#claimMore(client, request, []);
      if (claims.length === 0) await this.#store.proveHere(client, what);
      return claims;
    });
  }

  /** Ends claims; the last call that does it claims the next jobs, too. */
  settle(
    settlements: readonly Settlement[],
    next: ClaimRequest | undefined,
  ): Promise<Settled> {
    return this.#store.run("end jobs", async (client) => {
      if (next !== undefined) await this.#reclaim(client, next);
      const batches = inBatches(settlements, MOST_AT_ONCE);
      const last = batches.findLastIndex(({ queue }) => queue === next?.queue);
      const ended = await allOf(
        batches.map((batch, at) =>
          this.#exchange(client, batch, at === last ? next : undefined)
        ),
      );
      const results = new Array<SettleResult>(settlements.length).fill("lost");
      batches.forEach(({ places }, at) =>
        ended[at]?.results.forEach((result, index) => {
          const place = places[index];
          if (place !== undefined) results[place] = result;
        })
      );
      const claims = ended.flatMap((one) => one.claims);
      const isMore = next !== undefined &&
        (last < 0 || claims.length === MOST_AT_ONCE);
      return {
        results,
        claims: isMore ? await this.#claimMore(client, next, claims) : claims,
      };
    });
  }

  /** Holds claims for longer. */
  heartbeat(
    claims: readonly Claim[],
    leaseMs: number,
  ): Promise<readonly boolean[]> {
    return this.#store.run("hold jobs", async () => {
      return await allOf(
        claims.map(({ queue, id, token }) => {
          this.#lookIn(this.outlook(queue), leaseMs + 1);
          return this.#store.queue(queue).extend(id, token, leaseMs);
        }),
      );
    });
  }

  /** Keeps a word of a handler. */
  progress({ queue, id, token }: Claim, value: JsonValue): Promise<boolean> {
    return this.#store.run("keep progress", async (client) => {
      const bull = this.#store.queue(queue);
      return await runScript(client, "progress", [
        bull.key("active"),
        bull.key(""),
        id,
        token,
        JSON.stringify(value),
      ]) === 1;
    });
  }

  async #reclaim(client: Redis, request: ClaimRequest): Promise<void> {
    const { clock } = this.#store.host;
    const outlook = this.outlook(request.queue);
    if (clock.elapsed() < outlook.lookAt) return;
    outlook.lookAt = clock.elapsed() + LONGEST_LOOK_MS;
    const bull = this.#store.queue(request.queue);
    const nextMs = Number(
      await runScript(client, "reclaim", [
        bull.key("active"),
        bull.key("stalled-check"),
        bull.key(""),
        clock.now(),
        MAX_STALLS,
        SHORTEST_LOOK_MS,
        writeError(STALLED),
        STALLED.message,
      ]),
    );
    if (nextMs >= 0) this.#lookIn(outlook, nextMs + 1);
  }

  #lookIn(outlook: Outlook, ms: number): void {
    const at = this.#store.host.clock.elapsed() + ms;
    outlook.lookAt = Math.min(outlook.lookAt, at);
  }

  /** Claims until there is enough or nothing more. */
  async #claimMore(
    client: Redis,
    request: ClaimRequest,
    before: readonly Claim[],
  ): Promise<readonly Claim[]> {
    const claims = [...before];
    const batch = { queue: request.queue, settlements: [] };
    while (claims.length < request.limit) {
      const limit = Math.min(MOST_AT_ONCE, request.limit - claims.length);
      const wish = { ...request, limit };
      const got = await this.#exchange(client, batch, wish);
      claims.push(...got.claims);
      if (got.claims.length < limit) break;
    }
    return claims;
  }

  /** Ends some jobs of a queue and claims at most so many, in one step. */
  async #exchange(
    client: Redis,
    { queue, settlements }: Pick<Batch, "queue" | "settlements">,
    next: ClaimRequest | undefined,
  ): Promise<Exchanged> {
    const bull = this.#store.queue(queue);
    const nowMs = this.#store.host.clock.now();
    const token = `${this.#tokens}-${this.#count++}-`;
    const args = [
      bull.key("active"),
      bull.key(""),
      nowMs,
      Math.min(next?.limit ?? 0, MOST_AT_ONCE),
      next?.leaseMs ?? 0,
      token,
    ];
    for (const settlement of settlements) {
      this.#pushEnd(args, settlement, nowMs);
    }
    const { codes, taken, nextAt } = toExchanged(
      await runScript(client, "exchange", args),
    );
    const outlook = this.outlook(queue);
    if (next !== undefined) outlook.nextAt = nextAt;
    if (next !== undefined && taken.length > 0) {
      this.#lookIn(outlook, next.leaseMs + 1);
    }
    return {
      results: codes.map(resultOf),
      claims: taken.map((job, at) => toClaim(queue, `${token}${at + 1}`, job)),
    };
  }

  /** What the script takes of a job that ends. */
  #pushEnd(
    args: (string | number)[],
    settlement: Settlement,
    nowMs: number,
  ): void {
    const { kind, claim: { id, token } } = settlement;
    switch (settlement.kind) {
      case "complete": {
        const at = this.#ticks.next(nowMs);
        args.push(kind, id, token, at, settlement.result ?? "", "", "");
        break;
      }
      case "dead": {
        const { error, reason } = settlement;
        const at = this.#ticks.next(nowMs);
        const text = writeError(error);
        args.push(kind, id, token, at, error.message, text, reason);
        break;
      }
      case "retry": {
        const { error, runAt } = settlement;
        args.push(kind, id, token, runAt, "", writeError(error), "");
        break;
      }
      case "return":
        args.push(kind, id, token, "", "", "", "");
    }
  }
}

/** What one exchange gave; results in the order of what was to end. */
interface Exchanged {
  readonly results: readonly SettleResult[];
  readonly claims: readonly Claim[];
}

/** Waits for all before it throws the first error, so that none is unheard. */
async function allOf<T>(steps: readonly Promise<T>[]): Promise<T[]> {
  const ended = await Promise.allSettled(steps);
  return ended.map((end) => {
    if (end.status === "rejected") throw end.reason;
    return end.value;
  });
}
