/** The page that shows what was measured. */

import {
  type Comparison,
  type Figure,
  type Finding,
  formatOther,
  formatValue,
  type Unmeasured,
} from "./figure.ts";

/** What was measured under one name. */
export interface Section {
  /** Its name, as on the command line. */
  readonly name: string;
  /** Its title. */
  readonly title: string;
  /** How it is measured: commands, how many runs, what the figures are. */
  readonly method: string;
  /** What it found. */
  readonly findings: readonly Finding[];
}

/** Where it was measured. */
export interface Machine {
  /** Operating system, architecture, cores and memory in one line. */
  readonly text: string;
  /** Programs and their versions. */
  readonly versions: readonly string[];
  /** Day, as `2026-01-02`. */
  readonly day: string;
}

const NOTE = "<!-- Written by `deno task bench --write`; do not edit. -->";

const INTRODUCTION = `\
Every figure stands beside its limit or beside what one would use instead,
measured in turns within one run. In every table less is better. Behind another's
figure stands which part of it is ours, and **behind** where ours is more.
Compare those: milliseconds are those of one machine.`;

/** Formats the page as Markdown. */
export function formatPage(
  { text, versions, day }: Machine,
  sections: readonly Section[],
): string {
  return [
    NOTE,
    "# Benchmarks",
    INTRODUCTION,
    "`deno task bench --write` measures everything again and writes this page; " +
    "`deno task bench NAME …` measures the named sections only.",
    ["| | |", "| --- | --- |", `| Day | ${day} |`, `| Machine | ${text} |`]
      .concat(`| Versions | ${versions.join(", ")} |`).join("\n"),
    ...sections.flatMap(formatSection),
    "",
  ].join("\n\n").trimEnd() + "\n";
}

function formatSection(
  { name, title, method, findings }: Section,
): readonly string[] {
  const compared = findings.filter((one): one is Comparison => "theirs" in one);
  const figures = findings.filter((one): one is Figure => "limit" in one);
  const unmeasured = findings.filter((one): one is Unmeasured =>
    "reason" in one
  );
  return [
    `## ${title}`,
    `${method} \`deno task bench ${name}\`.`,
    ...table(
      ["What", "Reeve", "Others, and our part of theirs"],
      compared.map(compareRow),
    ),
    ...table(["What", "Measured", "Limit", "Remarks"], figures.map(limitRow)),
    ...unmeasured.length === 0 ? [] : [
      unmeasured.map(({ name, reason }) =>
        `- Not measured: ${escape(name)} (${escape(reason)})`
      ).join("\n"),
    ],
  ];
}

/** Nothing for no rows, otherwise a table; the first column is text. */
function table(
  titles: readonly string[],
  rows: readonly (readonly string[])[],
): readonly string[] {
  if (rows.length === 0) return [];
  const lines = [titles, titles.map(() => "---"), ...rows];
  return [lines.map((cells) => `| ${cells.join(" | ")} |`).join("\n")];
}

/** A bar in a cell would end it, and a bracket may begin something else. */
function escape(text: string): string {
  return text.replace(/[|<>*_]/g, "\\$&");
}

function limitRow({ name, value, limit, unit, note }: Figure) {
  const remark = escape(note ?? "");
  return [
    escape(name),
    `${formatValue(value)} ${unit}`.trim(),
    String(limit),
    value <= limit ? remark : `**over the limit** ${remark}`.trim(),
  ];
}

function compareRow({ name, ours, theirs, unit }: Comparison) {
  const others = theirs.map((one) =>
    escape(formatOther(ours, one)).replace("behind", "**behind**")
  );
  return [
    escape(name),
    `${formatValue(ours)} ${unit}`.trim(),
    others.join("<br>"),
  ];
}
