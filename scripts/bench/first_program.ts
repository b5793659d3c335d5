// deno-lint-ignore-file no-console -- a script talks to its parent
/**
 * Prints how many milliseconds a program's emitter and its first event took.
 */

import { getEmitter } from "../../mod.ts";

const start = performance.now();
const emitter = getEmitter();
const made = performance.now();
const { kind } = emitter.emit("NoteRecorded", {
  aggregateId: "a",
  payload: { text: "hello" },
});
const end = performance.now();
if (kind !== "captured") throw new Error(kind);
console.log(JSON.stringify({ make: made - start, emit: end - made }));
