/**
 * Small programs of a fake world.
 *
 * @module
 */

import { HostError } from "../../src/host/host.ts";
import type {
  ProgramEnd,
  ProgramRun,
  Programs,
} from "../../src/host/programs.ts";
import type { FakeClock } from "./fake_clock.ts";
import type { FakeProcess } from "./fake_process.ts";

/** What a program gives; `endless` is one that never ends by itself. */
export type OnRun = (
  program: ProgramRun,
) => ProgramEnd | "endless" | Promise<ProgramEnd>;

/** What the programs of one process need. */
export interface RunContext {
  /** Time. */
  readonly clock: FakeClock;
  /** Who runs them. */
  readonly process: FakeProcess;
  /** Every program that was run, in order. */
  readonly runs: ProgramRun[];
  /** What programs give. */
  readonly onRun: OnRun;
  /** Awaited before every operation. */
  readonly enter: (operation: string) => Promise<void>;
}

/** A program that has ended. */
export function ended(
  code: number,
  stdout = "",
  stderr = "",
): ProgramEnd {
  return { kind: "exited", code, stdout, stderr };
}

/** Programs of one process. */
export function fakePrograms(context: RunContext): Programs {
  return {
    async attend({ args, cwd, executable }) {
      await context.enter(`attend ${executable}`);
      const program = { args, cwd, env: {}, executable, timeoutMs: 0 };
      context.runs.push(program);
      const end = await context.onRun(program);
      return end !== "endless" && end.kind === "exited" ? end.code : "missing";
    },
    async run(program) {
      await context.enter(`run ${program.executable}`);
      if (program.signal?.aborted) return { kind: "aborted" };
      context.runs.push(program);
      try {
        const end = await context.onRun(program);
        return end === "endless" ? await wait(context, program) : end;
      } catch (error) {
        if (!(error instanceof HostError)) throw error;
        if (error.code === "not_found") return { kind: "missing" };
        return { kind: "refused", reason: error.message };
      }
    },
  };
}

async function wait(
  { clock, process }: RunContext,
  { timeoutMs, signal }: ProgramRun,
): Promise<ProgramEnd> {
  await clock.sleep(timeoutMs, signal, process);
  return { kind: signal?.aborted ? "aborted" : "timeout" };
}
