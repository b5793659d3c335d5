/**
 * The person's terminal through Deno.
 *
 * @module
 */

import { HostError, type Terminal } from "./host.ts";

const DEFAULT_COLUMNS = 80;
const INPUT_LIMIT_BYTES = 64 * 1024;

function env(name: string): string | undefined {
  return Deno.env.get(name) || undefined;
}

function isTruthy(name: string): boolean {
  return /^(?:1|true|yes|y|on)$/i.test(env(name)?.trim() ?? "");
}

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

function hasColor(): boolean {
  if (env("NO_COLOR") !== undefined) return false;
  const forced = env("FORCE_COLOR");
  if (forced !== undefined) return forced !== "0";
  return env("TERM") !== "dumb" && Deno.stdout.isTerminal();
}

function isInteractive(): boolean {
  if (isTruthy("REEVE_FORCE_INTERACTIVE")) return true;
  if (isTruthy("REEVE_NON_INTERACTIVE")) return false;
  return Deno.stdin.isTerminal() && Deno.stderr.isTerminal();
}

async function readLine(): Promise<string | undefined> {
  const line: number[] = [];
  const byte = new Uint8Array(1);
  while (line.length < 1000) {
    const count = await Deno.stdin.read(byte);
    if (count === null) return undefined;
    if (byte[0] === 10) break;
    line.push(byte[0] ?? 0);
  }
  return new TextDecoder().decode(new Uint8Array(line)).trim();
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
  get columns() {
    return columns();
  },
  get isInteractive() {
    return isInteractive();
  },
  get hasColor() {
    return hasColor();
  },
  async confirm(question) {
    write(Deno.stderr, `${question} [y/N] `);
    const answer = await readLine();
    if (answer === undefined) write(Deno.stderr, "\n");
    return /^y(?:es)?$/i.test(answer ?? "");
  },
  readInput,
};
