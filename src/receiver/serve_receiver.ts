/**
 * A receiver on a port of this machine, with its database.
 *
 * @module
 */

import type { Host } from "../host/host.ts";
import { createReceiver, type Receiver } from "./receiver.ts";
import type { ReceiverOptions } from "./settings.ts";

/** Where a receiver serves. */
export interface ServeOptions extends ReceiverOptions {
  /** Port; 0 for any that is free. */
  readonly port: number;
  /** SQLite file, or `:memory:`. */
  readonly data: string;
}

/** A receiver that serves. */
export interface ServedReceiver {
  /** Its base URL, without a slash at the end. */
  readonly url: string;
  /** Its port. */
  readonly port: number;
  /** The receiver. */
  readonly receiver: Receiver;
  /** Finishes what is going on and closes the database. */
  readonly stop: () => Promise<void>;
}

/** How long a write waits for another process, in milliseconds. */
const BUSY_TIMEOUT_MS = 5000;

/** Opens the database and serves. */
export async function serveReceiver(
  host: Pick<Host, "clock" | "databases" | "network" | "random">,
  options: ServeOptions,
): Promise<ServedReceiver> {
  const databases = await host.databases();
  const db = databases.open(options.data, { busyTimeoutMs: BUSY_TIMEOUT_MS });
  try {
    const receiver = createReceiver(host, db, options);
    const server = await host.network.serve(options.port, receiver.handle);
    return {
      url: `http://127.0.0.1:${server.port}`,
      port: server.port,
      receiver,
      async stop() {
        await receiver.close();
        await server.stop();
        db.close();
      },
    };
  } catch (error) {
    db.close();
    throw error;
  }
}
