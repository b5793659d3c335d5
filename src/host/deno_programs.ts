/**
 * Small programs through Deno.
 *
 * @module
 */

import type {
  AttendedProgram,
  ProgramEnd,
  ProgramRun,
  Programs,
} from "./programs.ts";
import { toHostError } from "./deno_error.ts";

async function run(program: ProgramRun): Promise<ProgramEnd> {
  if (program.signal?.aborted) return { kind: "aborted" };
  const late = new AbortController();
  const timer = setTimeout(() => late.abort(), program.timeoutMs);
  const signals = [late.signal, ...program.signal ? [program.signal] : []];
  try {
    const output = await converse(program, AbortSignal.any(signals));
    if (late.signal.aborted) return { kind: "timeout" };
    if (program.signal?.aborted) return { kind: "aborted" };
    const decoder = new TextDecoder();
    return {
      kind: "exited",
      code: output.code,
      stdout: decoder.decode(output.stdout),
      stderr: decoder.decode(output.stderr),
    };
  } catch (error) {
    const refusal = toHostError(program.executable, error);
    if (refusal.code === "not_found") return { kind: "missing" };
    return { kind: "refused", reason: refusal.message };
  } finally {
    clearTimeout(timer);
  }
}

async function converse(
  program: ProgramRun,
  signal: AbortSignal,
): Promise<Pick<Deno.CommandOutput, "code" | "stderr" | "stdout">> {
  const { executable, args, env, cwd, input } = program;
  const child = new Deno.Command(executable, {
    args: [...args],
    env: { ...env },
    clearEnv: true,
    cwd,
    stdin: input === undefined ? "null" : "piped",
    stdout: "piped",
    stderr: "piped",
    signal,
  }).spawn();
  if (input !== undefined) await write(child.stdin, input);
  const [{ code }, stdout, stderr] = await Promise.all([
    child.status,
    readUntil(child.stdout, signal),
    readUntil(child.stderr, signal),
  ]);
  return { code, stdout, stderr };
}

/** What a killed program has started may keep its output open. */
async function readUntil(
  stream: ReadableStream<Uint8Array>,
  signal: AbortSignal,
): Promise<Uint8Array<ArrayBuffer>> {
  const reader = stream.getReader();
  const stop = () => void reader.cancel();
  signal.addEventListener("abort", stop);
  const chunks: Uint8Array<ArrayBuffer>[] = [];
  for (;;) {
    const { done, value } = await reader.read();
    if (done) break;
    chunks.push(new Uint8Array(value));
  }
  signal.removeEventListener("abort", stop);
  return new Uint8Array(await new Blob(chunks).arrayBuffer());
}

/** A program need not read what it is given. */
async function write(
  stdin: WritableStream<Uint8Array>,
  input: string,
): Promise<void> {
  const writer = stdin.getWriter();
  try {
    await writer.write(new TextEncoder().encode(input));
    await writer.close();
  } catch (error) {
    if (!(error instanceof Deno.errors.BrokenPipe)) throw error;
  }
}

async function attend(
  { args, cwd, executable }: AttendedProgram,
): Promise<number | "missing"> {
  try {
    const child = new Deno.Command(executable, {
      args: [...args],
      cwd,
      stdin: "inherit",
      stdout: "inherit",
      stderr: "inherit",
    }).spawn();
    return (await child.status).code;
  } catch (error) {
    const refusal = toHostError(executable, error);
    if (refusal.code === "not_found") return "missing";
    throw refusal;
  }
}

/** Real programs. */
export const denoPrograms: Programs = { run, attend };
