// deno-lint-ignore-file no-console -- a script talks to its terminal
/**
 * Makes the world go wrong in every way that Reeve promises to bear, with real
 * processes, files and sockets, and counts what happens. Writes what was seen
 * to `docs/reference/faults.md`.
 *
 * Run with `deno task test:faults`.
 */

import { build } from "./build.ts";
import type { Fault, FaultResult } from "./faults/fault.ts";
import { type Played, renderPage } from "./faults/page.ts";
import {
  type Given,
  runScript,
  ScriptError,
  type Usage,
  USAGE_EXIT,
} from "./run_script.ts";

const USAGE: Usage = {
  run: "deno task test:faults",
  does: "Makes everything around Reeve go wrong and writes what was seen to " +
    "docs/reference/faults.md.",
  words: { takes: "FAULT", does: "Only these, such as F2." },
  flags: {
    "long": { does: "Tries the full figures." },
    "no-page": { does: "Writes nothing." },
  },
};

const PAGE = new URL("../docs/reference/faults.md", import.meta.url).pathname;

/** Time between two lines of progress. */
const PROGRESS_MS = 20_000;

/** Somebody wants it to end: what is being tried is given up and tidied away. */
class Interrupted extends Error {
  /** Tells it from what a fault may meet. */
  override readonly name = "Interrupted";
}

/** How a process ends by each signal. */
const SIGNAL_EXITS = { SIGINT: 130, SIGTERM: 143 } as const;

/** Hears that somebody wants it to end; at the second time it ends at once. */
function hearSignals(): { exit: number | undefined } {
  const heard: { exit: number | undefined } = { exit: undefined };
  for (const name of ["SIGINT", "SIGTERM"] as const) {
    Deno.addSignalListener(name, () => {
      if (heard.exit !== undefined) Deno.exit(SIGNAL_EXITS[name]);
      heard.exit = SIGNAL_EXITS[name];
      console.log("       Ending what was begun; again to leave it as it is.");
    });
  }
  return heard;
}

const heard = hearSignals();

function progress(id: string): (done: number, of: number) => void {
  let last = performance.now();
  return (done, of) => {
    if (heard.exit !== undefined) throw new Interrupted();
    if (performance.now() - last < PROGRESS_MS) return;
    last = performance.now();
    console.log(`       ${id}: ${done} of ${of}`);
  };
}

async function play(fault: Fault, isLong: boolean): Promise<Played> {
  const reason = await fault.unavailable?.();
  if (reason !== undefined) return { fault, skipped: reason };
  const start = performance.now();
  const onProgress = progress(fault.id);
  const result = await fault.run({ isLong, onProgress }).catch(failed);
  return { fault, result, seconds: (performance.now() - start) / 1000 };
}

/** What made a whole fault end is a problem of it. */
function failed(error: unknown): FaultResult {
  const text = error instanceof Error ? error.stack ?? "" : String(error);
  return {
    tried: 0,
    seen: {},
    lost: 0,
    wrongSignals: 0,
    ok: false,
    problems: [text.replace(/\s+/g, " ").slice(0, 600)],
    notes: [],
  };
}

function show(played: Played, isChosen: boolean): void {
  const { fault } = played;
  const head = `${fault.id.padEnd(3)} ${fault.title}`;
  if ("skipped" in played) {
    return console.log(`  --   ${head}: not tried (${played.skipped})`);
  }
  const { result, seconds } = played;
  const mark = result.ok ? "ok  " : "WRONG";
  console.log(
    `  ${mark} ${head}: ${result.tried} tried, ${result.lost} lost, ` +
      `${result.wrongSignals} wrong signals, ${seconds.toFixed(1)} s`,
  );
  for (const problem of result.problems) console.log(`         ${problem}`);
  if (!isChosen) return;
  for (const [what, count] of Object.entries(result.seen)) {
    console.log(`         ${what}: ${count}`);
  }
}

async function main(given: Given): Promise<number> {
  const isLong = given.has("long");
  const names = given.words;
  const directory = await Deno.makeTempDir({ prefix: "reeve-faults-" });
  const all: Played[] = [];
  try {
    // The faults are tried on the bundle that ships.
    Deno.env.set("REEVE_TEST_MAIN", await build(`${directory}/dist`));
    const { FAULTS } = await import("./faults/every_fault.ts");
    const unknown = names.filter((name) => !FAULTS.some((f) => f.id === name));
    if (unknown.length > 0) {
      const text = `There is no fault ${unknown.join(", ")}`;
      throw new ScriptError(text, USAGE_EXIT);
    }
    for (const fault of FAULTS) {
      if (names.length > 0 && !names.includes(fault.id)) continue;
      const played = await play(fault, isLong);
      if (heard.exit !== undefined) return heard.exit;
      all.push(played);
      show(played, names.length > 0);
    }
  } finally {
    await Deno.remove(directory, { recursive: true });
  }
  if (!given.has("no-page")) {
    const before = await Deno.readTextFile(PAGE).catch(() => "");
    const mode = isLong ? "long" : "short";
    await Deno.writeTextFile(PAGE, renderPage(before, all, mode));
  }
  const isGood = all.every((one) => "skipped" in one || one.result.ok);
  console.log(isGood ? "Every promise was kept." : "A promise was broken.");
  return isGood ? 0 : 1;
}

await runScript(USAGE, main);
