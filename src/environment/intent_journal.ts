/**
 * What was about to be started, written down before it is: a command that ends
 * without warning leaves nothing behind that the next one cannot find.
 *
 * @module
 */

import { type Host, HostError } from "../host/host.ts";
import type { EnvironmentPaths } from "../state/environment_paths.ts";
import type { Lease } from "./lifecycle_lease.ts";
import {
  encodeIntent,
  encodeSettled,
  encodeSpawned,
  formatLine,
  type Intent,
  type IntentLine,
  type IntentRead,
  parseIntents,
  type SettledIntent,
  type SpawnedIntent,
} from "./intent_lines.ts";

/** A journal that is larger is shortened. */
export const COMPACT_BYTES = 64 * 1024;
const READ_LIMIT_BYTES = 64 * 1024 * 1024;

type JournalHost = Pick<Host, "clock" | "files">;

/** Writes down what will be started, before it is. */
export function intend(
  host: JournalHost,
  paths: EnvironmentPaths,
  intents: readonly Intent[],
): Promise<void> {
  return append(host, paths, intents.map(encodeIntent));
}

/** Writes down which processes intents have led to, at once after the spawn. */
export function noteSpawned(
  host: JournalHost,
  paths: EnvironmentPaths,
  spawned: readonly SpawnedIntent[],
): Promise<void> {
  return append(host, paths, spawned.map(encodeSpawned));
}

/** Writes down that it is known what became of intents. */
export function settleIntents(
  host: JournalHost,
  paths: EnvironmentPaths,
  settled: readonly SettledIntent[],
): Promise<void> {
  return append(host, paths, encodeSettled(settled));
}

/** Reads the journal; a missing one is empty. */
export async function readIntents(
  host: Pick<Host, "files">,
  paths: EnvironmentPaths,
): Promise<IntentRead> {
  return parseIntents(await readText(host, paths));
}

/**
 * Shortens a large journal to what is not settled. Only whoever holds the
 * lease may do it, as nobody else appends then.
 */
export async function compactIntents(
  host: Pick<Host, "files">,
  paths: EnvironmentPaths,
  _lease: Lease,
): Promise<"compacted" | "small"> {
  const facts = await host.files.stat(paths.intents);
  if ((facts?.size ?? 0) <= COMPACT_BYTES) return "small";
  const { unresolved } = parseIntents(await readText(host, paths));
  const lines = unresolved.flatMap(({ intent, identity, at }) => [
    formatLine(encodeIntent(intent), at),
    ...identity === undefined ? [] : [
      formatLine(encodeSpawned({ intentId: intent.intentId, identity }), at),
    ],
  ]);
  await host.files.writeAtomic(paths.intents, lines.join(""));
  return "compacted";
}

async function append(
  host: JournalHost,
  paths: EnvironmentPaths,
  lines: readonly IntentLine[],
): Promise<void> {
  if (lines.length === 0) return;
  const now = host.clock.now();
  // A torn line of a command that was killed must not swallow the next one.
  const text = "\n" + lines.map((line) => formatLine(line, now)).join("");
  // What was started ends with the machine, so nothing has to outlive it.
  await host.files.append(paths.intents, text, { isFleeting: true });
}

async function readText(
  host: Pick<Host, "files">,
  { intents }: EnvironmentPaths,
): Promise<string> {
  try {
    return await host.files.readText(intents, READ_LIMIT_BYTES);
  } catch (error) {
    if (error instanceof HostError && error.code === "not_found") return "";
    throw error;
  }
}
