/** The page that shows what was measured. */

import type { Comparison, Figure, Finding, Unmeasured } from "./figure.ts";
import { formatRatio } from "./figure.ts";

/** What was measured under one name. */
export interface Section {
  /** Its name, as on the command line. */
  readonly name: string;
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

/** Formats the page as Markdown. */
export function formatPage(
  { text, versions, day }: Machine,
  sections: readonly Section[],
): string {
  return `${
    [
      "# Benchmarks",
      "",
      "`deno task bench --write` has written this page. Every figure stands " +
      "beside its limit or beside what others need for the same, measured in " +
      "turns within one run; compare ratios, as milliseconds are those of one " +
      "machine. `deno task bench NAME` measures one section anew.",
      "",
      `Measured on ${day}: ${text}. ${versions.join(", ")}.`,
      ...sections.flatMap(formatSection),
    ].join("\n")
  }\n`;
}

function formatSection({ name, findings }: Section): readonly string[] {
  const figures = findings.filter((one): one is Figure => "limit" in one);
  const compared = findings.filter((one): one is Comparison => "theirs" in one);
  const unmeasured = findings.filter((one): one is Unmeasured =>
    "reason" in one
  );
  return [
    "",
    `## ${name}`,
    ...figures.length === 0 ? [] : [
      "",
      "| What | Measured | Limit | |",
      "| --- | ---: | ---: | --- |",
      ...figures.map(formatRow),
    ],
    ...compared.length === 0 ? [] : formatCompared(compared),
    ...unmeasured.flatMap((one) => [
      "",
      `Not measured: ${one.name} (${one.reason}).`,
    ]),
  ];
}

function formatRow({ name, value, limit, unit, note }: Figure): string {
  const shown = Number.isInteger(value) ? `${value}` : value.toFixed(2);
  const over = value <= limit ? "" : "**over the limit** ";
  return `| ${name} | ${shown} ${unit} | ${limit} | ${over}${note ?? ""} |`;
}

function formatCompared(compared: readonly Comparison[]): readonly string[] {
  return [
    "",
    "| What | Reeve | Others, and our part of theirs |",
    "| --- | ---: | --- |",
    ...compared.map(({ name, ours, theirs, unit }) => {
      const others = theirs.map((one) =>
        `${one.name} ${one.value.toFixed(1)} (${formatRatio(ours / one.value)})`
      );
      return `| ${name} | ${ours.toFixed(1)} ${unit} | ${others.join(" · ")} |`;
    }),
  ];
}
