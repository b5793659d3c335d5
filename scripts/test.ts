// deno-lint-ignore-file no-console -- a script talks to its terminal
/**
 * Runs test suites and prints one line of totals last: `N passed, N failed`.
 * Unit tests run with the right to read only, so that a test which opens a
 * socket fails; the others act on real processes and run file by file in
 * {@link ./test_lanes.ts lanes} beside each other. The suite of the command
 * line runs what people download: the archive of this machine is packed,
 * installed into an empty prefix and used with neither Deno nor Node on the
 * PATH. A file that is named by itself uses the checkout.
 *
 * Run with `deno task test`.
 */

import {
  type Given,
  runScript,
  ScriptError,
  type Usage,
  USAGE_EXIT,
} from "./run_script.ts";
import { type Installed, provideInstalled } from "./test_installed.ts";
import { type Ended, laneCount, portsOf, runInLanes } from "./test_lanes.ts";

const READING: Readonly<Record<string, readonly string[]>> = {
  unit: ["--permission-set=unit", "src/", "scripts/"],
  worlds: ["--permission-set=unit", "tests/worlds/"],
  model: ["--permission-set=unit", "tests/model/"],
};

const ACTING: Readonly<Record<string, string>> = {
  contract: "tests/contract/",
  live: "tests/live/",
  cli: "tests/cli/",
  faults: "tests/faults/",
  package: "tests/package/",
};

const USAGE: Usage = {
  run: "deno task test",
  does: "Runs test suites and prints one line of totals last.",
  words: {
    takes: "SUITE",
    does: `One of ${
      [...Object.keys(READING), ...Object.keys(ACTING)].join(" ")
    }, or a file of the suites that act.`,
  },
};

/** How many of the slowest files are named at the end. */
const NAMED = 10;

interface Totals {
  readonly passed: number;
  readonly failed: number;
}

const SUMMARY =
  /^(?:ok|FAILED) \| (\d+) passed(?: \(\d+ steps?\))? \| (\d+) failed/;

/** Reads the totals from a reporter's last lines; no summary is a failure. */
export function readTotals(output: string, code: number): Totals {
  // deno-lint-ignore no-control-regex
  const plain = output.replace(/\u001b\[[0-9;]*m/g, "");
  const line = plain.split("\n").findLast((row) => SUMMARY.test(row));
  const match = line === undefined ? null : SUMMARY.exec(line);
  const passed = Number(match?.[1] ?? 0);
  const failed = Number(match?.[2] ?? 0);
  // A file that does not load is reported without a number.
  return { passed, failed: code !== 0 && failed === 0 ? 1 : failed };
}

async function runReading(args: readonly string[]): Promise<Totals> {
  const child = new Deno.Command(Deno.execPath(), {
    args: ["test", "--quiet", ...args],
    stdin: "null",
    stdout: "piped",
    stderr: "inherit",
  }).spawn();
  let output = "";
  const decoder = new TextDecoder();
  for await (const chunk of child.stdout) {
    output += decoder.decode(chunk, { stream: true });
    await Deno.stdout.write(chunk);
  }
  return readTotals(output, (await child.status).code);
}

async function filesIn(folder: string): Promise<readonly string[]> {
  const names = await Array.fromAsync(Deno.readDir(folder));
  return names.map(({ name }) => `${folder}${name}`)
    .filter((path) => path.endsWith("_test.ts")).toSorted();
}

/** Types of all files at once, as each lane runs without looking at them. */
async function areSound(files: readonly string[]): Promise<boolean> {
  const { success } = await new Deno.Command(Deno.execPath(), {
    args: ["check", "--quiet", ...files],
    stdin: "null",
  }).spawn().status;
  return success;
}

async function runActing(
  files: readonly string[],
  { variables }: Installed,
): Promise<Totals> {
  if (!await areSound(files)) return { passed: 0, failed: 1 };
  const lanes = laneCount(navigator.hardwareConcurrency);
  const decoder = new TextDecoder();
  const ended = await runInLanes(files, lanes, async (file, lane) => {
    const { code, stdout, stderr } = await new Deno.Command(Deno.execPath(), {
      args: ["test", "--quiet", "--no-check", "--allow-all", file],
      env: {
        ...variables[file.slice(0, file.lastIndexOf("/") + 1)],
        "REEVE_TEST_PORTS": portsOf(lane, lanes),
      },
      stdin: "null",
    }).output();
    const output = decoder.decode(stdout);
    await Deno.stdout.write(stdout);
    await Deno.stderr.write(stderr);
    return readTotals(output, code);
  });
  showSlowest(ended);
  return sumOf(ended.map(({ result }) => result));
}

function showSlowest(ended: readonly Ended<Totals>[]): void {
  const slowest = ended.toSorted((a, b) => b.seconds - a.seconds);
  console.log("\nThe slowest files:");
  for (const { file, seconds } of slowest.slice(0, NAMED)) {
    console.log(`${seconds.toFixed(1).padStart(7)} s  ${file}`);
  }
}

function sumOf(totals: readonly Totals[]): Totals {
  return {
    passed: totals.reduce((sum, { passed }) => sum + passed, 0),
    failed: totals.reduce((sum, { failed }) => sum + failed, 0),
  };
}

/** Files that the words name themselves or by their suites. */
async function actingFiles(words: readonly string[]): Promise<string[]> {
  const folders = Object.entries(ACTING).flatMap(([name, folder]) =>
    words.includes(name) ? [folder] : []
  );
  const files = words.filter((word) => word.endsWith("_test.ts"));
  return [...(await Promise.all(folders.map(filesIn))).flat(), ...files];
}

async function main({ words }: Given): Promise<number> {
  const unknown = words.find((word) =>
    !(word in READING || word in ACTING || word.endsWith("_test.ts"))
  );
  if (unknown !== undefined) {
    throw new ScriptError(`Cannot run the suite ${unknown}`, USAGE_EXIT);
  }
  const all: Totals[] = [];
  for (const [name, args] of Object.entries(READING)) {
    if (!words.includes(name)) continue;
    console.log(`\n== ${name}`);
    all.push(await runReading(args));
  }
  const files = await actingFiles(words);
  if (files.length > 0) {
    console.log(`\n== ${files.length} files that act on real processes`);
    await using installed = await provideInstalled(words);
    all.push(await runActing(files, installed));
  }
  const { passed, failed } = sumOf(all);
  console.log(`\n${passed} passed, ${failed} failed`);
  return failed === 0 && passed > 0 ? 0 : 1;
}

if (import.meta.main) await runScript(USAGE, main);
