/** The reference receiver on a free port, for one test. */

import { DatabaseSync } from "node:sqlite";
import type { Database } from "../../src/host/databases.ts";
import { SqliteDatabase } from "../../src/host/deno_databases.ts";
import { denoHost } from "../../src/host/deno_host.ts";
import type { Receiver } from "../../src/receiver/receiver.ts";
import { serveReceiver } from "../../src/receiver/serve_receiver.ts";
import type { ReceiverOptions } from "../../src/receiver/settings.ts";

/** How the receiver of a test differs from a plain one. */
export interface StartReceiverOptions extends ReceiverOptions {
  /** Port, to come back where an earlier one was. @default any free */
  readonly port?: number;
  /** SQLite file that outlives the receiver. @default a temporary one */
  readonly data?: string;
}

/** A receiver that ends with its test. */
export interface StartedReceiver extends AsyncDisposable {
  /** Its base URL, without a slash at the end. */
  readonly url: string;
  /** Its port. */
  readonly port: number;
  /** The access token that it always accepts. */
  readonly token: string;
  /** The default workspace. */
  readonly workspace: string;
  /** Faults, log, counts. */
  readonly receiver: Receiver;
}

/** Starts a receiver; `await using` ends it. */
export async function startReceiver(
  options: StartReceiverOptions = {},
): Promise<StartedReceiver> {
  const token = options.token ?? "token-of-a-test";
  const folder = await Deno.makeTempDir({ prefix: "reeve-receiver-" });
  const { url, port, receiver, stop } = await serveReceiver(denoHost, {
    ...options,
    token,
    port: options.port ?? 0,
    data: options.data ?? `${folder}/server.db`,
  });
  return {
    url,
    port,
    token,
    workspace: options.workspaces?.[0] ?? `${options.user ?? "ada"}-private`,
    receiver,
    async [Symbol.asyncDispose]() {
      await stop();
      await Deno.remove(folder, { recursive: true });
    },
  };
}

/** A database that is nowhere on disk. */
export function openMemory(): Database {
  return new SqliteDatabase(":memory:", new DatabaseSync(":memory:"));
}
