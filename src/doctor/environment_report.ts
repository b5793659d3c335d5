/**
 * What the environment's doctor tells, as JSON: `environment_doctor`, schema
 * version 1.
 *
 * @module
 */

import type { JsonObject } from "../state/json_value.ts";
import {
  type CheckArea,
  type CheckStatus,
  type EnvironmentCheck,
  type Gates,
  gatesOf,
  isFailing,
  sortChecks,
} from "./environment_check.ts";

/** What is known of the installation. */
export interface InstallFacts {
  /** Version of Reeve. */
  readonly version: string;
  /** The program that runs it. */
  readonly executable: string;
  /** The words after it. */
  readonly args: readonly string[];
  /** How it came here: one program of its own, a bundle, or the source. */
  readonly method: "bundle" | "program" | "source";
  /** Version of Deno; `undefined` when it does not tell. */
  readonly deno: string | undefined;
  /** Operating system. */
  readonly os: string;
  /** Where `reeve` is along `PATH`, if it is. */
  readonly onPath: string | undefined;
}

/** Everything that the doctor tells. */
export interface DoctorExam {
  /** Time of the look in epoch milliseconds. */
  readonly at: number;
  /** Root of the repository; `undefined` outside of one. */
  readonly repository: string | undefined;
  /** Its scope. */
  readonly scope: string | undefined;
  /** State root. */
  readonly root: string;
  /** Every check, in the order of the areas. */
  readonly checks: readonly EnvironmentCheck[];
  /** Areas that nobody looked at, and why. */
  readonly leftOut: readonly {
    readonly areas: readonly CheckArea[];
    readonly reason: string;
  }[];
  /** Whether warnings count as failures. */
  readonly isStrict: boolean;
  /** The installation, when it was asked for. */
  readonly install: InstallFacts | undefined;
}

/** The verdict on all checks together. */
export interface ExamVerdict {
  /** Whether the command ends with 0. */
  readonly isFine: boolean;
  /** The gates. */
  readonly gates: Gates;
  /** How many checks ended in which way. */
  readonly counts: Readonly<Record<CheckStatus, number>>;
}

/** Adds all checks up. */
export function judgeExam(
  { checks, isStrict }: Pick<DoctorExam, "checks" | "isStrict">,
): ExamVerdict {
  const count = (status: CheckStatus) =>
    checks.filter((check) => check.status === status).length;
  return {
    isFine: !checks.some((check) => isFailing(check, isStrict)),
    gates: gatesOf(checks, isStrict),
    counts: {
      fail: count("fail"),
      warn: count("warn"),
      info: count("info"),
      pass: count("pass"),
    },
  };
}

/** The document. */
export function examJson(exam: DoctorExam): JsonObject {
  const { isFine, gates, counts } = judgeExam(exam);
  const { install } = exam;
  return {
    "schema": "environment_doctor",
    "schema_version": 1,
    "generated_at": new Date(exam.at).toISOString(),
    "ok": isFine,
    "strict": exam.isStrict,
    "repository": exam.repository ?? null,
    "scope": exam.scope ?? null,
    "state_root": exam.root,
    "gates": { ...gates },
    "counts": { ...counts },
    "checks": sortChecks(exam.checks).map(checkJson),
    "left_out": exam.leftOut.map(({ areas, reason }) => ({
      "areas": areas,
      "reason": reason,
    })),
    "install": install === undefined ? null : {
      "version": install.version,
      "executable": install.executable,
      "args": install.args,
      "method": install.method,
      "deno": install.deno ?? null,
      "os": install.os,
      "on_path": install.onPath ?? null,
    },
  };
}

function checkJson(
  { id, area, status, summary, evidence, remedy }: EnvironmentCheck,
): JsonObject {
  const remediation = remedy === undefined ? null : remediationOf(remedy);
  return { id, area, status, summary, evidence, "remediation": remediation };
}

/** A command of ours that a sentence ends with is one to type. */
function remediationOf(remedy: string): JsonObject {
  const [, command = null] = /(?:^|: )(reeve(?: [^\s;,.]+)+)$/.exec(remedy) ??
    [];
  return { "command": command, "description": remedy };
}
