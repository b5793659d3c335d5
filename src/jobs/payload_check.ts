/**
 * Checks what a handler gets by the schema that it states: of any library
 * that has the interface Standard Schema, or a `safeParse` as zod has it.
 *
 * @module
 */

import type { JsonValue } from "../state/json_value.ts";

/** What a check gave. */
export type Checked =
  | { readonly ok: true; readonly data: JsonValue }
  | { readonly ok: false; readonly problem: string };

/** Checks one payload. */
export type PayloadCheck = (data: JsonValue) => Promise<Checked>;

interface Issue {
  readonly message: string;
  readonly path?: readonly unknown[] | undefined;
}

type Answer =
  | { readonly issues: readonly Issue[] }
  | { readonly value: unknown };

type Validate = (data: unknown) => Answer | Promise<Answer>;

/** Most faults of one payload that are told. */
const SHOWN_ISSUES = 3;

/** The check of a schema, or `undefined` for a value that is none. */
export function payloadCheck(schema: unknown): PayloadCheck | undefined {
  const validate = validateOf(schema);
  if (validate === undefined) return undefined;
  return async (data) => {
    const answer = await validate(data);
    return "value" in answer
      ? { ok: true, data: answer.value as JsonValue }
      : { ok: false, problem: problemText(answer.issues) };
  };
}

function isLookable(value: unknown): value is Record<string, unknown> {
  return typeof value === "function" ||
    (typeof value === "object" && value !== null);
}

function validateOf(schema: unknown): Validate | undefined {
  if (!isLookable(schema)) return undefined;
  const standard = schema["~standard"];
  if (isLookable(standard) && typeof standard["validate"] === "function") {
    const validate = standard["validate"] as (data: unknown) => unknown;
    return async (data) => readStandard(await validate.call(standard, data));
  }
  const safeParse = schema["safeParse"];
  if (typeof safeParse !== "function") return undefined;
  return async (data) => readSafeParse(await safeParse.call(schema, data));
}

function readStandard(result: unknown): Answer {
  if (isLookable(result)) {
    const { issues, value } = result;
    if (Array.isArray(issues)) return { issues };
    if ("value" in result) return { value };
  }
  throw new TypeError("validate() of the payload gave no result");
}

function readSafeParse(result: unknown): Answer {
  if (isLookable(result)) {
    if (result["success"] === true) return { value: result["data"] };
    const error = result["error"];
    if (isLookable(error) && Array.isArray(error["issues"])) {
      return { issues: error["issues"] };
    }
  }
  throw new TypeError("safeParse() of the payload gave no result");
}

function problemText(issues: readonly Issue[]): string {
  const shown = issues.slice(0, SHOWN_ISSUES)
    .map(({ path, message }) => `${pathText(path)}: ${message}`);
  const more = issues.length - shown.length;
  return shown.join("; ") + (more > 0 ? `; and ${more} more` : "");
}

/** Where in the payload: `data.pages[0].title`. */
function pathText(path: readonly unknown[] = []): string {
  const steps = path.map((step) => {
    const key = isLookable(step) ? step["key"] : step;
    return typeof key === "number" ? `[${key}]` : `.${String(key)}`;
  });
  return `data${steps.join("")}`;
}
