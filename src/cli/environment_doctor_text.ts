/**
 * What `reeve doctor` tells, as a person reads it.
 *
 * @module
 */

import {
  type CheckArea,
  type CheckStatus,
  type EnvironmentCheck,
  sortChecks,
} from "../doctor/environment_check.ts";
import {
  type DoctorExam,
  type InstallFacts,
  judgeExam,
} from "../doctor/environment_report.ts";
import type { Layout } from "./doctor_text.ts";
import { wrap } from "./table.ts";
import { toOneLine } from "./one_line.ts";

const TITLES: Readonly<Record<CheckArea, string>> = {
  place: "State root",
  settings: "Settings",
  state: "Records",
  runtime: "Services and dependencies",
  ports: "Ports",
  orphans: "Leftovers",
  needs: "This machine",
  terminal: "Terminal",
  jobs: "Job queue",
  sync: "Sync",
};

const COLORS: Readonly<Record<CheckStatus, string>> = {
  fail: "31",
  info: "2",
  pass: "32",
  warn: "33",
};

/** Formats everything that the doctor tells. */
export function examText(exam: DoctorExam, layout: Layout): string {
  const checks = sortChecks(exam.checks);
  const areas = [...new Set(checks.map(({ area }) => area))];
  return [
    headText(exam),
    ...areas.map((area) =>
      section(
        TITLES[area],
        layout,
        checks.filter((check) => check.area === area)
          .flatMap((check) => checkLines(check, layout)),
      )
    ),
    section("Readiness", layout, gateLines(exam, layout)),
    ...exam.install === undefined
      ? []
      : [section("Installation", layout, installLines(exam.install))],
    conclusion(exam),
  ].join("\n\n");
}

function headText({ repository, root, leftOut }: DoctorExam): string {
  return [
    `Repository  ${toOneLine(repository ?? "(none)")}`,
    `State root  ${toOneLine(root)}`,
    ...leftOut.map(({ areas, reason }) =>
      `Left out    ${areas.map((area) => TITLES[area]).join(", ")}: ` +
      toOneLine(reason)
    ),
  ].join("\n");
}

function section(
  title: string,
  { hasColor }: Layout,
  lines: readonly string[],
): string {
  const heading = hasColor ? `\u001b[1m${title}\u001b[0m` : title;
  return [heading, ...lines.map((line) => `  ${line}`)].join("\n");
}

function label(
  text: string,
  status: CheckStatus,
  { hasColor }: Layout,
): string {
  return hasColor ? `\u001b[${COLORS[status]}m${text}\u001b[0m` : text;
}

const INDENT = 8;

function checkLines(
  { status, summary, remedy }: EnvironmentCheck,
  layout: Layout,
): readonly string[] {
  const room = layout.columns - INDENT;
  const [first = "", ...rest] = wrap(toOneLine(summary), room).split("\n");
  const blank = " ".repeat(INDENT - 2);
  const isWorth = remedy !== undefined && status !== "pass";
  return [
    `${label(status.padEnd(4), status, layout)}  ${first}`,
    ...rest.map((line) => blank + line),
    // A line to type is never wrapped: it is meant to be copied.
    ...isWorth ? [`${blank}→ ${toOneLine(remedy)}`] : [],
  ];
}

function gateLines(exam: DoctorExam, layout: Layout): readonly string[] {
  const { gates } = judgeExam(exam);
  return Object.entries(gates).map(([name, state]) =>
    `${label(state, state, layout)}  ${name}`
  );
}

const METHODS: Readonly<Record<InstallFacts["method"], string>> = {
  bundle: "a bundle that Deno runs",
  program: "one program of its own",
  source: "its source, run by Deno",
};

function installLines(facts: InstallFacts): readonly string[] {
  const { version, executable, args, method, deno, os, onPath } = facts;
  return [
    `Version      ${version}`,
    `Executable   ${toOneLine(executable)}`,
    ...args.length === 0
      ? []
      : [`Runs         ${toOneLine(args.at(-1) ?? "")}`],
    `Installed as ${METHODS[method]}`,
    `Deno         ${deno ?? "(part of the program)"}`,
    `Platform     ${os}`,
    `On PATH      ${toOneLine(onPath ?? "no program reeve")}`,
    `Completions  reeve completions bash (or zsh, fish)`,
  ];
}

function conclusion(exam: DoctorExam): string {
  const { isFine, counts } = judgeExam(exam);
  const amount = (number: number, noun: string) =>
    `${number} ${noun}${number === 1 ? "" : "s"}`;
  if (counts.fail === 0 && counts.warn === 0) return "Nothing is wrong.";
  const total = `${amount(counts.fail, "failure")}, ` +
    `${amount(counts.warn, "warning")}.`;
  return isFine ? `Nothing keeps it from working, but: ${total}` : total;
}
