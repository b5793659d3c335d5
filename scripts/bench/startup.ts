/** What a command costs beside an empty program and beside others' commands. */

import { RUN_FLAGS } from "../package_launcher.ts";
import { makeSandbox } from "#support/sandbox.ts";
import type { Comparison, Figure, Unmeasured } from "./figure.ts";
import { findProgram, type ProgramName } from "./peer_programs.ts";
import { type Timed, timeInTurns } from "./turns.ts";

const RUNS = 15;

/** What prints their help, without a daemon. */
const HELP: Readonly<Partial<Record<ProgramName, readonly string[]>>> = {
  "pm2": ["--help"],
  "node-foreman": ["--help"],
  "supervisor": ["--help"],
  "honcho": ["--help"],
  "overmind": ["--help"],
  "runit": [],
};

/** Programs that are asked in place of a manager. */
const ASKED: Readonly<Partial<Record<ProgramName, string>>> = {
  "supervisor": "supervisorctl",
  "runit": "sv",
};

async function others(
  home: string,
): Promise<readonly [Timed[], readonly Unmeasured[]]> {
  const commands: Timed[] = [];
  const missing: Unmeasured[] = [];
  const env = { HOME: home, PM2_HOME: `${home}/pm2` };
  for (const [name, args] of Object.entries(HELP)) {
    const program = await findProgram(name as ProgramName);
    if ("reason" in program) {
      missing.push({ name: `help of ${name}`, reason: program.reason });
    } else {
      const asked = ASKED[name as ProgramName] ?? program.path;
      commands.push({ name, words: [asked, ...args], env });
    }
  }
  const node = await findProgram("node");
  if ("path" in node) {
    commands.push({ name: "node -e 0", words: [node.path, "-e", "0"] });
  }
  return [commands, missing];
}

/** Measures start-up of the bundled command line. */
export async function benchStartup(
  main: string,
): Promise<readonly (Comparison | Figure | Unmeasured)[]> {
  await using sandbox = await makeSandbox();
  const { env } = sandbox;
  const empty = `${sandbox.directory}/empty.js`;
  await Deno.writeTextFile(empty, "");
  const deno = [Deno.execPath(), ...RUN_FLAGS];
  const [commands, missing] = await others(sandbox.home);
  const [floor, help, ...theirs] = await timeInTurns([
    { name: "an empty program in Deno", words: [...deno, empty], env },
    { name: "reeve", words: [...deno, main, "--help"], env },
    ...commands,
  ], RUNS);
  if (floor === undefined || help === undefined) throw new Error("untimed");
  return [
    {
      name: "reeve --help",
      value: help.value / floor.value,
      limit: 1.6,
      unit: "× an empty program",
      note: `${help.value.toFixed(1)} ms against ${floor.value.toFixed(1)} ms`,
    },
    {
      name: "the help of a command line",
      ours: help.value,
      theirs: [...theirs, floor],
      unit: "ms",
    },
    ...missing,
  ];
}
