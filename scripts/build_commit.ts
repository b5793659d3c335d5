/**
 * Tells a build which commit it is made from.
 *
 * @module
 */

const UNKNOWN = "commit:unknown";

async function git(
  root: string,
  ...args: readonly string[]
): Promise<string | undefined> {
  try {
    const { success, stdout } = await new Deno.Command("git", {
      // A look must not write, not even what it has found out.
      args: ["--no-optional-locks", ...args],
      cwd: root,
      stdin: "null",
      stderr: "null",
    }).output();
    return success ? new TextDecoder().decode(stdout).trim() : undefined;
  } catch (error) {
    // A machine without git builds from what it has unpacked.
    if (error instanceof Deno.errors.NotFound) return undefined;
    throw error;
  }
}

/**
 * The commit that a directory is at, in full, with `+changes` where tracked
 * files differ from it; `unknown` where there is no repository.
 */
export async function readCommit(root: string): Promise<string> {
  const commit = await git(root, "rev-parse", "--verify", "HEAD");
  if (commit === undefined) return "unknown";
  const changed = await git(
    root,
    "status",
    "--porcelain",
    "--untracked-files=no",
  );
  return changed === "" ? commit : `${commit}+changes`;
}

/** Writes a commit into the code that asks for it; other code stays. */
export function bakeCommit(code: string, commit: string): string {
  return code.replaceAll(`"${UNKNOWN}"`, JSON.stringify(`commit:${commit}`));
}
