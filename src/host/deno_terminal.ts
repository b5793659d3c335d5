/**
 * The person's terminal through Deno.
 *
 * @module
 */

import { HostError, type Terminal } from "./host.ts";
import { isDeserted } from "./platform/poll.ts";

const STDOUT = 1;
const DEFAULT_COLUMNS = 80;
const DEFAULT_ROWS = 24;
const INPUT_LIMIT_BYTES = 64 * 1024;

function env(name: string): string | undefined {
  return Deno.env.get(name) || undefined;
}

function isTruthy(name: string): boolean {
  return /^(?:1|true|yes|y|on)$/i.test(env(name)?.trim() ?? "");
}

let hasReaderLeft = false;

function write(stream: typeof Deno.stdout, text: string) {
  const bytes = new TextEncoder().encode(text);
  let written = 0;
  try {
    while (written < bytes.length) {
      written += stream.writeSync(bytes.subarray(written));
    }
  } catch (error) {
    // The reader of the pipe has left; there is nobody to tell.
    if (!(error instanceof Deno.errors.BrokenPipe)) throw error;
    hasReaderLeft ||= stream === Deno.stdout;
  }
}

function columns(): number {
  try {
    if (Deno.stdout.isTerminal()) return Deno.consoleSize().columns;
  } catch {
    // Not every terminal tells its size.
  }
  const stated = Number(env("COLUMNS"));
  return Number.isInteger(stated) && stated >= 20 ? stated : DEFAULT_COLUMNS;
}

function rows(): number {
  try {
    if (Deno.stdout.isTerminal()) return Deno.consoleSize().rows;
  } catch {
    // Not every terminal tells its size.
  }
  return DEFAULT_ROWS;
}

function hasColor(): boolean {
  if (env("NO_COLOR") !== undefined) return false;
  const forced = env("FORCE_COLOR");
  if (forced !== undefined) return forced !== "0";
  return isScreen();
}

function isScreen(): boolean {
  return env("TERM") !== "dumb" && Deno.stdout.isTerminal();
}

function isInteractive(): boolean {
  if (isTruthy("REEVE_FORCE_INTERACTIVE")) return true;
  if (isTruthy("REEVE_NON_INTERACTIVE")) return false;
  return Deno.stdin.isTerminal() && Deno.stderr.isTerminal();
}

async function ask(question: string): Promise<string | undefined> {
  write(Deno.stderr, question);
  const { readLine } = await import("./deno_keyboard.ts");
  const line = await readLine((maxBytes) =>
    write(
      Deno.stderr,
      `That is too long: an answer has at most ${maxBytes} bytes.\n${question}`,
    )
  );
  if (line === undefined) write(Deno.stderr, "\n");
  return line;
}

async function readInput(maxBytes = INPUT_LIMIT_BYTES): Promise<string> {
  const decoder = new TextDecoder();
  const chunk = new Uint8Array(INPUT_LIMIT_BYTES);
  let text = "";
  let length = 0;
  while (length <= maxBytes) {
    const count = await Deno.stdin.read(chunk);
    if (count === null) return text + decoder.decode();
    text += decoder.decode(chunk.subarray(0, count), { stream: true });
    length += count;
  }
  throw new HostError("too_large", "standard input");
}

/** The real terminal. */
export const denoTerminal: Terminal = {
  out: (text) => write(Deno.stdout, text),
  err: (text) => write(Deno.stderr, text),
  isDeserted: () => hasReaderLeft ||= isDeserted(STDOUT),
  get columns() {
    return columns();
  },
  get rows() {
    return rows();
  },
  get isInteractive() {
    return isInteractive();
  },
  get hasColor() {
    return hasColor();
  },
  get isScreen() {
    return isScreen();
  },
  async confirm(question) {
    const answer = await ask(`${question} [y/N] `);
    return /^y(?:es)?$/i.test(answer ?? "");
  },
  readLine: ask,
  async openKeys(screen = { enter: "", leave: "" }) {
    const { openKeys } = await import("./deno_keyboard.ts");
    return openKeys((text) => {
      if (env("TERM") !== "dumb") write(Deno.stderr, text);
    }, screen);
  },
  readInput,
};
