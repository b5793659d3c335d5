/**
 * Emits one event and ends in one of many ways. Prints the time at which its
 * own work was over, in epoch milliseconds.
 * Arguments: the way, `short` or `long`.
 */
import { getRuntime } from "../../mod.ts";

const [way, lifetime] = Deno.args;
const runtime = getRuntime({
  lifetime: lifetime === "long" ? "long" : "short",
  warn: (message) => say(message),
});
if (lifetime === "long") await runtime.start();

function say(text: string): void {
  Deno.stdout.writeSync(new TextEncoder().encode(`${text}\n`));
}

const { kind } = runtime.emitter.emit("NoteRecorded", {
  aggregateId: "a",
  payload: { text: "the last words" },
});
say(`${kind} ${performance.timeOrigin + performance.now()}`);

switch (way) {
  case "exits":
    Deno.exit(7);
    break;
  case "throws":
    throw new Error("not caught");
  case "rejects":
    Promise.reject(new Error("not handled"));
    break;
  case "stops":
    await runtime.stop();
    break;
  case "waits":
    setInterval(() => {}, 60_000);
    break;
  case "spins":
    while (true);
}
