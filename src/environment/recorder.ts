/**
 * Writes down how one command went, for a later bundle. Nothing that a person
 * types and no value of a word is among it: only names, shapes and numbers.
 *
 * @module
 */

import { KnownError } from "../errors.ts";
import { type Host, HostError } from "../host/host.ts";
import { baseName, parentPath } from "../host/path.ts";
import type { EnvironmentPaths } from "../state/environment_paths.ts";
import type { JsonObject } from "../state/json_value.ts";
import { cliVersion } from "../version.ts";
import { makeRedactor } from "./debug_redact.ts";
import { isoTime } from "./document_codec.ts";
import { pruneSessions, SESSION_LINES, sessionPath } from "./recorder_file.ts";
import type { RecorderMode } from "./recorder_mode.ts";
import { watchTerminal } from "./recorder_terminal.ts";

/** The command that is recorded. */
export interface RecordedCommand {
  /** Its name. */
  readonly command: string;
  /** Main checkout or worktrees. */
  readonly mode: string;
  /** All words of its line. */
  readonly words: readonly string[];
}

/** How a command has ended. */
export type RecordedEnd =
  | { readonly kind: "result"; readonly exit: number }
  | { readonly kind: "error"; readonly error: unknown };

/** The recorder of one command. */
export interface Recorder {
  /** The world, watched where the mode says so. */
  readonly host: Host;
  /** Writes down its end. */
  end(how: RecordedEnd): void;
}

const SALT_BYTES = 32;
const WORD_BYTES = 4;
const FILE_BYTES = 1024 * 1024;

/** Begins to record a command. A disk that refuses is no reason to fail. */
export function openRecorder(
  host: Host,
  paths: Pick<EnvironmentPaths, "directory">,
  mode: Exclude<RecorderMode, "off">,
  { command, mode: which, words }: RecordedCommand,
): Recorder {
  const note = openSession(host, paths);
  const begin = host.clock.elapsed();
  const isDeep = mode === "deep";
  note("command.begin", {
    command,
    "mode": which,
    "recorder": mode,
    "version": cliVersion(host.env),
    ...isDeep ? { "words": shapesOf(host, command, words) } : {},
    ...isDeep ? { "terminal": terminalOf(host) } : {},
  });
  const terminal = isDeep ? watchTerminal(host, note) : undefined;
  return {
    host: terminal === undefined
      ? host
      : { ...host, terminal, processes: watchProcesses(host, note) },
    end(how) {
      terminal?.settle();
      const end = how.kind === "result"
        ? { "exit": how.exit, "outcome": how.exit === 0 ? "ok" : "not_ok" }
        : { "outcome": codeOf(how.error) };
      note("command.end", {
        command,
        "mode": which,
        "duration_ms": Math.round(host.clock.elapsed() - begin),
        ...end,
      });
    },
  };
}

function codeOf(error: unknown): string {
  return error instanceof KnownError ? error.code : "internal";
}

/** Writes a line about something. */
export type Note = (event: string, fields: JsonObject) => void;

function openSession(
  host: Host,
  paths: Pick<EnvironmentPaths, "directory">,
): Note {
  const { blocking, clock, random } = host;
  const id = random.hex(WORD_BYTES);
  const path = sessionPath(paths, clock.now(), id);
  let seq = 0;
  let isBroken = false;
  const write = (event: string, fields: JsonObject) => {
    const line = JSON.stringify({
      ...fields,
      "schema": "recorded_event",
      "schema_version": 1,
      "session_id": id,
      seq,
      event,
      "timestamp": isoTime(clock.now()),
    });
    try {
      if (seq === 0) {
        blocking.makeDirectory(parentPath(path));
        pruneSessions(host, paths);
      }
      blocking.appendLocked(path, `${line}\n`, FILE_BYTES);
      seq++;
    } catch (error) {
      if (!(error instanceof HostError)) throw error;
      isBroken = true;
    }
  };
  return (event, fields) => {
    if (isBroken) return;
    // Two lines are left for saying so, and for the end.
    const isLast = seq === SESSION_LINES - 2;
    if (isLast) write("anomaly", { "name": "debug_limit_reached" });
    const hasRoom = seq < SESSION_LINES - 2 || event === "command.end";
    if (hasRoom && seq < SESSION_LINES) write(event, fields);
  };
}

/** Words of the line: names of flags, and of everything else its length. */
function shapesOf(
  { env, random }: Host,
  command: string,
  words: readonly string[],
): JsonObject["words"] {
  const { home } = env;
  const salt = random.hex(SALT_BYTES);
  const redactor = makeRedactor({ secrets: [], home, salt });
  const { command: shapes } = Object.assign(
    { command: [] },
    redactor.value({ command: [command, ...words] }),
  );
  return shapes;
}

function terminalOf({ terminal }: Host): JsonObject {
  const { columns, hasColor, isInteractive, rows } = terminal;
  return { columns, rows, "interactive": isInteractive, "color": hasColor };
}

function watchProcesses(
  { clock, processes }: Host,
  note: Note,
): Host["processes"] {
  return {
    ...processes,
    async spawnService(command) {
      const begin = clock.elapsed();
      const said = (outcome: string, pid: number | null) =>
        note("launch", {
          "program": baseName(command.command[0] ?? ""),
          "words": command.command.length,
          "variables": Object.keys(command.env).length,
          "input": "closed",
          outcome,
          pid,
          "duration_ms": Math.round(clock.elapsed() - begin),
        });
      try {
        const child = await processes.spawnService(command);
        said("started", child.pid);
        return child;
      } catch (error) {
        said(error instanceof HostError ? error.code : "internal", null);
        throw error;
      }
    },
  };
}
