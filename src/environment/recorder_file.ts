/**
 * What the recorder has written down: one file for each command, within a
 * bounded number of files, and each with a bounded number of lines.
 *
 * @module
 */

import type { Host } from "../host/host.ts";
import { joinPath } from "../host/path.ts";
import {
  debugPaths,
  type EnvironmentPaths,
} from "../state/environment_paths.ts";
import {
  isJsonObject,
  type JsonObject,
  type JsonValue,
} from "../state/json_value.ts";

/** How many commands are kept. */
export const KEPT_SESSIONS = 80;
/** How many lines of each; together 20,000. */
export const SESSION_LINES = 250;
/** How long a command is kept, in milliseconds. */
export const KEPT_MS = 7 * 24 * 60 * 60 * 1000;

const SESSION = /^session-(\d{13})-[0-9a-f]{8}\.jsonl$/;
const SESSION_BYTES = 1024 * 1024;

/** File of a command that begins now. */
export function sessionPath(
  paths: Pick<EnvironmentPaths, "directory">,
  at: number,
  word: string,
): string {
  const name = `session-${String(at).padStart(13, "0")}-${word}.jsonl`;
  return joinPath(debugPaths(paths).directory, name);
}

/** Removes what is too old or too much, the oldest first. */
export function pruneSessions(
  { blocking, clock }: Pick<Host, "blocking" | "clock">,
  paths: Pick<EnvironmentPaths, "directory">,
): void {
  const { directory } = debugPaths(paths);
  const names = blocking.list(directory).filter((name) => SESSION.test(name));
  const first = Math.max(0, names.length - KEPT_SESSIONS);
  const oldest = clock.now() - KEPT_MS;
  for (const [at, name] of names.entries()) {
    const begun = Number(SESSION.exec(name)?.[1] ?? 0);
    if (at >= first && begun >= oldest) continue;
    blocking.remove(joinPath(directory, name));
  }
}

/** Every line, the oldest first; one that is torn is passed over. */
export function readRecorded(
  { blocking }: Pick<Host, "blocking">,
  paths: Pick<EnvironmentPaths, "directory">,
): readonly JsonObject[] {
  const { directory } = debugPaths(paths);
  return blocking.list(directory).filter((name) => SESSION.test(name)).flatMap(
    (name) =>
      new TextDecoder()
        .decode(
          blocking.readSlice(joinPath(directory, name), 0, SESSION_BYTES),
        )
        .split("\n").flatMap(parseLine),
  );
}

function parseLine(line: string): readonly JsonObject[] {
  try {
    const value: JsonValue = JSON.parse(line);
    return isJsonObject(value) ? [value] : [];
  } catch {
    return [];
  }
}
