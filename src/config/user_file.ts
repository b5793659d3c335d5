/**
 * Reads the person's settings, `config.json` of the state root.
 *
 * @module
 */

import { type Host, HostError } from "../host/host.ts";
import { type Fault, type FaultKind, faultOfFile } from "./fault.ts";
import { scanJson } from "./json_lines.ts";
import { isKeyName, KEY_NAMES, type KeyName } from "./keys.ts";

/** Version of the shape of the file. */
export const USER_FILE_VERSION = 1;

/** A JSON object. */
export type JsonObject = Readonly<Record<string, unknown>>;

/** The person's file as far as it could be understood. */
export interface UserFile {
  /** Its text, or `undefined` without a file. */
  readonly text: string | undefined;
  /** What it holds. */
  readonly content: JsonObject;
  /** Values of our keys as they stand there. */
  readonly values: ReadonlyMap<KeyName, unknown>;
  /** Paths of keys that we do not know. */
  readonly unknown: readonly (readonly string[])[];
  /** What is wrong with the file as a whole. */
  readonly fault: Fault | undefined;
}

const NOTHING = {
  content: {},
  values: new Map<KeyName, unknown>(),
  unknown: [],
  fault: undefined,
};

/** Reads the person's file. */
export function readUserFile(
  host: Pick<Host, "blocking">,
  file: string,
): UserFile {
  try {
    // Most people have none, and a look is cheaper than a refusal.
    if (host.blocking.stat(file) === undefined) {
      return { ...NOTHING, text: undefined };
    }
    return parseUserFile(file, host.blocking.readText(file));
  } catch (error) {
    if (!(error instanceof HostError)) throw error;
    if (error.code === "not_found") return { ...NOTHING, text: undefined };
    const reason = error.code.replaceAll("_", " ");
    const fault = faultOfFile("unreadable", file, reason);
    return { ...NOTHING, text: undefined, fault };
  }
}

/** Understands the text of the person's file. */
export function parseUserFile(file: string, text: string): UserFile {
  const bad = (kind: FaultKind, reason: string, line?: number): UserFile => ({
    ...NOTHING,
    text,
    fault: faultOfFile(kind, file, reason, line),
  });
  if (text.trim() === "") return bad("unparseable", "it is empty");
  let content: unknown;
  try {
    content = JSON.parse(text);
  } catch {
    return bad("unparseable", "it is not JSON", scanJson(text).errorLine);
  }
  if (!isObject(content)) return bad("wrong_shape", "it is not a JSON object");
  const { schema_version: version = USER_FILE_VERSION } = content;
  if (typeof version !== "number" || !(version >= 1)) {
    const line = scanJson(text).lineOf(["schema_version"]);
    return bad("wrong_shape", "schema_version is not a version", line);
  }
  if (version > USER_FILE_VERSION) {
    return bad("too_new", `it has version ${version}`);
  }
  const { values, unknown, notObject } = flatten(content);
  if (notObject === undefined) {
    return { text, content, values, unknown, fault: undefined };
  }
  const line = scanJson(text).lineOf(notObject);
  const reason = `${notObject.join(".")} must be an object that holds keys`;
  return { ...bad("wrong_shape", reason, line), content };
}

/** Whether a value is a JSON object. */
export function isObject(value: unknown): value is JsonObject {
  return typeof value === "object" && value !== null && !Array.isArray(value);
}

interface Flat {
  readonly values: Map<KeyName, unknown>;
  readonly unknown: (readonly string[])[];
  notObject: readonly string[] | undefined;
}

function flatten(content: JsonObject): Flat {
  const flat: Flat = { values: new Map(), unknown: [], notObject: undefined };
  const { schema_version: _, ...rest } = content;
  walk(rest, [], flat);
  return flat;
}

function walk(object: JsonObject, above: readonly string[], flat: Flat): void {
  for (const [name, value] of Object.entries(object)) {
    const path = [...above, name];
    // A name with dots in it would read as a path that it is not.
    const key = name.includes(".") ? "" : path.join(".");
    if (isKeyName(key)) flat.values.set(key, value);
    else if (!isSection(key)) flat.unknown.push(path);
    else if (isObject(value)) walk(value, path, flat);
    else flat.notObject ??= path;
  }
}

function isSection(key: string): boolean {
  return key !== "" && KEY_NAMES.some((name) => name.startsWith(`${key}.`));
}
