/**
 * What a bundle says about why something is not well: findings with how sure
 * they are, the slowest parts, and where the time of the last start went. Pure.
 *
 * @module
 */

import type { JsonObject, JsonValue } from "../state/json_value.ts";
import {
  type StartupTimes,
  startupTimes,
  type UnitTime,
} from "./debug_times.ts";

/** Something that is not as it should be. */
export interface Issue {
  /** What kind it is, in a word. */
  readonly code: string;
  /** How sure it is, from 0 to 1. */
  readonly confidence: number;
  /** What happened, in a sentence. */
  readonly message: string;
  /** What would tell more, or help, as a sentence; empty for nothing. */
  readonly next: string;
}

/** What is looked at. */
export interface DiagnosisFacts {
  /** Events, the oldest first. */
  readonly events: readonly JsonObject[];
  /** Whether a run is recorded. */
  readonly hasRun: boolean;
  /** Id of that run. */
  readonly runId: string | undefined;
  /** Units of the run that are not well now, as sentences. */
  readonly unwell: readonly string[];
  /** Names of documents that are damaged. */
  readonly damaged: readonly string[];
  /** Lines of events that could not be read. */
  readonly damagedLines: number;
  /** What the settings have wrong. */
  readonly faults: readonly string[];
  /** Whether the recorder has written something. */
  readonly isRecorded: boolean;
  /** Names of what the recorder found odd. */
  readonly anomalies: readonly string[];
}

/** A diagnosis. */
export interface Diagnosis {
  /** Each issue, the surest first. */
  readonly issues: readonly Issue[];
  /** Slowest units of the last start. */
  readonly slowest: readonly UnitTime[];
  /** Where the time of the last start went; `undefined` without one. */
  readonly times: StartupTimes | undefined;
}

const SURE = 0.8;
const SLOWEST = 10;

/** Diagnoses. */
export function diagnose(facts: DiagnosisFacts): Diagnosis {
  const last = lastStart(facts.events);
  const times = startupTimes(last);
  const issues = [
    ...stateIssues(facts),
    ...last.flatMap(eventIssue),
    ...wholeIssues(last, times),
    ...facts.unwell.map((message) =>
      issue("unit_not_well", 0.95, message, "Read its log in the bundle.")
    ),
    ...facts.anomalies.map((name) =>
      issue(name, 0.6, `The recorder saw ${name.replaceAll("_", " ")}.`, "")
    ),
  ];
  const known = new Map(
    issues.map((one) => [`${one.code} ${one.message}`, one]),
  );
  return {
    issues: [...known.values()].toSorted((a, b) =>
      b.confidence - a.confidence || a.code.localeCompare(b.code)
    ),
    slowest: (times?.units ?? []).slice(0, SLOWEST),
    times,
  };
}

/** Sentences of the issues that are sure, the surest first. */
export function rootCauses({ issues }: Diagnosis): readonly string[] {
  return issues.filter(({ confidence, code }) =>
    confidence >= SURE && code !== "nothing_recorded"
  ).map(({ message }) => message);
}

/** What would tell more. */
export function nextData(
  { issues }: Diagnosis,
  { isRecorded }: Pick<DiagnosisFacts, "isRecorded">,
): readonly string[] {
  const next = new Set(
    issues.map(({ next }) => next).filter((text) => text !== ""),
  );
  if (!isRecorded && issues.length > 0) {
    next.add("Do it again with REEVE_DEBUG=deep and pack once more.");
  }
  return [...next];
}

/** A diagnosis as a document. */
export function diagnosisJson(
  diagnosis: Diagnosis,
  facts: DiagnosisFacts,
): JsonObject {
  const { issues, slowest, times } = diagnosis;
  return {
    "schema": "debug_diagnosis",
    "schema_version": 1,
    "issues": issues.map(({ code, confidence, message }) => ({
      code,
      confidence,
      message,
    })),
    "probable_root_causes": rootCauses(diagnosis),
    "next_data_needed": nextData(diagnosis, facts),
    "anomalies": facts.anomalies,
    "slowest_components": slowest.map(({ project, unit, ms }) => ({
      project,
      unit,
      ms,
    })),
    "startup_breakdown": times === undefined ? null : {
      "total_ms": times.totalMs,
      "phases": times.phases.map(({ phase, ms }) => ({ phase, ms })),
      "requirements_ms": times.requirementsMs,
      "services_ms": times.servicesMs,
      "unknown_ms": times.unknownMs,
    },
  };
}

function issue(
  code: string,
  confidence: number,
  message: string,
  next: string,
): Issue {
  return { code, confidence, message, next };
}

/** Everything from the begin of the last start on. */
function lastStart(events: readonly JsonObject[]): readonly JsonObject[] {
  const at = events.findLastIndex(({ event }) => event === "startup.begin");
  return at < 0 ? events : events.slice(at);
}

function stateIssues(facts: DiagnosisFacts): readonly Issue[] {
  const { damaged, damagedLines, events, faults, hasRun, runId } = facts;
  const isUnsaid = runId !== undefined && events.length > 0 &&
    !events.some((event) =>
      event["event"] === "state.saved" && event["run_id"] === runId
    );
  return [
    ...damaged.map((name) =>
      issue(
        "damaged_state",
        0.95,
        `${name}.json is damaged.`,
        "See: reeve doctor, and reeve doctor --repair",
      )
    ),
    ...faults.map((fault) =>
      issue("bad_settings", 0.95, fault, "See: reeve show-config")
    ),
    ...hasRun ? [] : [
      issue("nothing_recorded", 1, "No run is recorded.", "Run: reeve start"),
    ],
    ...isUnsaid
      ? [issue("state_without_event", 0.5, `No event tells of ${runId}.`, "")]
      : [],
    ...damagedLines === 0 ? [] : [
      issue(
        "damaged_events",
        0.4,
        `${damagedLines} lines of the events are torn or damaged.`,
        "",
      ),
    ],
  ];
}

function eventIssue(event: JsonObject): readonly Issue[] {
  const text = (key: string) => wordOf(event[key]);
  const unit = `${text("project")} ${text("unit")}`;
  const log = `Read the log of ${text("unit")} in the bundle.`;
  switch (event["event"]) {
    case "service.failure": {
      const code = event["exit_code"] ?? null;
      const ended = code === null ? "" : `, exit code ${wordOf(code)}`;
      const words = `${unit} could not be started: ${text("reason")}${ended}.`;
      return [issue(`service_${codeOf(text("reason"))}`, 0.95, words, log)];
    }
    case "service.truth":
      return [
        issue(
          "service_not_well",
          0.9,
          `${unit} was ready, but then: ${text("evidence")}.`,
          log,
        ),
      ];
    case "requirements.failure": {
      const words = `${unit} could not be provided: ${text("failure_class")}.`;
      return [issue("dependency_failed", 0.95, words, log)];
    }
    case "port.rebound": {
      const words = `${unit} listens on ${text("actual")} in place of ` +
        `${text("requested")}.`;
      return [issue("port_rebound", 0.6, words, "")];
    }
    case "port.retried": {
      const words = `Port ${text("taken")} of ${unit} was taken.`;
      return [issue("port_taken", 0.6, words, "")];
    }
    case "service.env_dropped": {
      const words = `${text("variable")} of ${unit} was left out: it needs ` +
        `${text("source")}.`;
      return [issue("variable_dropped", 0.6, words, "See: reeve show-config")];
    }
    case "cleanup.kept":
      return [
        issue(
          "not_ended",
          0.85,
          `${unit} could not be ended: ${text("reason")}`,
          "See: reeve doctor",
        ),
      ];
    case "orphan.failed":
      return [
        issue(
          "orphan_left",
          0.85,
          `Process ${text("pid")} is left over: ${text("reason")}.`,
          "See: reeve doctor",
        ),
      ];
    case "orphan.swept":
      return [
        issue(
          "orphan_swept",
          0.5,
          `Process ${text("pid")} of an earlier command was ended.`,
          "",
        ),
      ];
    default:
      return [];
  }
}

const BUSY_WITH_REQUIREMENTS = 0.7;

function wholeIssues(
  last: readonly JsonObject[],
  times: StartupTimes | undefined,
): readonly Issue[] {
  const begin = last.find(({ event }) => event === "startup.begin");
  const end = last.find(({ event }) => event === "startup.end");
  const issues: Issue[] = [];
  if (begin !== undefined && end === undefined) {
    const words = `The last ${wordOf(begin["command"])} has no end: it was ` +
      "killed, or is still at work.";
    issues.push(issue("startup_cut", 0.8, words, "See: reeve status"));
  }
  const outcome = wordOf(end?.["outcome"] ?? null);
  if (outcome === "failed" || outcome === "refused") {
    issues.push(
      issue("startup_failed", 0.85, `The last start ${outcome}.`, ""),
    );
  }
  const share = times === undefined || times.totalMs === 0
    ? 0
    : times.requirementsMs / times.totalMs;
  if (share >= BUSY_WITH_REQUIREMENTS) {
    const words = `Dependencies took ${
      Math.round(share * 100)
    } % of the start.`;
    issues.push(issue("requirements_dominate", 0.7, words, ""));
  }
  return issues;
}

function codeOf(reason: string): string {
  return /^[a-z_]{1,40}$/.test(reason) ? reason : "failed";
}

function wordOf(value: JsonValue | undefined): string {
  return typeof value === "string" ? value : JSON.stringify(value ?? null);
}
