/**
 * Connections to Redis. None of them reconnects by itself: a connection is made
 * when somebody needs it and fails at once when there is none, so that nobody
 * waits for an answer that does not come and no timer is left behind.
 *
 * @module
 */

import { Redis, type RedisOptions } from "ioredis";
import type { RedisAddress } from "./redis_address.ts";

export type { Redis } from "ioredis";

/** Who we are for Redis. */
export interface RedisLogin {
  /** Where it is. */
  readonly address: RedisAddress;
  /** User of the access list, if not the default one. */
  readonly username: string | undefined;
  /** The password, if there is one. */
  readonly password: string | undefined;
}

/** Time for making a connection, in milliseconds. */
export const CONNECT_MS = 1_000;

/** Without a byte for so long, a server that may wait five seconds is gone. */
const LONG_SILENCE_MS = 10_000;

type ClientOptions = Omit<RedisOptions, "replyMapping">;

/** Time for ending a connection, in milliseconds. */
const GOODBYE_MS = 200;

function optionsOf(login: RedisLogin): ClientOptions {
  const { host, port, db, tls } = login.address;
  return {
    host,
    port,
    db,
    ...(login.username !== undefined && { username: login.username }),
    ...(login.password !== undefined && { password: login.password }),
    ...(tls && { tls: { servername: host } }),
    // The newer protocol greets with a command that needs other rights.
    protocol: 2,
    lazyConnect: true,
    connectTimeout: CONNECT_MS,
    enableOfflineQueue: false,
    autoResendUnfulfilledCommands: false,
    maxRetriesPerRequest: 0,
    retryStrategy: null,
    // A server that is stopped does not say goodbye either.
    disconnectTimeout: GOODBYE_MS,
    disableClientInfo: true,
    // A server that loads its data answers each command with that, at once.
    enableReadyCheck: false,
  };
}

/** A client that listens to errors: every command tells its own. */
function quietClient(options: ClientOptions): Redis {
  const client = new Redis(options);
  client.on("error", () => {});
  return client;
}

/** A client for commands; whoever uses it notices a server that is silent. */
export function createCommandClient(login: RedisLogin): Redis {
  return quietClient({
    ...optionsOf(login),
    // BullMQ refuses a client that gives commands up after some retries; with
    // nothing resent and nothing queued there is never one.
    maxRetriesPerRequest: null,
  });
}

/** A client for commands that wait until something happens. */
export function createBlockingClient(login: RedisLogin): Redis {
  return quietClient({ ...optionsOf(login), socketTimeout: LONG_SILENCE_MS });
}

/** A client for looking at a server once. */
export function createProbeClient(login: RedisLogin): Redis {
  return quietClient(optionsOf(login));
}

/**
 * The first error of making a connection, which says more than what the
 * promise is rejected with.
 */
export async function connect(client: Redis): Promise<void> {
  let first: unknown;
  const keep = (error: unknown) => first ??= error;
  client.on("error", keep);
  try {
    await client.connect();
  } catch (error) {
    throw first ?? error;
  } finally {
    client.off("error", keep);
  }
}

/** Ends a connection; its open commands fail. Settles when it is gone. */
export function disconnect(client: Redis): Promise<void> {
  if (client.status === "end" || client.status === "wait") {
    return Promise.resolve();
  }
  return new Promise((resolve) => {
    client.once("end", () => resolve());
    client.disconnect();
  });
}
