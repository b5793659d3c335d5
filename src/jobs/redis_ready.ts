/**
 * A look at a Redis server: whether the queue could work with it now. It uses a
 * connection of its own, leaves nothing behind and never throws.
 *
 * @module
 */

import type { Host } from "../host/host.ts";
import type { Readiness, ReadyCheck } from "./readiness.ts";
import {
  connect,
  createProbeClient,
  disconnect,
  type Redis,
  type RedisLogin,
} from "./redis_client.ts";
import { judgeCare, judgeServer, parseInfo, readFacts } from "./redis_facts.ts";
import { LAYOUT, type TenantKeys } from "./redis_keys.ts";
import { explainTrouble, type Trouble } from "./redis_trouble.ts";

/** How long a look may take, in milliseconds. */
const DEFAULT_TIMEOUT_MS = 1_000;

/** How long the probe is kept if we vanish before we delete it. */
const PROBE_MS = 10_000;

const UNKNOWN: Omit<Trouble, "detail"> = {
  code: "QUEUE_REDIS_UNREACHABLE",
  hint: "Look into the log of Redis.",
};

function failed(check: string, trouble: Trouble): ReadyCheck {
  const { code, detail, hint } = trouble;
  return { check, level: "fail", code, detail, hint };
}

/** What a look found so far, and what it is at. */
class Look {
  readonly checks: ReadyCheck[] = [];
  /** What is being asked. */
  asking = "reachable";

  add(...checks: readonly ReadyCheck[]): void {
    this.checks.push(...checks);
  }

  ok(detail: string): void {
    this.add({ check: this.asking, level: "ok", detail });
  }

  get hasFailed(): boolean {
    return this.checks.some(({ level }) => level === "fail");
  }
}

/** Looks at a server, for no longer than it was given. */
export async function lookAtRedis(
  { clock }: Pick<Host, "clock">,
  login: RedisLogin,
  keys: TenantKeys,
  options: { readonly timeoutMs?: number; readonly signal?: AbortSignal } = {},
): Promise<Readiness> {
  const began = clock.elapsed();
  const { timeoutMs = DEFAULT_TIMEOUT_MS } = options;
  const look = new Look();
  const client = createProbeClient(login);
  const done = new AbortController();
  const end = options.signal === undefined
    ? done.signal
    : AbortSignal.any([done.signal, options.signal]);
  const asking = ask(look, client, keys, clock)
    .catch((error) => look.add(failed(look.asking, troubleOf(error))))
    .finally(() => done.abort());
  await clock.sleep(timeoutMs, end);
  const { checks } = look;
  const found = done.signal.aborted
    ? [...checks]
    : [...checks, failed(look.asking, late(look.asking, timeoutMs, options))];
  await disconnect(client);
  await asking;
  return {
    ok: found.every(({ level }) => level !== "fail"),
    checks: found,
    latencyMs: clock.elapsed() - began,
  };
}

function troubleOf(error: unknown): Trouble {
  return explainTrouble(error) ??
    { ...UNKNOWN, detail: "Redis refuses what the queue needs." };
}

function late(
  asking: string,
  timeoutMs: number,
  { signal }: { readonly signal?: AbortSignal },
): Trouble {
  const detail = signal?.aborted
    ? "The look was given up."
    : asking === "reachable"
    ? `There was no answer within ${timeoutMs} ms.`
    : `Redis took longer than ${timeoutMs} ms to answer.`;
  return {
    code: "QUEUE_REDIS_UNREACHABLE",
    detail,
    hint: "Start Redis, or correct queue.redis_url.",
  };
}

async function ask(
  look: Look,
  client: Redis,
  keys: TenantKeys,
  clock: Host["clock"],
): Promise<void> {
  await connect(client);
  await client.ping();
  look.ok("It answers.");
  look.asking = "server";
  const facts = readFacts(await askInfo(client), await askConfig(client));
  look.add(...judgeServer(facts));
  if (look.hasFailed) return;
  await askKeys(look, client, keys);
  if (look.hasFailed) return;
  look.asking = "write";
  await client.set(keys.probe, "1", "PX", PROBE_MS);
  await client.del(keys.probe);
  look.ok("It takes writes.");
  look.asking = "clock";
  const [seconds, micros] = await client.time();
  const theirs = Number(seconds) * 1000 + Number(micros) / 1000;
  look.add(...judgeCare(facts, theirs - clock.now()));
}

/** An access list may forbid to ask; then nothing is known. */
async function askInfo(client: Redis): Promise<ReadonlyMap<string, string>> {
  try {
    return parseInfo(await client.info());
  } catch (error) {
    if (isForbidden(error)) return new Map();
    throw error;
  }
}

async function askConfig(client: Redis): Promise<ReadonlyMap<string, string>> {
  const values = new Map<string, string>();
  for (const name of ["maxmemory-policy", "appendonly", "maxmemory"]) {
    try {
      const answer: unknown = await client.config("GET", name);
      if (Array.isArray(answer) && answer.length === 2) {
        values.set(name, String(answer[1]));
      }
    } catch (error) {
      if (!isForbidden(error)) throw error;
      break;
    }
  }
  return values;
}

function isForbidden(error: unknown): boolean {
  return error instanceof Error &&
    /^(?:NOPERM|ERR unknown command)/i.test(error.message);
}

async function askKeys(
  look: Look,
  client: Redis,
  keys: TenantKeys,
): Promise<void> {
  const [layout, moved] = await Promise.all([
    client.get(keys.layout),
    client.get(keys.moved),
  ]);
  look.asking = "layout";
  if (layout !== null && layout !== LAYOUT) {
    look.add(failed(look.asking, {
      code: "QUEUE_REDIS_LAYOUT",
      detail: "Its keys were written by another version of Reeve.",
      hint: "Use that version, or another database of Redis.",
    }));
    return;
  }
  look.ok("Its keys are laid out as we know them.");
  look.asking = "jobs are here";
  if (moved === null) return look.ok("The jobs are here.");
  look.add(failed(look.asking, {
    code: "QUEUE_MOVED",
    detail: `The jobs have moved to ${moved}.`,
    hint: `Use the backend at ${moved}`,
  }));
}
