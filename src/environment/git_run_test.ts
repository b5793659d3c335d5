import { assert, assertEquals } from "@std/assert";
import { gitError } from "./git_run.ts";

Deno.test.each([
  {
    stderr: "Preparing worktree\nfatal: 'x' is already checked out\n",
    message: "git worktree has failed in /r: 'x' is already checked out",
    hint: "Correct what Git names",
  },
  {
    stderr: "error: unable to write file a: No space left on device\n" +
      "fatal: Could not reset index file\n",
    message: "git worktree has failed in /r: unable to write file a: " +
      "No space left on device; Could not reset index file",
    hint: "Make room on the disk",
  },
  {
    stderr: "fatal: Unable to create '/r/.git/index.lock': File exists.\n",
    message: "git worktree has failed in /r: " +
      "Unable to create '/r/.git/index.lock': File exists.",
    hint: "Another git works there",
  },
  {
    stderr: "",
    message: "git worktree has failed in /r: exit code 128",
    hint: "Correct what Git names",
  },
])("gitError() says $message", ({ hint, message, stderr }) => {
  const args = ["-c", "core.hooksPath=/dev/null", "worktree", "add"];
  const error = gitError({ args, cwd: "/r" }, { code: 128, stderr });
  assertEquals([error.code, error.message], ["unusable", message]);
  assert(error.hint?.startsWith(hint), error.hint);
});
