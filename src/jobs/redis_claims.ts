/**
 * Claiming jobs in Redis, and ending claims.
 *
 * @module
 */

import type { JsonValue } from "../state/json_value.ts";
import { type ClaimRequest, MAX_STALLS, type Settled } from "./backend.ts";
import type { Claim, Settlement, SettleResult } from "./job.ts";
import { type Fetched, isLost } from "./redis_bull.ts";
import type { Redis } from "./redis_client.ts";
import { toClaim, writeError } from "./redis_codec.ts";
import { Ticks } from "./redis_ticks.ts";
import { fetchFrom } from "./redis_steps.ts";
import { runScript } from "./redis_scripts.ts";
import type { RedisStore } from "./redis_store.ts";

/** What a dead job says whose workers vanished. */
const STALLED = {
  name: "Stalled",
  message: "The workers that ran it vanished.",
};

/** Longest time between two looks for claims whose lease has ended. */
const LONGEST_LOOK_MS = 5_000;

/** After a look nobody else needs one for so long, in milliseconds. */
const SHORTEST_LOOK_MS = 10;

/** What a claim or a step that claims found out about a queue. */
export interface Outlook {
  /** Epoch milliseconds of the next scheduled job, if known. */
  nextAt: number | undefined;
  /** When to look for claims whose lease has ended, on the steady clock. */
  lookAt: number;
  /** How many jobs the last claim gave. */
  lastCount: number;
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
      outlook = {
        nextAt: undefined,
        lookAt: -Infinity,
        lastCount: 0,
      };
      this.#outlooks.set(queue, outlook);
    }
    return outlook;
  }

  /** Claims what is due. */
  claim(request: ClaimRequest): Promise<readonly Claim[]> {
    const what = "claim jobs";
    return this.#store.run(what, async (client) => {
      await this.#reclaim(client, request);
      const claims = await this.#claimAll(request, request.limit);
      if (claims.length === 0) await this.#store.proveHere(client, what);
      return claims;
    });
  }

  /** Ends claims; the first ones that end claim the next jobs on their way. */
  settle(
    settlements: readonly Settlement[],
    next: ClaimRequest | undefined,
  ): Promise<Settled> {
    return this.#store.run("end jobs", async (client) => {
      if (next !== undefined) await this.#reclaim(client, next);
      let wanted = next?.limit ?? 0;
      const from = fetchFrom(settlements);
      const steps = settlements.map((settlement, index) => {
        const isNext = settlement.claim.queue === next?.queue;
        const canFetch = isNext && index >= from && wanted > 0;
        if (canFetch) wanted -= 1;
        return this.#settle(client, settlement, canFetch ? next : undefined);
      });
      const more = next !== undefined && wanted > 0
        ? this.#claimAll(next, wanted)
        : Promise.resolve([]);
      const ended = await allOf([
        ...steps,
        more.then((claims) => ({ claims })),
      ]);
      return collect(ended);
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

  #token(): string {
    this.#count += 1;
    return `${this.#tokens}-${this.#count}`;
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

  /** Sends no more claims at a time than the last ones gave hope for. */
  async #claimAll(request: ClaimRequest, limit: number): Promise<Claim[]> {
    const outlook = this.outlook(request.queue);
    const claims: Claim[] = [];
    let batch = Math.max(1, outlook.lastCount);
    while (claims.length < limit) {
      const size = Math.min(batch, limit - claims.length);
      const got = await allOf(
        Array.from({ length: size }, () => this.#claimOne(request)),
      );
      const found = got.filter((claim) => claim !== undefined);
      claims.push(...found);
      if (found.length < size) break;
      batch = limit;
    }
    outlook.lastCount = claims.length;
    return claims;
  }

  async #claimOne(
    { queue, leaseMs }: ClaimRequest,
  ): Promise<Claim | undefined> {
    const token = this.#token();
    const fetched = await this.#store.queue(queue, leaseMs).claim(token);
    return this.#taken({ queue, leaseMs }, token, fetched);
  }

  #taken(
    { queue, leaseMs }: Pick<ClaimRequest, "leaseMs" | "queue">,
    token: string,
    fetched: Fetched,
  ): Claim | undefined {
    const outlook = this.outlook(queue);
    if (fetched.job === undefined) {
      outlook.nextAt = fetched.nextAt;
      return undefined;
    }
    this.#lookIn(outlook, leaseMs + 1);
    return toClaim(queue, token, fetched.job);
  }

  async #settle(
    client: Redis,
    settlement: Settlement,
    next: ClaimRequest | undefined,
  ): Promise<Ended> {
    try {
      const fetched = await this.#move(client, settlement, next);
      const claim = next && this.#taken(next, settlement.claim.token, fetched);
      return { result: "settled", claims: claim === undefined ? [] : [claim] };
    } catch (error) {
      if (!(error instanceof LostError) && !isLost(error)) throw error;
      return { result: "lost", claims: [] };
    }
  }

  async #move(
    client: Redis,
    settlement: Settlement,
    next: ClaimRequest | undefined,
  ): Promise<Fetched> {
    const canFetch = next !== undefined;
    const { queue, id, token } = settlement.claim;
    const bull = this.#store.queue(queue, next?.leaseMs);
    const nowMs = this.#store.host.clock.now();
    switch (settlement.kind) {
      case "complete":
        return await bull.complete(
          id,
          token,
          { at: this.#ticks.next(nowMs), result: settlement.result ?? "" },
          canFetch,
        );
      case "dead": {
        const { error, reason } = settlement;
        const fields = { error: writeError(error), reason };
        const { message } = error;
        const end = { at: this.#ticks.next(nowMs), message, fields };
        return await bull.fail(id, token, end, canFetch);
      }
      case "retry": {
        const { error, runAt } = settlement;
        const fields = { error: writeError(error), ra: String(runAt) };
        const times = { nowMs, runAt };
        return await bull.retry(id, token, times, fields, canFetch);
      }
      case "return": {
        const args = [bull.key("active"), bull.key(""), id, token];
        const answer = await runScript(client, "giveBack", args);
        if (answer !== 1) throw new LostError();
        return { job: undefined, nextAt: undefined };
      }
    }
  }
}

/** A claim that is not held any more, said by a script of ours. */
class LostError extends Error {}

/** What one step of settling gave. */
interface Ended {
  readonly result?: SettleResult;
  readonly claims: readonly Claim[];
}

function collect(ended: readonly Ended[]): Settled {
  return {
    results: ended.flatMap(({ result }) =>
      result === undefined ? [] : [result]
    ),
    claims: ended.flatMap(({ claims }) => claims),
  };
}

/** Waits for all before it throws the first error, so that none is unheard. */
async function allOf<T>(steps: readonly Promise<T>[]): Promise<T[]> {
  const ended = await Promise.allSettled(steps);
  return ended.map((end) => {
    if (end.status === "rejected") throw end.reason;
    return end.value;
  });
}
