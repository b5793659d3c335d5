/**
 * Which services a repository seems to have. These are suggestions: each says
 * where it comes from and how sure it is.
 *
 * @module
 */

import { slugOf } from "../config/slug.ts";
import type { DirectoryFacts } from "./detect_facts.ts";
import type { FoundCommand } from "./detect_found.ts";
import { detectDeno, detectPackage } from "./detect_javascript.ts";
import { detectProcfile } from "./detect_procfile.ts";
import { detectPython } from "./detect_python.ts";
import { RESERVED_SLUGS } from "./service_keys.ts";

/** A service that a repository seems to have. */
export interface ServiceSuggestion extends Omit<FoundCommand, "isNamed"> {
  /** Its slug, unique among the suggestions. */
  readonly slug: string;
  /** Directory below the root; `.` for the root. */
  readonly directory: string;
}

/** What a repository seems to have. */
export interface Detection {
  /** Services. */
  readonly suggestions: readonly ServiceSuggestion[];
  /** What was seen but is nothing to start, as sentences. */
  readonly notes: readonly string[];
}

const COMPOSE = /^(?:docker-)?compose\.ya?ml$/;

/** Says what services the files of a repository suggest. */
export function detectServices(
  facts: readonly DirectoryFacts[],
): Detection {
  const [top, ...below] = facts;
  const inner = below.flatMap(inDirectory);
  const outer = top === undefined || (inner.length > 0 && isWorkspace(top))
    ? []
    : inDirectory(top);
  return {
    suggestions: named([
      ...outer,
      // A package that the root runs is no service of its own.
      ...inner.filter(({ directory }) =>
        outer.every(({ source }) => !source.startsWith(`${directory}/`))
      ),
    ]),
    notes: facts.flatMap(composeNotes),
  };
}

type Placed = FoundCommand & { readonly directory: string };

function inDirectory(facts: DirectoryFacts): readonly Placed[] {
  const sources = [detectProcfile, detectDeno, detectPackage, detectPython];
  for (const detect of sources) {
    const found = detect(facts);
    if (found.length === 0) continue;
    return found.map((one) => ({ ...one, directory: facts.directory }));
  }
  return [];
}

/** A workspace's own scripts run its members, which are found by themselves. */
function isWorkspace({ texts }: DirectoryFacts): boolean {
  return /"workspaces?"\s*:/.test(
    (texts.get("package.json") ?? "") + (texts.get("deno.json") ?? "") +
      (texts.get("deno.jsonc") ?? ""),
  );
}

/** Slugs and ports that no two of them share. */
function named(found: readonly Placed[]): readonly ServiceSuggestion[] {
  const slugs = new Set(RESERVED_SLUGS);
  const ports = new Set<number>();
  return found.map(({ isNamed, port, ...rest }) => {
    const name = isNamed || rest.directory === "."
      ? rest.role
      : rest.directory.split("/").at(-1) ?? rest.role;
    const plain = slugOf(name);
    const first = /^[a-z]/.test(plain) ? plain : `service-${plain}`;
    let slug = first;
    for (let at = 2; slugs.has(slug); at++) slug = `${first}-${at}`;
    slugs.add(slug);
    let free = port;
    while (free !== undefined && ports.has(free)) free++;
    if (free !== undefined) ports.add(free);
    return { ...rest, slug, port: free };
  });
}

function composeNotes({ directory, names }: DirectoryFacts) {
  return [...names].filter((name) => COMPOSE.test(name)).map((name) => {
    const path = directory === "." ? name : `${directory}/${name}`;
    return `${path} is not read; name what it provides in REEVE_DEPENDENCIES`;
  });
}
