// deno-lint-ignore-file no-console -- a script talks to its terminal
/**
 * Measures every promised figure and prints it beside its limit, or beside what
 * others need. Exits with 1 when one is over its limit.
 *
 * Nothing of it stays, whichever way it ends: no process, no directory.
 *
 * Run with `deno task bench`.
 */

import { build } from "./build.ts";
import { formatFigure } from "./bench/figure.ts";
import { startGuard } from "./bench/guard.ts";
import { describeMachine } from "./bench/machine.ts";
import { formatPage, type Section } from "./bench/page.ts";
import { type Bench, benchesOf } from "./bench/sections.ts";
import {
  type Given,
  runScript,
  ScriptError,
  type Usage,
  USAGE_EXIT,
} from "./run_script.ts";

const USAGE: Usage = {
  run: "deno task bench",
  does: "Measures every promised figure; exits with 1 when one is over its " +
    "limit.",
  words: {
    takes: "SECTION",
    does: "Only these: startup doctor scan reset sweep race idle reuse emit " +
      "deliver exit jobs environment peers.",
  },
  flags: {
    "write": {
      does: "Writes docs/reference/benchmarks.md too, of all sections.",
    },
  },
};

const PAGE = new URL("../docs/reference/benchmarks.md", import.meta.url);

/** Measures one section and prints it; says on stderr how long that took. */
async function measure(name: string, bench: Bench): Promise<Section> {
  console.log(name);
  const start = performance.now();
  const findings = await bench.run();
  for (const finding of findings) console.log(formatFigure(finding));
  const seconds = Math.round((performance.now() - start) / 1000);
  console.error(`  ${name} took ${seconds} s`);
  const { title, method } = bench;
  return { name, title, method, findings };
}

/** Formats text as `deno fmt` wants it. */
async function formatted(markdown: string): Promise<string> {
  const child = new Deno.Command(Deno.execPath(), {
    args: ["fmt", "--quiet", "--ext", "md", "-"],
    stdin: "piped",
    stdout: "piped",
  }).spawn();
  const writer = child.stdin.getWriter();
  await writer.write(new TextEncoder().encode(markdown));
  await writer.close();
  const { success, stdout } = await child.output();
  if (!success) throw new Error("The page cannot be formatted");
  return new TextDecoder().decode(stdout);
}

async function measureAll(
  directory: string,
  chosen: readonly string[],
): Promise<readonly Section[]> {
  const main = await build(`${directory}/dist`);
  // The benches start daemons and commands from the bundle that ships.
  Deno.env.set("REEVE_TEST_MAIN", main);
  const sections: Section[] = [];
  for (const [name, bench] of Object.entries(await benchesOf(main))) {
    if (chosen.length > 0 && !chosen.includes(name)) continue;
    sections.push(await measure(name, bench));
  }
  return sections;
}

async function main(given: Given): Promise<number> {
  const chosen = given.words;
  const writes = given.has("write");
  if (writes && chosen.length > 0) {
    throw new ScriptError(
      "The page shows every section: --write goes without names.",
      USAGE_EXIT,
    );
  }
  const prefix = "reeve-bench-";
  const directory = await Deno.realPath(await Deno.makeTempDir({ prefix }));
  await using _guard = startGuard(directory);
  // Whatever is started from here on says by this where it belongs.
  Deno.env.set("TMPDIR", directory);
  const sections = await measureAll(directory, chosen);
  if (writes) {
    const page = formatPage(await describeMachine(), sections);
    await Deno.writeTextFile(PAGE, await formatted(page));
  }
  const over = sections.flatMap(({ findings }) => findings)
    .filter((one) => "limit" in one && one.value > one.limit).length;
  console.log(over === 0 ? "All within limits." : `${over} over the limit.`);
  return over === 0 ? 0 : 1;
}

await runScript(USAGE, main);
