/**
 * What is in a bundle: every file of it, without secrets. Pure.
 *
 * @module
 */

import { sha256 } from "@noble/hashes/sha2.js";
import {
  isJsonObject,
  type JsonObject,
  type JsonValue,
} from "../state/json_value.ts";
import {
  diagnose,
  type Diagnosis,
  type DiagnosisFacts,
  diagnosisJson,
} from "./debug_diagnosis.ts";
import type { Redactor } from "./debug_redact.ts";
import { type BundleSources, runOf } from "./debug_sources.ts";
import { summaryOf } from "./debug_summary.ts";
import { invocationsOf, timelineOf } from "./debug_timeline.ts";
import type { BundleFile } from "./debug_zip.ts";
import { formatDocument, isoTime } from "./document_codec.ts";
import { EVENT_VERSION } from "./event_file.ts";
import { cleanLine } from "./service_log.ts";

/** Version of what a bundle consists of. */
export const BUNDLE_VERSION = 1;

/** What others have found out for a bundle. */
export interface BundleExtras {
  /** Settings with their origins. */
  readonly settings: JsonObject;
  /** What is wrong with them, as sentences. */
  readonly faults: readonly string[];
  /** How well the units are, where somebody has looked. */
  readonly health: JsonObject | undefined;
  /** Units that are not well, as sentences. */
  readonly unwell: readonly string[];
  /** What the doctor says, where it was asked. */
  readonly doctor: JsonObject | undefined;
  /** What is missing, as sentences. */
  readonly notes: readonly string[];
}

/** Everything that a bundle is made of. */
export interface BundleFacts {
  /** What was read. */
  readonly sources: BundleSources;
  /** What others have found out. */
  readonly extras: BundleExtras;
  /** Version of this program. */
  readonly version: string;
  /** Operating system. */
  readonly os: string;
  /** The repository. */
  readonly scope: string;
  /** Epoch milliseconds. */
  readonly now: number;
}

/** A bundle before it is packed. */
export interface Bundle {
  /** Its files, without secrets. */
  readonly files: readonly BundleFile[];
  /** Id of the run that it is about, if there is one. */
  readonly runId: string | undefined;
  /** What is missing, as sentences without secrets. */
  readonly notes: readonly string[];
  /** What it says, without secrets. */
  readonly diagnosis: JsonObject;
}

/** Makes all files of a bundle. */
export function makeBundle(facts: BundleFacts, redactor: Redactor): Bundle {
  const { sources, extras } = facts;
  const runId = runOf(sources.documents);
  const seen = diagnosisFacts(facts, runId);
  const diagnosis = diagnose(seen);
  const notes = [...sources.notes, ...extras.notes].map(redactor.text);
  const said = objectOf(redactor.value(diagnosisJson(diagnosis, seen)));
  const files = uniquePaths([
    ...documentFiles(facts, redactor),
    json("bundle.json", head(facts, runId, notes)),
    json("diagnostics.json", said),
    ...logFiles(sources, redactor),
    ...recordFiles(sources, redactor),
    summary(facts, runId, diagnosis, seen, notes, redactor),
  ], redactor);
  const manifest = { path: "manifest.json", text: manifestOf(files) };
  const all = uniquePaths([manifest, ...files], redactor);
  return { files: all, runId, notes, diagnosis: said };
}

function diagnosisFacts(
  { sources, extras }: BundleFacts,
  runId: string | undefined,
): DiagnosisFacts {
  const { events, documents, recorded, damagedLines } = sources;
  return {
    events,
    runId,
    hasRun: documents.some(({ name }) => name === "run_state"),
    unwell: extras.unwell,
    damaged: documents.filter(({ isWhole }) => !isWhole).map(({ name }) =>
      name
    ),
    damagedLines,
    faults: extras.faults,
    isRecorded: recorded.length > 0,
    anomalies: [
      ...new Set(
        recorded.filter(({ event }) => event === "anomaly").map(({ name }) =>
          String(name)
        ),
      ),
    ],
  };
}

function head(
  { extras, now, os, scope, version }: BundleFacts,
  runId: string | undefined,
  notes: readonly string[],
): JsonObject {
  return {
    "schema": "debug_bundle",
    "schema_version": BUNDLE_VERSION,
    "event_schema_version": EVENT_VERSION,
    "generator": `reeve ${version}`,
    "generated_at": isoTime(now),
    os,
    scope,
    "run_id": runId ?? null,
    "with_doctor": extras.doctor !== undefined,
    "missing": notes,
  };
}

function json(path: string, value: JsonValue): BundleFile {
  const document = isJsonObject(value) ? value : { "content": value };
  return { path, text: formatDocument(document) };
}

function lines(path: string, values: readonly JsonValue[]): BundleFile {
  return {
    path,
    text: values.map((value) => `${JSON.stringify(value)}\n`).join(""),
  };
}

function documentFiles(
  { sources, extras }: BundleFacts,
  redactor: Redactor,
): readonly BundleFile[] {
  const { doctor, health, settings } = extras;
  const own = sources.documents.map(({ content, isWhole, name }) =>
    isWhole
      ? json(`${name}.json`, redactor.value(content))
      : { path: `${name}.damaged.txt`, text: redactor.text(String(content)) }
  );
  const more = Object.entries({ doctor, health, settings }).flatMap(
    ([name, value]) =>
      value === undefined ? [] : [json(`${name}.json`, redactor.value(value))],
  );
  return [...own, ...more];
}

function logFiles(
  { logs }: BundleSources,
  redactor: Redactor,
): readonly BundleFile[] {
  return logs.map(({ name, lines }, at) => ({
    path: `logs/${String(at + 1).padStart(2, "0")}_${redactor.text(name)}.log`,
    text: cleanText(lines, redactor),
  }));
}

/** Secrets may go over lines, and shortening a line may cut one in two. */
function cleanText(lines: readonly string[], redactor: Redactor): string {
  const clean = redactor.text(lines.join("\n")).split("\n").map(cleanLine);
  return redactor.text(clean.map((line) => `${line}\n`).join(""));
}

function recordFiles(
  { events, recorded }: BundleSources,
  redactor: Redactor,
): readonly BundleFile[] {
  return [
    lines("events.runtime.redacted.jsonl", events.map(redactor.event)),
    lines("events.recorder.jsonl", recorded.map(redactor.value)),
    lines("timeline.jsonl", timelineOf(events, recorded).map(redactor.value)),
    json("invocations.json", {
      "schema": "debug_invocations",
      "schema_version": 1,
      "invocations": redactor.value(invocationsOf(events, recorded)),
    }),
  ];
}

function summary(
  { now, scope, version }: BundleFacts,
  runId: string | undefined,
  diagnosis: Diagnosis,
  seen: DiagnosisFacts,
  notes: readonly string[],
  redactor: Redactor,
): BundleFile {
  const text = summaryOf({
    title: `${scope}, reeve ${version}, ${isoTime(now)}`,
    runId,
    diagnosis,
    seen,
    notes,
  });
  return { path: "summary.md", text: redactor.text(text) };
}

/**
 * Two names that held secrets may have become the same one; what a serialised
 * text still holds by chance is taken out of it as a text.
 */
function uniquePaths(
  files: readonly BundleFile[],
  redactor: Redactor,
): readonly BundleFile[] {
  const taken = new Set<string>();
  return files.map(({ path, text }) => {
    let name = redactor.find(path) === undefined ? path : redactor.text(path);
    for (let number = 2; taken.has(name); number++) name = `${number}_${path}`;
    taken.add(name);
    const isClean = redactor.find(text) === undefined;
    return { path: name, text: isClean ? text : redactor.text(text) };
  });
}

function manifestOf(files: readonly BundleFile[]): string {
  const sorted = files.toSorted((a, b) => a.path < b.path ? -1 : 1);
  return formatDocument({
    "schema": "debug_manifest",
    "schema_version": BUNDLE_VERSION,
    "files": sorted.map(({ path, text }) => {
      const bytes = new TextEncoder().encode(text);
      return { path, "bytes": bytes.length, "sha256": sha256(bytes).toHex() };
    }),
  });
}

function objectOf(value: JsonValue): JsonObject {
  return isJsonObject(value) ? value : {};
}
