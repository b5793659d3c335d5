/**
 * Reads all settings at once, and where each comes from: flag, variable,
 * project's file, person's file, default. Synchronous and cheap, as capturing
 * an event needs it.
 *
 * @module
 */

import type { Host } from "../host/host.ts";
import { statePaths } from "../state/paths.ts";
import { type Checked, checkJson, checkText } from "./check_value.ts";
import { type Fault, faultError, placeOf } from "./fault.ts";
import { type JsonLines, scanJson } from "./json_lines.ts";
import type { AnyValue } from "./key_type.ts";
import {
  isProjectKey,
  KEY_NAMES,
  type KeyName,
  type KeyValue,
  lineNameOf,
  specOf,
} from "./keys.ts";
import type { Project } from "./project.ts";
import { type ProjectFile, readProjectFile } from "./project_file.ts";
import { unknownInProject, unknownInUser } from "./unknown_keys.ts";
import { readUserFile, type UserFile } from "./user_file.ts";
import { describeAllowed } from "./value_text.ts";

/** Which kind of place a value comes from; the first one here wins. */
export type Source = "flag" | "env" | "project" | "user" | "default";

/** Where a value comes from. */
export interface Origin {
  /** The kind of place. */
  readonly source: Source;
  /** The place: `REEVE_SYNC_WS`, `/x/.reeve line 3`, `default`. */
  readonly where: string;
}

/** All settings. */
export interface Config {
  /** The person's file, whether it is there or not. */
  readonly userFile: string;
  /** The project's file, if there is one. */
  readonly projectFile: string | undefined;
  /**
   * What a key holds; its default where it or its file is faulty. Sizes are in
   * bytes, durations in milliseconds.
   */
  get<K extends KeyName>(key: K): KeyValue<K>;
  /** Where that comes from. */
  origin(key: KeyName): Origin;
  /** What is wrong; with a fault, a default is nobody's choice. */
  readonly faults: readonly Fault[];
  /** What is odd without being wrong. */
  readonly warnings: readonly string[];
}

/** Where to read settings. */
export interface ReadConfigOptions {
  /** The state root. */
  readonly root: string;
  /** The project, whose file counts too. */
  readonly project?: Project | undefined;
  /** Values from the command line, which win over all others. */
  readonly flags?: Readonly<Partial<Record<KeyName, string>>> | undefined;
}

interface Sources {
  readonly env: Pick<Host["env"], "get">;
  readonly flags: Readonly<Partial<Record<KeyName, string>>>;
  readonly project: (ProjectFile & { readonly file: string }) | undefined;
  readonly user: UserFile & { readonly file: string };
  readonly userLines: () => JsonLines;
}

interface Place {
  readonly source: Source;
  readonly where: string;
  readonly file?: string;
  readonly line?: number | undefined;
}

interface Resolved {
  readonly place: Place;
  readonly value: AnyValue | undefined;
  readonly problem?: "bad" | "ignored";
}

const DEFAULT: Place = { source: "default", where: "default" };

/** Reads all settings; what is wrong with them is in the answer. */
export function readConfig(
  host: Pick<Host, "env" | "blocking">,
  options: ReadConfigOptions,
): Config {
  const sources = readSources(host, options);
  const resolved = new Map(
    KEY_NAMES.map((key) => [key, resolveKey(sources, key)]),
  );
  const { user, project } = sources;
  return {
    userFile: user.file,
    projectFile: project?.file,
    get: <K extends KeyName>(key: K) => resolved.get(key)?.value as KeyValue<K>,
    origin: (key) => originOf(sources, key, resolved.get(key)),
    faults: [
      ...[project?.fault, user.fault].filter((fault) => fault !== undefined),
      ...faultsOf(sources, resolved),
    ],
    warnings: [
      ...warningsOf(sources, resolved),
      ...unknownInUser(user.file, user.unknown, sources.userLines),
      ...(project === undefined ? [] : unknownInProject(project)),
    ],
  };
}

/**
 * Refuses settings with a fault in a file, or in one of some keys.
 *
 * @param keys the keys that matter; by default all.
 * @throws {KnownError} `usage` for a wrong value, `damaged_file`, `unreadable`
 * or `newer_file` for a file, naming the place and what is allowed.
 */
export function requireSound(
  config: Pick<Config, "faults">,
  keys: readonly KeyName[] = KEY_NAMES,
): void {
  const fault = config.faults.find(({ key }) =>
    key === undefined || keys.includes(key)
  );
  if (fault !== undefined) throw faultError(fault);
}

function readSources(
  host: Pick<Host, "env" | "blocking">,
  { root, project, flags = {} }: ReadConfigOptions,
): Sources {
  const userPath = statePaths(root).config;
  const user = { ...readUserFile(host, userPath), file: userPath };
  let lines: JsonLines | undefined;
  const file = project?.file;
  return {
    env: host.env,
    flags,
    project: file === undefined
      ? undefined
      : { ...readProjectFile(host, file), file },
    user,
    userLines: () => lines ??= scanJson(user.text ?? ""),
  };
}

function resolveKey(sources: Sources, key: KeyName): Resolved {
  const spec = specOf(key);
  const { env, flags, project, user } = sources;
  const flag = flags[key];
  if (flag !== undefined) {
    const place: Place = { source: "flag", where: "the command line" };
    return judge(key, place, checkText(spec, flag));
  }
  const variable = spec.env === undefined ? undefined : env.get(spec.env);
  if (spec.env !== undefined && variable !== undefined) {
    const place: Place = { source: "env", where: spec.env };
    return judge(key, place, checkText(spec, variable));
  }
  if (project !== undefined && isProjectKey(key)) {
    if (project.fault !== undefined) return standard(key);
    const line = project.lines.get(lineNameOf(key));
    if (line !== undefined) {
      const { file } = project;
      const where = placeOf(file, line.line);
      const place: Place = { source: "project", where, file, line: line.line };
      return judge(key, place, checkText(spec, line.value));
    }
  }
  if (!user.values.has(key)) return standard(key);
  const { file } = user;
  const checked = checkJson(spec, user.values.get(key));
  return judge(key, { source: "user", where: file, file }, checked);
}

function standard(key: KeyName): Resolved {
  return { place: DEFAULT, value: specOf(key).default };
}

function judge(key: KeyName, place: Place, checked: Checked): Resolved {
  if (checked.kind === "value") return { place, value: checked.value };
  return { place, value: specOf(key).default, problem: checked.kind };
}

/** The line of a JSON key is looked for only where somebody reads of it. */
function placeWithLine({ userLines }: Sources, key: KeyName, place: Place) {
  if (place.source !== "user" || place.file === undefined) return place;
  const line = userLines().lineOf(key.split("."));
  return { ...place, line, where: placeOf(place.file, line) };
}

function originOf(
  sources: Sources,
  key: KeyName,
  resolved: Resolved | undefined,
): Origin {
  const isValid = resolved?.problem === undefined;
  const place = isValid ? resolved?.place ?? DEFAULT : DEFAULT;
  const { source, where } = placeWithLine(sources, key, place);
  return { source, where };
}

function faultsOf(
  sources: Sources,
  resolved: ReadonlyMap<KeyName, Resolved>,
): readonly Fault[] {
  return [...resolved].flatMap(([key, { place, problem }]): Fault[] => {
    if (problem !== "bad") return [];
    const { source, where, file, line } = placeWithLine(sources, key, place);
    const allowed = describeAllowed(specOf(key));
    return [{
      kind: "bad_value",
      where,
      file,
      line,
      key,
      message: `Cannot use ${where}: ${key} must be ${allowed}`,
      hint: source === "env"
        ? "Correct the variable, or unset it."
        : source === "flag"
        ? "Correct the flag, or leave it out."
        : "Correct the line, or take it out to use the default.",
    }];
  });
}

function warningsOf(
  sources: Sources,
  resolved: ReadonlyMap<KeyName, Resolved>,
): readonly string[] {
  return [...resolved].flatMap(([key, { place, problem }]) => {
    if (problem !== "ignored") return [];
    const { where } = placeWithLine(sources, key, place);
    const spec = specOf(key);
    return [
      `${where}: ${key} must be ${describeAllowed(spec)}; ` +
      `${spec.default} is used`,
    ];
  });
}
