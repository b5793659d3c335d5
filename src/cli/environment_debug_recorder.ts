/**
 * Runs a command about environments, and writes down how it went where the
 * person wants that.
 *
 * @module
 */

import { recorderMode } from "../environment/recorder_mode.ts";
import type { CommandResult } from "./command.ts";
import type {
  EnvironmentRun,
  EnvironmentSession,
} from "./environment_session.ts";

/**
 * Runs it.
 *
 * @param words all words of its line.
 * @throws {KnownError} `usage` for a mode that is none; and as the command.
 */
export async function runRecorded(
  session: EnvironmentSession,
  words: readonly string[],
  run: EnvironmentRun,
): Promise<CommandResult> {
  const mode = recorderMode(session.host.env);
  if (mode === "off") return await run(session);
  const { openRecorder } = await import("../environment/recorder.ts");
  const { command, mode: which } = session.route;
  const recorder = openRecorder(session.host, session.place.paths, mode, {
    command,
    mode: which,
    words,
  });
  try {
    const result = await run({ ...session, host: recorder.host });
    recorder.end({ kind: "result", exit: result.exit });
    return result;
  } catch (error) {
    recorder.end({ kind: "error", error });
    throw error;
  }
}
