// deno-lint-ignore-file no-console -- a script talks to its terminal
/**
 * Mutation tests of the pure modules: changes each of them in every small way
 * that Stryker knows and looks whether a test notices.
 *
 * Run with `deno task mutate`. Without names of modules the table in
 * `docs/reference/proofs.md` is written anew.
 */

import type { Instrumented, Mutant } from "./mutate/instrument.ts";
import { MODULES, type MutatedModule } from "./mutate/modules.ts";
import type { JobResult, MutantJob } from "./mutate/run_mutants.ts";
import {
  formatTable,
  judge,
  type ModuleScore,
  type Reason,
} from "./mutate/score.ts";
import { mutantsPart, writePart } from "./mutate/proofs_page.ts";
import {
  type Given,
  runScript,
  ScriptError,
  type Usage,
  USAGE_EXIT,
} from "./run_script.ts";

const USAGE: Usage = {
  run: "deno task mutate",
  does:
    "Changes the pure modules in every small way and looks whether a test " +
    "notices.",
  words: { takes: "MODULE", does: "Only these, such as retirement." },
};

const ROOT = new URL("../", import.meta.url);
const SRC = new URL("src/", ROOT);

async function run(
  args: readonly string[],
  input: unknown,
): Promise<string> {
  const child = new Deno.Command(Deno.execPath(), {
    args: ["run", "--quiet", "--no-prompt", "--no-check", ...args],
    cwd: ROOT,
    stdin: "piped",
    stdout: "piped",
    stderr: "inherit",
  }).spawn();
  const writer = child.stdin.getWriter();
  await writer.write(new TextEncoder().encode(JSON.stringify(input)));
  await writer.close();
  const text = await new Response(child.stdout).text();
  const { code } = await child.status;
  if (code !== 0) throw new Error(`Cannot run ${args.at(-1)}: exit ${code}`);
  return text;
}

function pathOf(file: string): string {
  return new URL(file, SRC).pathname;
}

async function instrument(
  chosen: readonly MutatedModule[],
): Promise<Instrumented> {
  const paths = chosen.map(({ file }) => pathOf(file));
  const text = await run([
    "--no-config",
    "--lock=scripts/mutate/instrument.lock",
    "--frozen",
    "--allow-read",
    "--allow-env",
    "--allow-sys",
    "scripts/mutate/instrument.ts",
  ], paths);
  return JSON.parse(text) as Instrumented;
}

/** Relative imports of a file that is written somewhere else. */
function withAbsoluteImports(text: string, path: string): string {
  return text.replace(
    /(\bfrom\s+|\bimport\s*\(?\s*)"(\.{1,2}\/[^"]+)"/g,
    (_, before: string, to: string) =>
      `${before}"${new URL(to, `file://${path}`).href}"`,
  );
}

/** Writes the mutated files and a config that puts them in place. */
function writeTree(dir: string, { files }: Instrumented): string {
  const config = JSON.parse(
    Deno.readTextFileSync(new URL("deno.json", ROOT)),
  ) as { readonly imports: Readonly<Record<string, string>> };
  const imports: Record<string, string> = {
    ...config.imports,
    "#support/": new URL("tests/support/", ROOT).href,
  };
  files.forEach(({ path, text }, index) => {
    const to = `${dir}/${index}_${path.split("/").at(-1)}`;
    Deno.writeTextFileSync(to, withAbsoluteImports(text, path));
    imports[`file://${path}`] = `file://${to}`;
  });
  Deno.copyFileSync(new URL("deno.lock", ROOT), `${dir}/deno.lock`);
  const { compilerOptions: _, tasks: __, ...rest } = config as {
    readonly compilerOptions?: unknown;
    readonly tasks?: unknown;
  };
  const path = `${dir}/deno.json`;
  const lock = { path: `${dir}/deno.lock`, frozen: false };
  Deno.writeTextFileSync(
    path,
    JSON.stringify({ ...rest, imports, lock, lint: {}, publish: {} }),
  );
  return path;
}

async function runMutants(
  chosen: readonly MutatedModule[],
  instrumented: Instrumented,
): Promise<readonly JobResult[]> {
  const dir = await Deno.makeTempDir({ prefix: "reeve-mutate-" });
  try {
    const config = writeTree(dir, instrumented);
    const jobs = chosen.map(({ name, file, tests }): MutantJob => ({
      name,
      mutants: mutantsOf(instrumented, file).map(({ id }) => id),
      tests: tests.map((test) => new URL(test, SRC).href),
    }));
    const text = await run([
      `--config=${config}`,
      `--allow-read=.,${dir}`,
      "scripts/mutate/run_mutants.ts",
    ], jobs);
    return text.trim().split("\n").map((line) => JSON.parse(line) as JobResult);
  } finally {
    await Deno.remove(dir, { recursive: true });
  }
}

function mutantsOf(
  { mutants }: Instrumented,
  file: string,
): readonly Mutant[] {
  return mutants.filter(({ path }) => path === pathOf(file));
}

function readReasons(): readonly Reason[] {
  const url = new URL("scripts/mutate/survivors.json", ROOT);
  return JSON.parse(Deno.readTextFileSync(url)) as readonly Reason[];
}

async function main({ words: names }: Given): Promise<number> {
  const chosen = names.length === 0
    ? MODULES
    : MODULES.filter(({ name }) => names.includes(name));
  const unknown = names.filter((name) =>
    !MODULES.some((module) => module.name === name)
  );
  if (unknown.length > 0) {
    throw new ScriptError(
      `Cannot mutate ${unknown.join(", ")}: no such module. There are: ` +
        MODULES.map(({ name }) => name).join(" "),
      USAGE_EXIT,
    );
  }
  const instrumented = await instrument(chosen);
  const results = await runMutants(chosen, instrumented);
  const reasons = readReasons();
  const scores = chosen.map(({ name, file }): ModuleScore =>
    judge(
      { name, file, mutants: mutantsOf(instrumented, file) },
      results.find((result) => result.name === name),
      reasons.filter((reason) => reason.module === name),
    )
  );
  console.log(formatTable(scores));
  const faults = scores.flatMap(({ faults }) => faults);
  for (const fault of faults) console.log(fault);
  if (names.length === 0 && faults.length === 0) {
    writePart("mutants", mutantsPart(scores));
  }
  return faults.length === 0 ? 0 : 1;
}

if (import.meta.main) await runScript(USAGE, main);
