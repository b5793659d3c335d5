/**
 * Holds the write lock of a queue for so many milliseconds, or without them
 * until its input ends. Argument: JSON with `path`, `forMs`.
 */
import { DatabaseSync } from "node:sqlite";

function say(line: string): void {
  const bytes = new TextEncoder().encode(`${line}\n`);
  for (let at = 0; at < bytes.length;) {
    at += Deno.stdout.writeSync(bytes.subarray(at));
  }
}

const { path, forMs } = JSON.parse(Deno.args[0] ?? "");
const db = new DatabaseSync(path, { timeout: 10_000 });
db.exec("BEGIN IMMEDIATE; UPDATE meta SET refused = refused + 1;");
say("held");
if (forMs === undefined) { for await (const _ of Deno.stdin.readable); }
else await new Promise((resolve) => setTimeout(resolve, forMs));
db.exec("ROLLBACK");
db.close();
