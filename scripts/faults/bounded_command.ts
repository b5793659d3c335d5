/**
 * Commands that may neither hang nor crash, whatever they find.
 *
 * @module
 */

/** After so long a command hangs. */
const HANG_MS = 30_000;

/** Ends that say something: done, what to do, or what is not ready. */
const GOOD_ENDS: readonly number[] = [0, 1, 3];

/** How a command is run. */
export interface BoundedCommand {
  /** Words behind the program. */
  readonly args: readonly string[];
  /** Variables that it gets besides ours. */
  readonly env: Readonly<Record<string, string>>;
  /** Where it runs. */
  readonly cwd?: string;
}

/**
 * Runs a command to its end.
 *
 * @throws {Error} when it hangs, crashes, prints what only we can read or codes
 * for a terminal, or with `--json` anything but one document.
 */
export async function runBounded(
  program: string,
  { args, env, cwd }: BoundedCommand,
): Promise<{ readonly code: number; readonly stdout: string }> {
  const child = new Deno.Command(program, {
    args: [...args],
    env: { ...env },
    stdin: "null",
    stdout: "piped",
    stderr: "piped",
    ...(cwd === undefined ? {} : { cwd }),
  }).spawn();
  let hangs = false;
  const timer = setTimeout(() => {
    hangs = true;
    child.kill("SIGKILL");
  }, HANG_MS);
  const output = await child.output();
  clearTimeout(timer);
  const what = args.slice(
    args.findIndex((word) => /main\.[jt]s$/.test(word)) + 1,
  )
    .join(" ");
  if (hangs) throw new Error(`${what} hangs`);
  const decoder = new TextDecoder();
  const [stdout, stderr] = [
    decoder.decode(output.stdout),
    decoder.decode(output.stderr),
  ];
  const { code } = output;
  if (!GOOD_ENDS.includes(code)) {
    throw new Error(`${what} ended with ${code}: ${stdout}${stderr}`);
  }
  const text = stdout + stderr;
  if (text.includes("\n    at ") || text.includes("\u001b[2J")) {
    throw new Error(`${what} printed ${stdout}${stderr}`);
  }
  if (args.includes("--json")) parseDocument(what, stdout);
  return { code, stdout };
}

function parseDocument(what: string, stdout: string): void {
  try {
    JSON.parse(stdout);
  } catch {
    throw new Error(`${what} printed no document: ${stdout}`);
  }
}
