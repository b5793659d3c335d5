/** What every manager of processes can be asked for, and how it is asked. */

/** Services that every manager is given. */
export interface Services {
  /** A directory of the manager's own. */
  readonly directory: string;
  /** Port of each. */
  readonly ports: readonly number[];
  /** Words of their command; the port comes last. */
  readonly command: readonly string[];
}

/** A manager whose services run; disposing ends the manager. */
export interface Running extends AsyncDisposable {
  /** Asks how the services are; absent where nobody can be asked. */
  readonly status?: () => Promise<void>;
  /** Ends the services; they may still listen for a moment. */
  stop(): Promise<void>;
}

/** A manager of processes. */
export interface Peer {
  /** Its name. */
  readonly name: string;
  /** Starts the services; they may not listen yet. */
  start(): Promise<Running>;
}

/** Runs a program to its end. */
export type Run = (...words: readonly string[]) => Promise<void>;

/** Longest that a single step of any manager may take. */
const STEP_MS = 60_000;

/** Runs programs in a directory; one that fails or hangs is an error. */
export function runner(
  cwd: string,
  env: Readonly<Record<string, string>> = {},
): Run {
  return async (name = "", ...args) => {
    const { success, stderr } = await new Deno.Command(name, {
      args: [...args],
      cwd,
      env,
      stdin: "null",
      stdout: "null",
      stderr: "piped",
      signal: AbortSignal.timeout(STEP_MS),
    }).output();
    if (success) return;
    const text = new TextDecoder().decode(stderr).trim().split("\n")[0];
    throw new Error(`${name.split("/").at(-1)} ${args[0] ?? ""}: ${text}`);
  };
}

/** Starts a program that stays. */
export function background(
  words: readonly string[],
  cwd: string,
): Deno.ChildProcess {
  const [name = "", ...args] = words;
  return new Deno.Command(name, {
    args,
    cwd,
    stdin: "null",
    stdout: "null",
    stderr: "null",
  }).spawn();
}

/** Asks a program that stays to end, and waits until it has. */
export async function end(
  child: Deno.ChildProcess,
  signal: Deno.Signal,
): Promise<void> {
  trySignal(child, signal);
  const timer = setTimeout(() => trySignal(child, "SIGKILL"), STEP_MS);
  await child.status;
  clearTimeout(timer);
}

function trySignal(child: Deno.ChildProcess, signal: Deno.Signal): void {
  try {
    child.kill(signal);
  } catch (error) {
    // It has ended already.
    if (!(error instanceof TypeError)) throw error;
  }
}

/** The command of one service as a line. */
export function lineOf({ command }: Services, port: number): string {
  return [...command, String(port)].join(" ");
}

/** For managers that end with their services. */
export const NOTHING_LEFT = {
  [Symbol.asyncDispose]: (): Promise<void> => Promise.resolve(),
};
