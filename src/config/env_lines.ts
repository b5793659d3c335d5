/**
 * A project's file as text: lines of the form `NAME=value`, which a shell can
 * read too.
 *
 * @module
 */

/** One line that sets something. */
export interface EnvLine {
  /** Its number, counted from one. */
  readonly line: number;
  /** What it sets. */
  readonly name: string;
  /** To what, without quotes. */
  readonly value: string;
}

/** One line that means nothing. */
export interface OddLine {
  /** Its number, counted from one. */
  readonly line: number;
  /** Why it means nothing. */
  readonly reason: string;
  /** What it says; for looking at, not for messages. */
  readonly text: string;
}

/** What a text sets, and what in it cannot be understood. */
export interface EnvLines {
  /** Every line that sets something, in order. */
  readonly lines: readonly EnvLine[];
  /** Every other line that is neither empty nor a comment. */
  readonly odd: readonly OddLine[];
}

interface Row {
  readonly content: string;
  /** How the line ends: nothing only at the end of the text. */
  readonly end: string;
}

interface Layout {
  readonly name: string;
  /** All before the value. */
  readonly head: string;
  /** The value as written, with quotes. */
  readonly body: string;
  /** All behind the value: spaces and a comment. */
  readonly tail: string;
}

const HEAD = /^\s*(?:export\s+)?([A-Za-z_][A-Za-z0-9_]*)\s*=\s*/;
const QUOTED = /^("(?:[^"\\]|\\.)*"|'[^']*')(\s*|\s+#.*)$/s;
const SAFE = /^[A-Za-z0-9_.,:/@%+-]+$/;

/** Reads the lines of a text. */
export function parseEnvLines(text: string): EnvLines {
  const lines: EnvLine[] = [];
  const odd: OddLine[] = [];
  for (const [at, { content }] of splitRows(text).entries()) {
    if (/^\s*(?:#|$)/.test(content)) continue;
    const layout = layoutOf(content);
    if (typeof layout === "string") {
      odd.push({ line: at + 1, reason: layout, text: content });
    } else {
      const { name, body } = layout;
      lines.push({ line: at + 1, name, value: unquote(body) });
    }
  }
  return { lines, odd };
}

/** A line that sets a name to a value of one line, without its end. */
export function formatLine(name: string, value: string): string {
  return `${name}=${quote(value)}`;
}

/**
 * Sets a name to a value of one line: the last line that sets it changes, or a
 * line is added. Every other byte stays.
 */
export function setLine(text: string, name: string, value: string): string {
  const rows = [...splitRows(text)];
  const at = rows.findLastIndex(({ content }) => nameOf(content) === name);
  const row = rows[at];
  const layout = row === undefined ? "" : layoutOf(row.content);
  if (row === undefined || typeof layout === "string") {
    const end = rows[0]?.end || "\n";
    const gap = text === "" || rows.at(-1)?.end !== "" ? "" : end;
    return `${text}${gap}${formatLine(name, value)}${end}`;
  }
  // Right behind a value, a hash would be part of it.
  const gap = layout.tail.startsWith("#") ? " " : "";
  const content = layout.head + quote(value) + gap + layout.tail;
  rows[at] = { content, end: row.end };
  return joinRows(rows);
}

/** Takes out every line that sets a name. Every other byte stays. */
export function removeLine(text: string, name: string): string {
  return joinRows(
    splitRows(text).filter(({ content }) => nameOf(content) !== name),
  );
}

function splitRows(text: string): readonly Row[] {
  const parts = text.split("\n");
  const last = parts.pop() ?? "";
  const rows = parts.map((part) =>
    part.endsWith("\r")
      ? { content: part.slice(0, -1), end: "\r\n" }
      : { content: part, end: "\n" }
  );
  return last === "" ? rows : [...rows, { content: last, end: "" }];
}

function joinRows(rows: readonly Row[]): string {
  return rows.map(({ content, end }) => content + end).join("");
}

function nameOf(content: string): string | undefined {
  const layout = layoutOf(content);
  return typeof layout === "string" ? undefined : layout.name;
}

/** The parts of a line, or why it has none. */
function layoutOf(content: string): Layout | string {
  const [head, name] = HEAD.exec(content) ?? [];
  if (head === undefined || name === undefined) return "it is not NAME=value";
  const rest = content.slice(head.length);
  if (/^["']/.test(rest)) {
    const [, body, tail] = QUOTED.exec(rest) ?? [];
    if (body === undefined || tail === undefined) {
      return "its quotes do not end where the value ends";
    }
    return { name, head, body, tail };
  }
  const isSpaced = /\s$/.test(head);
  const comment = isSpaced && rest.startsWith("#") ? 0 : rest.search(/\s#/);
  const body = (comment < 0 ? rest : rest.slice(0, comment)).trimEnd();
  return { name, head, body, tail: rest.slice(body.length) };
}

function unquote(body: string): string {
  if (body.startsWith("'")) return body.slice(1, -1);
  if (!body.startsWith('"')) return body;
  return body.slice(1, -1).replace(/\\(.)/gs, "$1");
}

/** In the quotes that keep a shell from reading more into it. */
function quote(value: string): string {
  if (SAFE.test(value)) return value;
  if (!value.includes("'")) return `'${value}'`;
  return `"${value.replace(/["\\$`]/g, "\\$&")}"`;
}
