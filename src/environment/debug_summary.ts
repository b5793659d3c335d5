/**
 * A bundle in words, for whoever opens it first. Pure.
 *
 * @module
 */

import {
  type Diagnosis,
  type DiagnosisFacts,
  nextData,
  rootCauses,
} from "./debug_diagnosis.ts";

/** What a summary tells. */
export interface SummaryFacts {
  /** What it is about, in a line. */
  readonly title: string;
  /** Id of the run, if there is one. */
  readonly runId: string | undefined;
  /** What was found. */
  readonly diagnosis: Diagnosis;
  /** What was looked at. */
  readonly seen: DiagnosisFacts;
  /** What is missing. */
  readonly notes: readonly string[];
}

/** The summary as Markdown. */
export function summaryOf(facts: SummaryFacts): string {
  const { diagnosis, notes, runId, seen, title } = facts;
  const issues = diagnosis.issues.map(({ code, confidence, message }) =>
    `${message} (${code}, ${Math.round(confidence * 100)} %)`
  );
  return [
    "# Debug bundle",
    title,
    runId === undefined ? "No run." : `Run ${runId}.`,
    part("Probable causes", rootCauses(diagnosis)),
    part("Everything odd", issues),
    part("Next", nextData(diagnosis, seen)),
    part("Time of the last start", timesOf(diagnosis)),
    part("Missing", notes),
  ].join("\n\n") + "\n";
}

function timesOf({ times }: Diagnosis): readonly string[] {
  if (times === undefined) return [];
  return [
    `${times.totalMs} ms in all`,
    ...times.phases.map(({ phase, ms }) => `${phase}: ${ms} ms`),
    ...times.units.map(({ project, unit, ms }) =>
      `${project} ${unit}: ${ms} ms`
    ),
  ];
}

function part(title: string, texts: readonly string[]): string {
  const list = texts.length === 0 ? ["none"] : texts;
  return `## ${title}\n\n${list.map((text) => `- ${text}`).join("\n")}`;
}
