/** What the doctor costs with no, 18 and 50 daemons. */

import { RUN_FLAGS } from "../package_launcher.ts";
import { startDaemon } from "#support/population.ts";
import { makeSandbox, type Sandbox } from "#support/sandbox.ts";
import type { Comparison, Figure, Unmeasured } from "./figure.ts";
import { findProgram } from "./peer_programs.ts";
import { type Timed, timeInTurns } from "./turns.ts";

const RUNS = 11;

/** How many daemons, and how many times an empty program it may take. */
const PLANS = [
  { count: 0, limit: 2.5 },
  { count: 18, limit: 3.5 },
  { count: 50, limit: undefined },
] as const;

/** What lists listeners and their processes, and judges none. */
async function listers(sandbox: Sandbox): Promise<readonly Timed[]> {
  const range = `${sandbox.firstPort}-${sandbox.firstPort + 49}`;
  const lsof = await findProgram("lsof");
  const ss = await findProgram("ss");
  return [
    ..."path" in lsof
      ? [{
        name: "lsof",
        words: [lsof.path, "-nP", `-iTCP:${range}`, "-sTCP:LISTEN"],
      }]
      : [],
    ..."path" in ss ? [{ name: "ss", words: [ss.path, "-ltnp"] }] : [],
  ];
}

/** Measures the doctor. */
export async function benchDoctor(
  main: string,
): Promise<readonly (Comparison | Figure | Unmeasured)[]> {
  await using sandbox = await makeSandbox();
  await using stack = new AsyncDisposableStack();
  const { env } = sandbox;
  const empty = `${sandbox.directory}/empty.js`;
  await Deno.writeTextFile(empty, "");
  const deno = [Deno.execPath(), ...RUN_FLAGS];
  const commands: readonly Timed[] = [
    { name: "empty", words: [...deno, empty], env },
    { name: "reeve", words: [...deno, main, "auth", "doctor", "--json"], env },
    ...await listers(sandbox),
  ];
  const found: (Comparison | Figure)[] = [];
  let started = 0;
  for (const { count, limit } of PLANS) {
    for (; started < count; started++) {
      stack.use(await startDaemon(sandbox, { version: "3.2.2" }));
    }
    const [floor, doctor, ...theirs] = await timeInTurns(commands, RUNS);
    if (floor === undefined || doctor === undefined) throw new Error("untimed");
    const name = `auth doctor --json, ${count || "no"} daemons`;
    const ms = [doctor, floor].map(({ value }) => `${value.toFixed(1)} ms`);
    if (limit !== undefined) {
      found.push({
        name,
        value: doctor.value / floor.value,
        limit,
        unit: "× an empty program",
        note: ms.join(" against "),
      });
    }
    found.push({ name, ours: doctor.value, theirs, unit: "ms" });
  }
  return found;
}
