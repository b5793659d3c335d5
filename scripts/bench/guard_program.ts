/**
 * Waits until whoever has started it is gone, ends everything that was started
 * below a directory, and removes the directory.
 *
 * Arguments: the directory.
 */

import { endEverythingBelow } from "#support/leftovers.ts";

const [directory = ""] = Deno.args;
if (!directory.includes("reeve-bench-")) {
  throw new Error("no bench's directory");
}
// Nothing is ever written: the stream ends with the bench.
for await (const _ of Deno.stdin.readable);
await endEverythingBelow(directory);
await Deno.remove(directory, { recursive: true });
