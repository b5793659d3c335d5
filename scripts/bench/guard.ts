/**
 * Ends what a bench has started, however the bench itself ends: its guard is a
 * process of its own that notices the end of the bench, and then looks for
 * whatever was started below the bench's directory.
 */

const PROGRAM = new URL("./guard_program.ts", import.meta.url).pathname;

/**
 * Starts the guard of a directory. Disposing ends what was started below the
 * directory and removes it; so does the end of this process, of any kind.
 */
export function startGuard(directory: string): AsyncDisposable {
  const child = new Deno.Command(Deno.execPath(), {
    args: ["run", "--allow-all", "--quiet", PROGRAM, directory],
    stdin: "piped",
    stdout: "null",
    stderr: "inherit",
    // What a terminal sends to the bench must not reach the guard.
    detached: true,
  }).spawn();
  return {
    async [Symbol.asyncDispose]() {
      await child.stdin.close();
      await child.status;
    },
  };
}
