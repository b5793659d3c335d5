/**
 * The page that tells which faults were tried and what was seen.
 *
 * @module
 */

import type { Fault, FaultResult } from "./fault.ts";

/** One fault that was tried, or why it was not. */
export type Played =
  | {
    readonly fault: Fault;
    readonly result: FaultResult;
    /** How long it took. */
    readonly seconds: number;
  }
  | { readonly fault: Fault; readonly skipped: string };

/** Which figures were tried. */
export type Mode = "short" | "long";

const MODES: readonly Mode[] = ["short", "long"];

const HEAD = `<!-- Written by \`deno task test:faults\`; do not edit. -->

# Faults

What goes wrong around Reeve, what holds nevertheless, and what was seen when it
was tried on real processes, files and sockets. \`deno task test:faults\` tries
the short form of each, which also runs with every change; \`--long\` the full
figures. Names such as \`F2\` choose. A run replaces only its own lines here.

*Lost* counts what had been acknowledged and was not there afterwards. *Wrong
signals* counts innocent processes that got a signal. Both have to be 0.

Two faults have a page of their own, [Proofs](proofs.md): a decision that is
wrong in one place (mutation testing, F17) and processes that end at any step of
the protocol of starts (a model, searched in full, F18).

What these runs do not show: macOS and Windows, where most of them cannot run;
file systems without locks; a machine that really sleeps; and a real loss of
power, which is modelled from flushes that were traced.
`;

const TABLE = "| form | tried | lost | wrong signals | seconds | kept | when " +
  "|\n| --- | --- | --- | --- | --- | --- | --- |";

/** A row of the table and what stands below it, for one form. */
interface Entry {
  readonly row: string;
  readonly text: string;
}

/**
 * Renders the page: new results replace earlier ones of the same fault and
 * form, all others stay as they were.
 */
export function renderPage(
  before: string,
  all: readonly Played[],
  mode: Mode,
): string {
  const entries = parsePage(before);
  for (const played of all) {
    const key = `${played.fault.id} ${mode}`;
    entries.set(key, entryOf(played, mode));
    entries.set(played.fault.id, headOf(played.fault));
  }
  const ids = [...entries.keys()].filter((key) => /^F\d+$/.test(key))
    .toSorted((a, b) => Number(a.slice(1)) - Number(b.slice(1)));
  return [HEAD, ...ids.map((id) => sectionOf(id, entries))].join("\n");
}

function headOf({ id, title, promise, how }: Fault): Entry {
  const text = `Promised: ${promise}.\n\n${how}\n`;
  return { row: `## ${id}: ${title}`, text };
}

function sectionOf(id: string, entries: ReadonlyMap<string, Entry>): string {
  const head = entries.get(id);
  const forms = MODES.map((mode) => entries.get(`${id} ${mode}`))
    .filter((entry) => entry !== undefined);
  return [
    `${head?.row}\n`,
    head?.text,
    TABLE,
    `${forms.map(({ row }) => row).join("\n")}\n`,
    ...forms.map(({ text }) => text),
  ].join("\n");
}

function entryOf(played: Played, mode: Mode): Entry {
  const when = `${new Date().toISOString().slice(0, 10)}, Deno ` +
    `${Deno.version.deno}, ${Deno.build.target}`;
  if ("skipped" in played) {
    const row = `| ${mode} | - | - | - | - | not tried | ${when} |`;
    return { row, text: `### ${mode}\n\nNot tried: ${played.skipped}.\n` };
  }
  const { result, seconds } = played;
  const cells = [
    mode,
    result.tried,
    result.lost,
    result.wrongSignals,
    seconds.toFixed(1),
    result.ok ? "yes" : "**no**",
    when,
  ];
  const lines = [
    ...result.problems.map((text) => `- **Broken:** ${plain(text)}`),
    ...Object.entries(result.seen).map(([what, count]) =>
      `- ${plain(what)}: ${count}`
    ),
    ...result.notes.map((text) => `- ${plain(text)}`),
  ];
  return {
    row: `| ${cells.join(" | ")} |`,
    text: `### ${mode}\n\n${lines.join("\n") || "- nothing else"}\n`,
  };
}

/** Text that Markdown leaves alone. */
function plain(text: string): string {
  return text.replace(/\s+/g, " ").replace(/[<>|*_`[\]]/g, (c) => `\\${c}`);
}

/** What an earlier page holds, by id, and by id and form. */
function parsePage(page: string): Map<string, Entry> {
  const entries = new Map<string, Entry>();
  for (const section of page.split(/^(?=## F\d+: )/m).slice(1)) {
    const [, id = ""] = /^## (F\d+): /.exec(section) ?? [];
    const [head = "", ...forms] = section.split(/^(?=### )/m);
    const [row = ""] = head.split("\n");
    const text = head.slice(row.length, head.indexOf(TABLE)).trim();
    entries.set(id, { row, text: `${text}\n` });
    for (const mode of MODES) {
      const form = forms.find((part) => part.startsWith(`### ${mode}\n`));
      const [line] = new RegExp(`^\\| ${mode} \\|.*$`, "m").exec(head) ?? [];
      if (form === undefined || line === undefined) continue;
      entries.set(`${id} ${mode}`, { row: line, text: `${form.trim()}\n` });
    }
  }
  return entries;
}
