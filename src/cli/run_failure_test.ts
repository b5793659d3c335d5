import { assert, assertEquals } from "@std/assert";
import { type LineOptions, parseOnly, runLine } from "#support/run_line.ts";
import { KnownError } from "../errors.ts";
import { HostError } from "../host/host.ts";

function failing(error: unknown): LineOptions {
  return { realPath: () => Promise.reject(error) };
}

Deno.test.each([
  {
    name: "a known error",
    error: new KnownError("drift", "Cannot go on", { hint: "Look." }),
    exit: 1,
    err: "error: Cannot go on\nhint: Look.\n",
  },
  {
    name: "a known error without hint",
    error: new KnownError("not_ready", "Cannot go on"),
    exit: 3,
    err: "error: Cannot go on\n",
  },
  {
    name: "a missing sign-in",
    error: new KnownError("not_signed_in", "Cannot go on"),
    exit: 4,
    err: "error: Cannot go on\n",
  },
  {
    name: "a cancelled question",
    error: new KnownError("cancelled", "Cancelled"),
    exit: 2,
    err: "error: Cancelled\n",
  },
  {
    name: "a refusal of the machine",
    error: new HostError("permission_denied", "/h/.reeve"),
    exit: 1,
    err: "error: Cannot use /h/.reeve: permission denied\n" +
      "hint: Check who owns it: ls -ld /h/.reeve\n",
  },
  {
    name: "a refusal without advice of its own",
    error: new HostError("io", "/h/.reeve"),
    exit: 1,
    err: "error: Cannot use /h/.reeve: io\nhint: See: reeve auth doctor\n",
  },
])("runCli() explains $name", async ({ error, exit, err }) => {
  const seen = await runLine("daemon status", failing(error));
  assertEquals([seen.exit, seen.out, seen.err], [exit, "", err]);
});

Deno.test("runCli() calls a bug a bug", async () => {
  const error = new TypeError("x is not a function");
  const plain = await runLine("daemon status", failing(error));
  assertEquals([plain.exit, plain.out], [70, ""]);
  assert(plain.err.startsWith("error: TypeError: x is not a function"));
  assert(plain.err.includes("This is a bug in Reeve"));
  const { exit, out } = await runLine("daemon status --json", failing(error));
  assertEquals(exit, 70);
  assert(JSON.stringify(parseOnly(out)).includes('"code":"internal"'));
  const odd = await runLine("daemon status", failing("odd"));
  assertEquals([odd.exit, odd.err.split("\n")[0]], [70, "error: odd"]);
});
