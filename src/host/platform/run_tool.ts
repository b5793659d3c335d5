/**
 * Runs the operating system's own small tools, such as `ps`.
 *
 * @module
 */

/** What running a tool gave: its standard output, or why there is none. */
export type ToolResult =
  | { readonly kind: "ok"; readonly stdout: string }
  | { readonly kind: "failed"; readonly reason: string };

/** What is special about a tool. */
export interface ToolOptions {
  /**
   * Exit code with which the tool says that it found nothing, as `ps` and
   * `lsof` do with 1. Together with two empty output streams it counts as
   * `ok`; with a message or half an output it stays a failure.
   */
  readonly nothingFoundCode?: number;
}

/** Longest part of an error message that is worth repeating, in characters. */
const MAX_MESSAGE = 200;

/**
 * Runs a tool to its end, with English messages, and kills it after
 * `timeoutMs` milliseconds. Never throws: a missing tool, a missing
 * permission, an error exit and the timeout are all `failed`.
 */
export async function runTool(
  executable: string,
  args: readonly string[],
  timeoutMs: number,
  options: ToolOptions = {},
): Promise<ToolResult> {
  const timeout = new AbortController();
  const timer = setTimeout(() => timeout.abort(), timeoutMs);
  try {
    const output = await new Deno.Command(executable, {
      args: [...args],
      stdin: "null",
      stdout: "piped",
      stderr: "piped",
      // The same process must print the same start in every zone and language.
      env: { LC_ALL: "C", TZ: "UTC" },
      signal: timeout.signal,
    }).output();
    // A killed tool may still have printed something: half an output.
    if (timeout.signal.aborted) {
      return failed(executable, `took longer than ${timeoutMs} ms`);
    }
    return judge(executable, output, options);
  } catch (error) {
    return failed(
      executable,
      error instanceof Error ? error.message : String(error),
    );
  } finally {
    clearTimeout(timer);
  }
}

function judge(
  executable: string,
  output: Deno.CommandOutput,
  options: ToolOptions,
): ToolResult {
  const decoder = new TextDecoder();
  const stdout = decoder.decode(output.stdout);
  if (output.success) return { kind: "ok", stdout };
  const stderr = decoder.decode(output.stderr).trim();
  const isSilent = stdout === "" && stderr === "";
  if (isSilent && output.code === options.nothingFoundCode) {
    return { kind: "ok", stdout };
  }
  const [message = ""] = stderr.split("\n");
  return failed(executable, `exit code ${output.code} ${message}`.trim());
}

function failed(executable: string, why: string): ToolResult {
  return {
    kind: "failed",
    reason: `${executable}: ${why.slice(0, MAX_MESSAGE)}`,
  };
}
