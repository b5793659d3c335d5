/**
 * The parts of an `.envctl` file: its keys, and its sections of variables for
 * services.
 *
 * @module
 */

import { type EnvLine, parseEnvLines } from "../config/env_lines.ts";

/** A section of variables. */
export interface LegacySection {
  /** Service that it is for, or `shared`. */
  readonly owner: string;
  /** The only mode that it is for, if it names one. */
  readonly mode: "main" | "trees" | undefined;
  /** Its lines. */
  readonly lines: readonly EnvLine[];
}

/** The parts of a file. */
export interface LegacyParts {
  /** The last line of each key. */
  readonly keys: ReadonlyMap<string, EnvLine>;
  /** Sections in the order of the file. */
  readonly sections: readonly LegacySection[];
}

const START =
  /^\s*#\s*>>>\s*envctl\s+(.+?)\s+(?:launch|dependency)\s+env\s*>>>/;
const END = /^\s*#\s*<<<\s*envctl\b.*\benv\s*<<<|^\s*#\s*<<<\s*$/;

/** Splits the text of a file. */
export function legacyParts(text: string): LegacyParts {
  const { lines } = parseEnvLines(text);
  const owners = sectionRows(text);
  const keys = new Map(
    lines.filter(({ line }) => !owners.has(line))
      .map((line) => [line.name, line]),
  );
  const titles = [...new Set(owners.values())];
  const sections = titles.map((title) => ({
    ...readTitle(title),
    lines: lines.filter(({ line }) => owners.get(line) === title),
  }));
  return { keys, sections };
}

/** The title of the section that each row is in, by number from one. */
function sectionRows(text: string): ReadonlyMap<number, string> {
  const found = new Map<number, string>();
  let title: string | undefined;
  for (const [at, row] of text.split("\n").entries()) {
    const [, next] = START.exec(row) ?? [];
    if (next !== undefined) title = next.toLowerCase();
    else if (END.test(row)) title = undefined;
    else if (title !== undefined) found.set(at + 1, title);
  }
  return found;
}

function readTitle(title: string): Pick<LegacySection, "mode" | "owner"> {
  const words = title.split(/\s+/);
  const [first] = words;
  const mode = first === "main" || first === "trees" ? first : undefined;
  return { mode, owner: words.at(-1) ?? "" };
}
