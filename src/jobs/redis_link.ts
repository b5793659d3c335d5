/**
 * The one connection for commands of a backend: made when it is needed, made
 * again when it was lost.
 *
 * @module
 */

import { KnownError } from "../errors.ts";
import { orWithoutRedis } from "./not_ready_text.ts";
import { type NotReadyCode, QueueNotReadyError } from "./readiness.ts";
import {
  connect,
  CONNECT_MS,
  createCommandClient,
  disconnect,
  type Redis,
  type RedisLogin,
} from "./redis_client.ts";
import type { Clock, Host } from "../host/host.ts";
import { explainTrouble } from "./redis_trouble.ts";

/** What is told of a Redis that does not do what the queue needs. */
export interface NotReady {
  /** For programs. */
  readonly code: NotReadyCode;
  /** A sentence. */
  readonly detail: string;
  /** What to do. */
  readonly hint: string;
}

/** The error for a Redis that is not ready. */
export function notReady(
  place: string,
  what: string,
  { code, detail, hint }: NotReady,
  check = "reachable",
): QueueNotReadyError {
  return new QueueNotReadyError(
    `Cannot ${what}: Redis at ${place} is not ready. ${detail}`,
    { reason: code, backend: "redis", endpoint: place, check },
    { hint: orWithoutRedis(hint) },
  );
}

/** Without an answer for so long, a server that owes some is gone. */
const SILENCE_MS = 5_000;

/**
 * Notices a server that does not answer. The client has a timer of its own for
 * each command, which costs a tenth of the command; one for all is enough.
 */
class Silence {
  readonly #clock: Pick<Clock, "elapsed" | "later">;
  readonly #onSilence: () => void;
  #owed = 0;
  #heardAt = 0;
  #timer: Disposable | undefined;

  constructor(
    clock: Pick<Clock, "elapsed" | "later">,
    onSilence: () => void,
  ) {
    this.#clock = clock;
    this.#onSilence = onSilence;
  }

  /** Something is asked. */
  begin(): void {
    if (this.#owed === 0) this.#heardAt = this.#clock.elapsed();
    this.#owed++;
    this.#timer ??= this.#look(SILENCE_MS);
  }

  /** It is answered. */
  end(): void {
    this.#owed--;
    this.#heardAt = this.#clock.elapsed();
  }

  /** Leaves no timer. */
  stop(): void {
    this.#timer?.[Symbol.dispose]();
    this.#timer = undefined;
  }

  #look(inMs: number): Disposable {
    return this.#clock.later(inMs, () => {
      this.#timer = undefined;
      if (this.#owed === 0) return;
      const leftMs = SILENCE_MS - (this.#clock.elapsed() - this.#heardAt);
      if (leftMs > 0) this.#timer = this.#look(leftMs);
      else this.#onSilence();
    });
  }
}

/** The connection for commands. */
export class RedisLink {
  readonly #host: Pick<Host, "clock">;
  readonly #login: RedisLogin;
  readonly #silence: Silence;
  #client: Redis | undefined;
  #connecting: Promise<void> | undefined;

  /** Makes a link without a connection. */
  constructor(host: Pick<Host, "clock">, login: RedisLogin) {
    this.#host = host;
    this.#login = login;
    this.#silence = new Silence(host.clock, () => {
      if (this.#client !== undefined) void disconnect(this.#client);
    });
  }

  /** Where it leads, for people. */
  get place(): string {
    return this.#login.address.place;
  }

  /** The client, connected or not; there is one from {@linkcode open} on. */
  get client(): Redis {
    if (this.#client !== undefined) return this.#client;
    throw new KnownError(
      "not_ready",
      "Cannot use the queue backend in Redis: it is stopped",
      { hint: "Start it first" },
    );
  }

  /** Makes the client and its connection. */
  async open(): Promise<void> {
    this.#client ??= createCommandClient(this.#login);
    await this.#connected(this.#client);
  }

  /** Ends the connection and forgets the client. */
  async close(): Promise<void> {
    const client = this.#client;
    this.#client = undefined;
    this.#silence.stop();
    if (client !== undefined) await disconnect(client);
  }

  /**
   * Runs commands on a connection that is there.
   *
   * @param what follows "Cannot", such as `add jobs`.
   * @throws {QueueNotReadyError} when Redis could not do it.
   */
  async run<T>(
    what: string,
    commands: (client: Redis) => Promise<T>,
  ): Promise<T> {
    const { client } = this;
    this.#silence.begin();
    try {
      if (client.status !== "ready") await this.#connected(client);
      return await commands(client);
    } catch (error) {
      throw this.explain(what, error);
    } finally {
      this.#silence.end();
    }
  }

  /** The error for people; the one of the client could hold the password. */
  explain(what: string, error: unknown): unknown {
    if (error instanceof KnownError || error instanceof TypeError) return error;
    const trouble = explainTrouble(error);
    return trouble === undefined ? error : notReady(this.place, what, trouble);
  }

  #connected(client: Redis): Promise<void> {
    if (client.status === "ready") return Promise.resolve();
    this.#connecting ??= this.#connect(client)
      .finally(() => this.#connecting = undefined);
    return this.#connecting;
  }

  /** A server that takes connections may still never answer. */
  async #connect(client: Redis): Promise<void> {
    await connect(client);
    const answered = new AbortController();
    const asking = client.ping().finally(() => answered.abort());
    asking.catch(() => {});
    await this.#host.clock.sleep(CONNECT_MS, answered.signal);
    if (!answered.signal.aborted) {
      await disconnect(client);
      throw new Error("The first question timed out");
    }
    await asking;
  }
}
