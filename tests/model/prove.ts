// deno-lint-ignore-file no-console -- a script talks to its terminal
/**
 * Checks the model of the protocol and the spaces of the classifiers, prints
 * the counts and writes them into `docs/reference/proofs.md`.
 *
 * Run with `deno task model`.
 */

import { writePart } from "../../scripts/mutate/proofs_page.ts";
import { type Given, runScript, type Usage } from "../../scripts/run_script.ts";
import { CASTS, NO_MISHAPS, SEEDED, TWO_VERSIONS } from "./bounds.ts";
import { checkClassifier, type SpaceReport } from "./classifier_space.ts";
import { type Exploration, explore, tell } from "./explore.ts";
import { checkOrphans } from "./orphan_space.ts";
import type { Budget } from "./protocol_state.ts";

const USAGE: Usage = {
  run: "deno task model",
  does: "Checks every state of the protocol and every fact of the " +
    "classifiers, and writes the counts into docs/reference/proofs.md.",
  flags: { "long": { does: "Goes to the far bounds." } },
};

const lines: string[] = [];
let faults = 0;

function say(line: string): void {
  lines.push(line);
  console.log(line);
}

function words(budget: Partial<Budget>): string {
  const names: Readonly<Record<keyof Budget, readonly [string, string]>> = {
    crashes: ["crash", "crashes"],
    reuses: ["reused pid", "reused pids"],
    silences: ["silent daemon", "silent daemons"],
    idles: ["idle end", "idle ends"],
    pauses: ["pause", "pauses"],
  };
  const parts = Object.entries(budget).map(([key, count]) =>
    `${count === Infinity ? "any number of" : count} ` +
    names[key as keyof Budget][count === 1 ? 0 : 1]
  );
  return parts.join(", ") || "nothing";
}

function count(number: number): string {
  return number.toLocaleString("en");
}

function timed<T>(run: () => T): readonly [T, string] {
  const start = performance.now();
  const result = run();
  return [result, `${((performance.now() - start) / 1000).toFixed(1)} s`];
}

function checkProtocol(isLong: boolean): void {
  say("### The protocol\n");
  say(
    "| Commands | What may go wrong | States | Steps | Ends | Longest | Fault | Time | Memory |",
  );
  say("| --- | --- | ---: | ---: | ---: | ---: | --- | ---: | ---: |");
  const stories: Exploration[] = [];
  for (const { name, releases, short, whole, long } of CASTS) {
    for (const mishaps of [...short, ...whole, ...isLong ? long : []]) {
      const budget = { ...NO_MISHAPS, ...mishaps };
      const [found, time] = timed(() =>
        explore({ releases, faults: new Set() }, budget)
      );
      if (found.fault !== undefined) stories.push(found);
      say(
        `| ${name} | ${words(mishaps)} | ${count(found.states)} | ` +
          `${count(found.moves)} | ${count(found.rests)} | ${found.depth} | ` +
          `${found.fault?.what ?? "none"} | ${time} | ${memory()} |`,
      );
    }
  }
  for (const story of stories) say(`\n\`\`\`text\n${tell(story)}\n\`\`\``);
  faults += stories.length;
}

/** Of the whole program, right after a row. */
function memory(): string {
  return `${count(Math.round(Deno.memoryUsage().rss / 2 ** 20))} MiB`;
}

function checkSeeded(): void {
  say("\n### What the checker notices when a part is left out\n");
  say("| Left out | What may go wrong | Noticed | After steps |");
  say("| --- | --- | --- | ---: |");
  const { releases } = TWO_VERSIONS;
  for (const { fault, text, budget: mishaps, notices } of SEEDED) {
    const rules = { releases, faults: new Set([fault]) };
    const found = explore(rules, { ...NO_MISHAPS, ...mishaps });
    if (found.fault?.what !== notices) faults++;
    say(
      `| ${text} | ${words(mishaps)} | ${found.fault?.what ?? "nothing"} | ` +
        `${found.fault?.story.length ?? 0} |`,
    );
  }
}

function checkSpace(title: string, run: () => SpaceReport): void {
  const [report, time] = timed(run);
  faults += report.faults.length;
  say(`\n### ${title}\n`);
  say(
    `${count(report.combinations)} combinations of facts in ${time}; ` +
      `${count(report.unasked)} of them are ended without a question, and ` +
      (report.faults.length === 0
        ? "each of those has every identity fact."
        : report.faults.join("; ")),
  );
  say("\n| Verdict | Shortest combination, beside a plain stranger |");
  say("| --- | --- |");
  for (const [verdict, facts] of report.witnesses) {
    say(`| \`${verdict}\` | ${facts.join(", ") || "nothing else"} |`);
  }
}

function main(given: Given): number {
  const isLong = given.has("long");
  checkProtocol(isLong);
  checkSeeded();
  checkSpace("The classifier of daemons", () => checkClassifier(isLong));
  checkSpace("The classifier of what is left of units", checkOrphans);
  if (faults === 0) writePart("model", lines.join("\n"));
  else console.log(`\n${faults} faults`);
  return faults === 0 ? 0 : 1;
}

await runScript(USAGE, main);
