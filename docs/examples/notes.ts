// deno-lint-ignore-file no-console -- an example talks to its terminal
/**
 * A small command-line tool that says what it does. It emits and forgets: what
 * `emit` has taken is on disk, and Reeve brings it to the server.
 *
 * Run it from a checkout of Reeve, inside any project:
 *
 * ```sh
 * deno run --allow-all docs/examples/notes.ts 10000
 * ```
 */

import { getEmitter } from "../../mod.ts";

const count = Number(Deno.args[0] ?? 10);
const emitter = getEmitter({
  types: [{
    type: "PageRead",
    version: 1,
    aggregateType: "Book",
    class: "fact",
    fields: {
      page: { kind: "integer", required: true, min: 1 },
      reader: { kind: "string", required: true, max: 100 },
    },
  }],
});

for (let page = 1; page <= count; page++) {
  emitter.emit("PageRead", {
    aggregateId: `book-${page % 7}`,
    payload: { page, reader: "ada" },
  });
}

const outcomes = [...emitter.counts].map(([kind, n]) => `${n} ${kind}`);
console.log(`Emitted ${count} events: ${outcomes.join(", ")}.`);
