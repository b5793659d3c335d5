// deno-lint-ignore-file no-console -- a script talks to its parent
/**
 * A short program: with `emit` it emits one event first. Prints the time at
 * which its own work is over, in epoch milliseconds. With `fetch URL` it makes
 * one request after that.
 */

import { getEmitter } from "../../mod.ts";

const [what, url] = Deno.args;
if (what === "emit") {
  const { kind } = getEmitter({ warn: console.error }).emit("NoteRecorded", {
    aggregateId: "a",
    payload: { text: "bye" },
  });
  if (kind !== "captured") throw new Error(kind);
}
console.log(performance.timeOrigin + performance.now());
if (url !== undefined) await (await fetch(url)).body?.cancel();
