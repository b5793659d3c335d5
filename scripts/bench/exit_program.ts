// deno-lint-ignore-file no-console -- a script talks to its parent
/**
 * A short program: with an argument it emits one event first. Prints the time
 * at which its own work is over, in epoch milliseconds.
 */

import { getEmitter } from "../../mod.ts";

if (Deno.args.length > 0) {
  const { kind } = getEmitter({ warn: console.error }).emit("NoteRecorded", {
    aggregateId: "a",
    payload: { text: "bye" },
  });
  if (kind !== "captured") throw new Error(kind);
}
console.log(performance.timeOrigin + performance.now());
