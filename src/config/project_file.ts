/**
 * Reads a project's file, `.reeve`: settings that belong to a repository, and
 * its identity.
 *
 * @module
 */

import { type Host, HostError } from "../host/host.ts";
import { type EnvLine, type EnvLines, parseEnvLines } from "./env_lines.ts";
import { type Fault, faultOfFile, placeOf } from "./fault.ts";

/** Name of a project's file. */
export const PROJECT_FILE = ".reeve";

/** Name of the line with a project's id. */
export const ID_LINE = "REEVE_PROJECT_ID";

/** Name of the line with a project's short name, if it is not derived. */
export const SLUG_LINE = "REEVE_PROJECT_SLUG";

const MAX_BYTES = 256 * 1024;
const OURS = /REEVE_(?:PROJECT|SYNC)_/i;
const CONFLICT = /^(?:<{7}|={7}|>{7})(?: |$)/;

/** A project's file as far as it could be understood. */
export interface ProjectFile {
  /** Its text; empty when it could not be read. */
  readonly text: string;
  /** The line that counts for each name. */
  readonly lines: ReadonlyMap<string, EnvLine>;
  /** What is wrong with the file as a whole. */
  readonly fault: Fault | undefined;
  /** Lines that mean nothing, in words. */
  readonly warnings: readonly string[];
}

/** Reads a project's file. */
export function readProjectFile(
  host: Pick<Host, "blocking">,
  file: string,
): ProjectFile {
  try {
    return parseProjectFile(file, host.blocking.readText(file, MAX_BYTES));
  } catch (error) {
    if (!(error instanceof HostError)) throw error;
    const reason = error.code.replaceAll("_", " ");
    const fault = faultOfFile("unreadable", file, reason);
    return { text: "", lines: new Map(), fault, warnings: [] };
  }
}

/** Understands the text of a project's file. */
export function parseProjectFile(file: string, text: string): ProjectFile {
  const parsed = parseEnvLines(text);
  const others = parsed.odd.filter(({ text }) =>
    !OURS.test(text) && !CONFLICT.test(text)
  );
  return {
    text,
    lines: lastLines(parsed.lines),
    fault: projectFault(file, text, parsed),
    warnings: others.map(({ line, reason }) =>
      `${placeOf(file, line)} means nothing: ${reason}`
    ),
  };
}

function lastLines(
  lines: readonly EnvLine[],
): ReadonlyMap<string, EnvLine> {
  return new Map(lines.map((line) => [line.name, line]));
}

/** What is wrong with a project's file as a whole. */
export function projectFault(
  file: string,
  text: string,
  { lines, odd }: EnvLines,
): Fault | undefined {
  return textFault(file, text) ?? oddFault(file, odd) ??
    contradiction(file, lines);
}

function textFault(file: string, text: string): Fault | undefined {
  return text.includes("\0")
    ? faultOfFile("unparseable", file, "it is not text")
    : undefined;
}

/** A line that was meant for us must not pass for one that is not there. */
function oddFault(
  file: string,
  odd: EnvLines["odd"],
): Fault | undefined {
  for (const { line, reason, text } of odd) {
    if (CONFLICT.test(text)) {
      return faultOfFile("unparseable", file, "it is a merge conflict", line);
    }
    if (OURS.test(text)) return faultOfFile("unparseable", file, reason, line);
  }
  return undefined;
}

function contradiction(
  file: string,
  lines: readonly EnvLine[],
): Fault | undefined {
  const last = lastLines(lines);
  const other = lines.find(({ name, value }) =>
    OURS.test(name) && last.get(name)?.value !== value
  );
  if (other === undefined) return undefined;
  const { name, line } = other;
  const reason = `${name} is something else in line ${last.get(name)?.line}`;
  return faultOfFile("wrong_shape", file, reason, line);
}
