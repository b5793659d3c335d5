/**
 * The keyboard through Deno: lines and keys of one standard input, of which
 * nothing is lost between one reader and the next.
 *
 * @module
 */

import { type KeyReader, RESIZED, type ScreenCodes } from "./keyboard.ts";
import { KeySequence } from "./key_sequence.ts";

const CHUNK_BYTES = 1024;
/** A terminal itself cuts longer lines, so one of that length was cut. */
const LINE_BYTES = 4095;
const NEWLINE = 10;
const CTRL_Z = "\u001a";

/** After so long nothing of an escape sequence is still on its way. */
const ESCAPE_MS = 50;

/** How long a process that is to be stopped goes on at most. */
const STOPPING_MS = 300;

/**
 * What another program may have left on: mouse, focus and paste reports would
 * arrive as keys. Pastes are marked, so that they can be told from keys.
 */
const KEYS_ON = "\u001b[?1000;1002;1003;1004;1006l\u001b[?2004h";
const KEYS_OFF = "\u001b[?2004l";

/** Every way out of a program comes by one of them. */
const WAYS_OUT = ["error", "unhandledrejection", "unload"] as const;

const canSignal = Deno.build.os !== "windows";

/** A read of a terminal cannot be taken back: the next reader goes on with it. */
let reading: Promise<Uint8Array | null> | undefined;
let left: Uint8Array = new Uint8Array();

function readSome(): Promise<Uint8Array | null> {
  if (left.length > 0) return Promise.resolve(left);
  reading ??= readChunk(CHUNK_BYTES);
  return reading;
}

function taken(rest: Uint8Array = new Uint8Array()): void {
  left = rest;
  reading = undefined;
}

async function readChunk(size: number): Promise<Uint8Array | null> {
  const chunk = new Uint8Array(size);
  try {
    const count = await Deno.stdin.read(chunk);
    return count === null ? null : chunk.subarray(0, count);
  } catch {
    // The terminal has gone; that is the end of input too.
    return null;
  }
}

/**
 * Reads a line without its end and the blanks around it, and nothing of what
 * follows; `undefined` at the end of input.
 *
 * @param askAgain called for a line that is too long, with how many bytes it
 * may have; then the next one is read.
 */
export async function readLine(
  askAgain: (maxBytes: number) => void,
): Promise<string | undefined> {
  while (true) {
    const line = await readBytes();
    if (line === undefined) return undefined;
    if (line.length < LINE_BYTES) {
      return new TextDecoder().decode(new Uint8Array(line)).trim();
    }
    askAgain(LINE_BYTES - 1);
  }
}

/** The bytes of a line, cut after the first one too many. */
async function readBytes(): Promise<readonly number[] | undefined> {
  const line: number[] = [];
  while (true) {
    const isAhead = left.length > 0 || reading !== undefined;
    const chunk = await (isAhead ? readSome() : readChunk(1));
    if (chunk === null) return undefined;
    if (isAhead) taken(chunk.subarray(1));
    const [byte = NEWLINE] = chunk;
    if (byte === NEWLINE) return line;
    if (line.length < LINE_BYTES) line.push(byte);
  }
}

function setInput(to: "keys" | "lines"): void {
  const isRaw = to === "keys";
  try {
    if (Deno.stdin.isTerminal()) Deno.stdin.setRaw(isRaw);
  } catch {
    // The terminal has gone; the next read tells.
  }
}

/**
 * Takes the keyboard.
 *
 * @param write writes codes to the terminal.
 * @param screen codes for what is drawn on it meanwhile.
 */
export function openKeys(
  write: (text: string) => void,
  screen: ScreenCodes,
): KeyReader {
  const sequence = new KeySequence();
  const decoder = new TextDecoder();
  let isOpen = false;
  let hasNews = false;
  let wake = () => {};
  const open = () => {
    isOpen = true;
    setInput("keys");
    write(`${KEYS_ON}${screen.enter}`);
  };
  const release = () => {
    if (!isOpen) return;
    isOpen = false;
    write(`${screen.leave}${KEYS_OFF}`);
    setInput("lines");
  };
  const onResize = () => {
    hasNews = true;
    wake();
  };
  const wait = async (signal?: AbortSignal): Promise<"end" | "on"> => {
    const woken = Promise.withResolvers<undefined>();
    wake = () => woken.resolve(undefined);
    signal?.addEventListener("abort", wake, { once: true });
    const isBegun = sequence.isBegun;
    const timer = isBegun ? setTimeout(wake, ESCAPE_MS) : undefined;
    const chunk = await Promise.race([readSome(), woken.promise]);
    signal?.removeEventListener("abort", wake);
    clearTimeout(timer);
    wake = () => {};
    if (chunk === null) return "end";
    if (chunk === undefined) return "on";
    sequence.push(decoder.decode(chunk, { stream: true }));
    taken();
    return "on";
  };
  open();
  for (const way of WAYS_OUT) globalThis.addEventListener(way, release);
  if (canSignal) Deno.addSignalListener("SIGWINCH", onResize);
  return {
    async next(signal) {
      let more: "likely" | "none" = "likely";
      for (;;) {
        const key = sequence.next(more);
        if (key === CTRL_Z) {
          release();
          await suspend();
          open();
          hasNews = true;
        } else if (key !== undefined) return key;
        if (hasNews) {
          hasNews = false;
          return RESIZED;
        }
        if (signal?.aborted) return undefined;
        const [isBegun, before] = [sequence.isBegun, performance.now()];
        if (await wait(signal) === "end") return undefined;
        const hasWaited = performance.now() - before >= ESCAPE_MS;
        more = isBegun && hasWaited ? "none" : "likely";
      }
    },
    close() {
      release();
      for (const way of WAYS_OUT) globalThis.removeEventListener(way, release);
      if (canSignal) Deno.removeSignalListener("SIGWINCH", onResize);
    },
  };
}

/** Stops this process as Ctrl-Z does elsewhere, until it is continued. */
async function suspend(): Promise<void> {
  if (!canSignal) return;
  const continued = Promise.withResolvers<void>();
  Deno.addSignalListener("SIGCONT", continued.resolve);
  // Who has no shell above that could continue it is not stopped at all.
  const timer = setTimeout(continued.resolve, STOPPING_MS);
  Deno.kill(Deno.pid, "SIGTSTP");
  await continued.promise;
  clearTimeout(timer);
  Deno.removeSignalListener("SIGCONT", continued.resolve);
}
