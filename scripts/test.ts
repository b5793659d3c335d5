// deno-lint-ignore-file no-console -- a script talks to its terminal
/**
 * Runs test suites one after the other and prints one line of totals last:
 * `N passed, N failed`. Unit tests run with the right to read only, so that a
 * test which opens a socket fails; the others act on real processes.
 *
 * Run with `deno task test`, or name suites: unit contract live cli.
 */

const SUITES: Readonly<Record<string, readonly string[]>> = {
  unit: ["--permission-set=unit", "src/", "scripts/"],
  worlds: ["--permission-set=unit", "tests/worlds/"],
  contract: ["--allow-all", "tests/contract/"],
  live: ["--allow-all", "tests/live/"],
  cli: ["--allow-all", "tests/cli/"],
};

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

async function runSuite(name: string): Promise<Totals> {
  const args = SUITES[name];
  if (args === undefined) throw new TypeError(`Cannot run the suite ${name}`);
  console.log(`\n== ${name}`);
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

async function main(): Promise<number> {
  let passed = 0;
  let failed = 0;
  for (const name of Deno.args) {
    const totals = await runSuite(name);
    passed += totals.passed;
    failed += totals.failed;
  }
  console.log(`\n${passed} passed, ${failed} failed`);
  return failed === 0 && passed > 0 ? 0 : 1;
}

if (import.meta.main) Deno.exit(await main());
