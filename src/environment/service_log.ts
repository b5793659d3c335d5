/**
 * Logs of units: their ends, what looks like an error in them, and how large
 * they may get. However large a file is, only a bounded part of it is read.
 *
 * @module
 */

import { type Host, HostError } from "../host/host.ts";

type LogHost = Pick<Host, "blocking">;

/** The end of a log. */
export interface LogTail {
  /** Lines without their ends, oldest first. */
  readonly lines: readonly string[];
  /** Whether the limit of bytes came before the number of lines. */
  readonly isCut: boolean;
}

/** How large logs may get. */
export interface LogLimits {
  /** Size from which a log is put aside, in bytes. @default 16 MiB */
  readonly maxBytes?: number;
  /** How many that were put aside are kept. @default 3 */
  readonly kept?: number;
}

const CHUNK_BYTES = 64 * 1024;
const TAIL_BYTES = 8 * 1024 * 1024;
const ERROR_SCAN_BYTES = 256 * 1024;
const LINE_LENGTH = 500;
const LIMITS = { maxBytes: 16 * 1024 * 1024, kept: 3 };
const NEWLINE = 10;

/**
 * Reads the last lines of a log, backwards from its end; a missing log is
 * empty.
 *
 * @param maxBytes how much is read at most.
 */
export function readTail(
  { blocking }: LogHost,
  path: string,
  count: number,
  maxBytes: number = TAIL_BYTES,
): LogTail {
  const size = sizeOf({ blocking }, path);
  const chunks: Uint8Array[] = [];
  let at = size;
  let newlines = 0;
  // The end of the last line is no beginning of another.
  while (at > 0 && newlines <= count && size - at < maxBytes) {
    const from = Math.max(0, at - CHUNK_BYTES, size - maxBytes);
    const chunk = blocking.readSlice(path, from, at - from);
    chunks.unshift(chunk);
    newlines += chunk.reduce((sum, byte) => sum + Number(byte === NEWLINE), 0);
    at = from;
  }
  const lines = linesOf(join(chunks));
  // What stands before the first end of a line may be half a line.
  const whole = at > 0 ? lines.slice(1) : lines;
  const last = count > 0 ? whole.slice(-count) : [];
  return { lines: last, isCut: at > 0 && last.length < count };
}

function sizeOf({ blocking }: LogHost, path: string): number {
  return blocking.stat(path)?.size ?? 0;
}

function join(chunks: readonly Uint8Array[]): Uint8Array {
  const length = chunks.reduce((sum, chunk) => sum + chunk.length, 0);
  const bytes = new Uint8Array(length);
  let at = 0;
  for (const chunk of chunks) {
    bytes.set(chunk, at);
    at += chunk.length;
  }
  return bytes;
}

function linesOf(bytes: Uint8Array): readonly string[] {
  const text = new TextDecoder().decode(bytes);
  if (text === "") return [];
  return text.replace(/\n$/, "").split("\n").map((line) =>
    line.replace(/\r$/, "")
  );
}

/** Reads a log as it grows. */
export interface LogFollower {
  /** Whole lines that have come since the last call. */
  read(): readonly string[];
}

/** Follows a log from an offset in bytes on; an emptied one begins anew. */
export function followLog(
  { blocking }: LogHost,
  path: string,
  from: number,
): LogFollower {
  let at = from;
  let rest: Uint8Array = new Uint8Array();
  return {
    read() {
      const size = sizeOf({ blocking }, path);
      if (size < at) {
        at = 0;
        rest = new Uint8Array();
      }
      if (size === at) return [];
      const bytes = readNew(blocking, path, at);
      at += bytes.length;
      const all = join([rest, bytes]);
      const end = all.lastIndexOf(NEWLINE) + 1;
      // A line without an end must not fill our memory.
      rest = all.slice(end).subarray(-CHUNK_BYTES);
      return linesOf(all.subarray(0, end));
    },
  };
}

function readNew(
  blocking: Host["blocking"],
  path: string,
  from: number,
): Uint8Array {
  try {
    return blocking.readSlice(path, from, TAIL_BYTES);
  } catch (error) {
    if (error instanceof HostError && error.code === "not_found") {
      return new Uint8Array();
    }
    throw error;
  }
}

const LOOKS_BAD =
  /error|exception|fatal|panic|traceback|fail|cannot|can't|not found|denied|refused|abort|killed/i;
const LOOKS_GOOD = /\b(?:0|no|without) (?:errors?|failures?|warnings?)\b/i;

/** Whether a line of a log looks as if it told of an error. */
export function looksLikeError(line: string): boolean {
  return LOOKS_BAD.test(line) && !LOOKS_GOOD.test(line);
}

/**
 * Lines near the end of a log that look like errors, oldest first.
 *
 * @param isQuiet whether a line is left out, whatever it looks like.
 */
export function findErrors(
  host: LogHost,
  path: string,
  limit: number,
  isQuiet: (line: string) => boolean = () => false,
): readonly string[] {
  return endOf(host, path, 0).filter((line) =>
    looksLikeError(line) && !isQuiet(line)
  ).slice(-limit);
}

/**
 * The line that most likely says why a unit has ended: the last one that looks
 * like an error, else the last one.
 */
export function lastWords(
  host: LogHost,
  path: string,
  from = 0,
): string | undefined {
  const lines = endOf(host, path, from);
  return lines.findLast(looksLikeError) ?? lines.at(-1);
}

function endOf(
  { blocking }: LogHost,
  path: string,
  from: number,
): readonly string[] {
  const size = sizeOf({ blocking }, path);
  const start = Math.max(size < from ? 0 : from, size - ERROR_SCAN_BYTES);
  if (size <= start) return [];
  const bytes = blocking.readSlice(path, start, size - start);
  return linesOf(bytes).map(cleanLine).filter((line) => line !== "");
}

/** What terminals take for colours, titles and movements. */
const ESCAPES = new RegExp(
  String
    .raw`\u001b(?:\[[0-?]*[ -/]*[@-~]|\][^\u0007\u001b]*(?:\u0007|\u001b\\)?)`,
  "g",
);

/** Takes colours and control characters out of a line and shortens it. */
export function cleanLine(line: string): string {
  return line.replaceAll("\t", " ").replaceAll(ESCAPES, "")
    .replaceAll(/\p{Cc}/gu, "").trim().slice(0, LINE_LENGTH);
}

/**
 * Puts a log aside that has become too large, before its unit is started:
 * nobody may be writing to it.
 */
export function rotateLog(
  host: LogHost,
  path: string,
  limits: LogLimits = {},
): void {
  const { maxBytes, kept } = { ...LIMITS, ...limits };
  if (sizeOf(host, path) < maxBytes) return;
  shift(host, path, kept);
  host.blocking.rename(path, `${path}.1`);
}

/**
 * Puts the end of a log aside that has become too large while its unit goes on
 * writing to it.
 *
 * @returns whether it was too large.
 */
export function capLog(
  host: LogHost,
  path: string,
  limits: LogLimits = {},
): boolean {
  const { maxBytes, kept } = { ...LIMITS, ...limits };
  if (sizeOf(host, path) < maxBytes) return false;
  shift(host, path, kept);
  host.blocking.moveTail(path, `${path}.1`, maxBytes);
  return true;
}

/** Makes room for a new `.1`; the oldest goes. */
function shift({ blocking }: LogHost, path: string, kept: number): void {
  blocking.remove(`${path}.${kept}`);
  for (let number = kept - 1; number >= 1; number--) {
    const from = `${path}.${number}`;
    if (blocking.stat(from) !== undefined) {
      blocking.rename(from, `${path}.${number + 1}`);
    }
  }
}
