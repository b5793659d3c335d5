/**
 * The page about what was proved: people write its text, runs write the parts
 * between their marks.
 *
 * @module
 */

import { LEAST_SCORE, type ModuleScore } from "./score.ts";

const PAGE = new URL("../../docs/reference/proofs.md", import.meta.url);

/** Puts text between the marks of a part. */
export function replacePart(page: string, part: string, text: string): string {
  const begin = `<!-- ${part}: begin -->`;
  const end = `<!-- ${part}: end -->`;
  const [before, rest] = page.split(begin);
  const after = rest?.split(end)[1];
  if (before === undefined || after === undefined) {
    throw new Error(`Cannot find the part ${part} in the page of proofs`);
  }
  return `${before}${begin}\n\n${text.trim()}\n\n${end}${after}`;
}

/** The scores and the survivors as Markdown. */
export function mutantsPart(scores: readonly ModuleScore[]): string {
  const rows = scores.map(({ name, file, mutants, killed, score }) =>
    `| ${name} | \`src/${file}\` | ${mutants} | ${killed} | ` +
    `${score.toFixed(1)} % | ${LEAST_SCORE} % |`
  );
  const survivors = scores.flatMap(({ file, survivors }) =>
    survivors.map(({ line, original, replacement, reason }) =>
      `- \`${file}:${line}\`: ${code(original)} → ${code(replacement)}. ` +
      `${reason ?? "No reason was given."}`
    )
  );
  const all = scores.reduce((sum, { mutants }) => sum + mutants, 0);
  const killed = scores.reduce((sum, one) => sum + one.killed, 0);
  return [
    "| Module | File | Mutants | Killed | Score | Limit |",
    "| --- | --- | ---: | ---: | ---: | ---: |",
    ...rows,
    `| all |  | ${all} | ${killed} | ` +
    `${(100 * killed / all).toFixed(1)} % | |`,
    "",
    `### Mutants that survive: ${all - killed}`,
    "",
    ...survivors,
  ].join("\n");
}

function code(text: string): string {
  const short = text.length > 90 ? `${text.slice(0, 87)}…` : text;
  return short.includes("`") ? `\`\` ${short} \`\`` : `\`${short}\``;
}

/** Writes one part of the page. */
export function writePart(part: "model" | "mutants", text: string): void {
  const page = Deno.readTextFileSync(PAGE);
  Deno.writeTextFileSync(PAGE, replacePart(page, part, text));
}
