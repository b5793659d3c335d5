/**
 * Sets and unsets keys in the person's file and in a project's.
 *
 * @module
 */

import { KnownError } from "../errors.ts";
import { joinPath } from "../host/path.ts";
import { statePaths } from "../state/paths.ts";
import { checkText } from "./check_value.ts";
import { removeLine, setLine } from "./env_lines.ts";
import { faultError } from "./fault.ts";
import type { AnyValue } from "./key_type.ts";
import { isProjectKey, type KeyName, lineNameOf, specOf } from "./keys.ts";
import type { Project } from "./project.ts";
import { parseProjectFile, PROJECT_FILE } from "./project_file.ts";
import { rewriteFile, type Rewritten, type WriteHost } from "./rewrite_file.ts";
import {
  isObject,
  type JsonObject,
  parseUserFile,
  USER_FILE_VERSION,
} from "./user_file.ts";
import { describeAllowed, formatValue, toJsonValue } from "./value_text.ts";

/**
 * Sets a key in the person's file.
 *
 * @param root the state root.
 * @throws {KnownError} `usage` for a value that the key does not take, and the
 * code of its fault for a file that cannot be understood.
 */
export async function setUserValue(
  host: WriteHost,
  root: string,
  key: KeyName,
  value: string,
): Promise<Rewritten> {
  const checked = requireValue(key, value);
  const stored = toJsonValue(specOf(key), checked);
  return await changeUserFile(
    host,
    root,
    (content) => putAt(content, key.split("."), stored),
  );
}

/** Takes a key out of the person's file; throws for a file with a fault. */
export async function unsetUserValue(
  host: WriteHost,
  root: string,
  key: KeyName,
): Promise<Rewritten> {
  return await changeUserFile(
    host,
    root,
    (content) => takeFrom(content, key.split(".")),
  );
}

/**
 * Sets a key in a project's file.
 *
 * @throws {KnownError} `usage` for a key that is no project's or a value that
 * it does not take, and the code of its fault for a file that cannot be
 * understood.
 */
export async function setProjectValue(
  host: WriteHost,
  project: Project,
  key: KeyName,
  value: string,
): Promise<Rewritten> {
  requireProjectKey(key);
  const text = formatValue(specOf(key), requireValue(key, value));
  return await changeProjectFile(
    host,
    project,
    (before) => setLine(before, lineNameOf(key), text),
  );
}

/** Takes a key out of a project's file; throws for a file with a fault. */
export async function unsetProjectValue(
  host: WriteHost,
  project: Project,
  key: KeyName,
): Promise<Rewritten> {
  requireProjectKey(key);
  return await changeProjectFile(
    host,
    project,
    (before) => removeLine(before, lineNameOf(key)),
  );
}

function requireValue(key: KeyName, text: string): AnyValue {
  const spec = specOf(key);
  const checked = checkText(spec, text);
  if (checked.kind === "value") return checked.value;
  throw new KnownError(
    "usage",
    `Cannot set ${key}: it must be ${describeAllowed(spec)}`,
    { hint: `See: reeve config show ${key}` },
  );
}

function requireProjectKey(key: KeyName): void {
  if (isProjectKey(key)) return;
  throw new KnownError(
    "usage",
    `Cannot set ${key} for a project: it belongs to your own settings`,
    { hint: "Leave out --project." },
  );
}

async function changeUserFile(
  host: WriteHost,
  root: string,
  change: (content: JsonObject) => JsonObject,
): Promise<Rewritten> {
  const path = statePaths(root).config;
  return await rewriteFile(host, path, (text) => {
    const file = parseUserFile(path, text ?? "{}");
    if (file.fault !== undefined) throw faultError(file.fault);
    const next = change(file.content);
    if (JSON.stringify(next) === JSON.stringify(file.content)) return undefined;
    const whole = { "schema_version": USER_FILE_VERSION, ...next };
    return `${JSON.stringify(whole, null, 2)}\n`;
  });
}

async function changeProjectFile(
  host: WriteHost,
  project: Project,
  change: (text: string) => string,
): Promise<Rewritten> {
  const path = project.file ?? joinPath(project.root, PROJECT_FILE);
  return await rewriteFile(host, path, (text) => {
    const { fault } = parseProjectFile(path, text ?? "");
    if (fault !== undefined) throw faultError(fault);
    const next = change(text ?? "");
    return next === "" && text === undefined ? undefined : next;
  });
}

function putAt(
  object: JsonObject,
  [name = "", ...rest]: readonly string[],
  value: unknown,
): JsonObject {
  const inner = object[name];
  const next = rest.length === 0
    ? value
    : putAt(isObject(inner) ? inner : {}, rest, value);
  return { ...object, [name]: next };
}

/** Without the objects that are empty afterwards. */
function takeFrom(
  object: JsonObject,
  [name = "", ...rest]: readonly string[],
): JsonObject {
  const { [name]: inner, ...others } = object;
  if (rest.length === 0) return inner === undefined ? object : others;
  const left = isObject(inner) ? takeFrom(inner, rest) : inner;
  if (left === inner || !isObject(left)) return object;
  return Object.keys(left).length === 0 ? others : { ...object, [name]: left };
}
