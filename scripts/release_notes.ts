// deno-lint-ignore-file no-console -- a script talks to its terminal
/**
 * Prints what the changelog says of a version, for the page of its release.
 * Ends with 1 where it says nothing.
 *
 * Run with `deno run --allow-read=. scripts/release_notes.ts 0.1.0`.
 *
 * @module
 */

import {
  type Given,
  runScript,
  ScriptError,
  type Usage,
} from "./run_script.ts";

const USAGE: Usage = {
  run: "deno run --allow-read=. scripts/release_notes.ts",
  does: "Prints what the changelog says of a version.",
  words: { takes: "VERSION", does: "The version, such as 0.1.0." },
};

/** What is below the heading of a version; `undefined` if that is nothing. */
export function sectionOf(
  changelog: string,
  version: string,
): string | undefined {
  const heading = `## [${version}]`;
  const lines = changelog.split("\n");
  const at = lines.findIndex((line) =>
    line === heading || line.startsWith(`${heading} `)
  );
  if (at < 0) return undefined;
  const rest = lines.slice(at + 1);
  const end = rest.findIndex((line) => /^(?:## |\[[^\]]+\]: )/.test(line));
  const text = rest.slice(0, end < 0 ? undefined : end).join("\n").trim();
  return /^- /m.test(text) ? text : undefined;
}

async function main({ words: [version = ""] }: Given): Promise<void> {
  const path = new URL("../CHANGELOG.md", import.meta.url);
  const section = sectionOf(await Deno.readTextFile(path), version);
  if (section === undefined) {
    throw new ScriptError(`CHANGELOG.md says nothing of ${version}`);
  }
  console.log(section);
}

if (import.meta.main) await runScript(USAGE, main);
