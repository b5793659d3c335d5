// deno-lint-ignore-file no-console -- a script talks to its parent
/** Prints how many milliseconds a program's first event took. */

import { getEmitter } from "../../mod.ts";

const start = performance.now();
const { kind } = getEmitter().emit("NoteRecorded", {
  aggregateId: "a",
  payload: { text: "hello" },
});
const took = performance.now() - start;
if (kind !== "captured") throw new Error(kind);
console.log(took);
