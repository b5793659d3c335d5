/**
 * Lines in a JSON text, which `JSON.parse` does not tell: of every key, and of
 * the first thing that is no JSON.
 *
 * @module
 */

/** What stands on which line of a JSON text. */
export interface JsonLines {
  /** Line of a key by its path, counted from one; of several the last. */
  lineOf(path: readonly string[]): number | undefined;
  /** Line of the first thing that is no JSON. */
  readonly errorLine: number | undefined;
}

type Wanted =
  | "colon"
  | "firstKey"
  | "firstValue"
  | "key"
  | "separator"
  | "value";

interface Frame {
  readonly isObject: boolean;
  key: string;
}

interface Scan {
  readonly stack: Frame[];
  readonly lines: Map<string, number>;
  wanted: Wanted;
}

const SPACE = /[ \t\r\n]*/y;
// deno-lint-ignore no-control-regex
const PLAIN = /[^"\\\u0000-\u001f]*/y;
const ESCAPE = /\\(?:["\\/bfnrt]|u[0-9a-fA-F]{4})/y;
const WORD = /(?:-?(?:0|[1-9]\d*)(?:\.\d+)?(?:[eE][+-]?\d+)?|true|false|null)/y;

/** Deeper keys than ours are not told: their paths would be long. */
const MAX_DEPTH = 8;

/** Finds the lines of a JSON text. */
export function scanJson(text: string): JsonLines {
  const scan: Scan = { stack: [], lines: new Map(), wanted: "value" };
  let line = 1;
  let at = 0;
  let isSound = true;
  while (isSound) {
    const spaceEnd = endOf(SPACE, text, at) ?? at;
    line += countLines(text, at, spaceEnd);
    at = spaceEnd;
    if (at >= text.length) break;
    const end = tokenEnd(text, at);
    isSound = end !== undefined && accept(scan, text.slice(at, end), line);
    at = end ?? at;
  }
  const isWhole = isSound && scan.wanted === "separator" &&
    scan.stack.length === 0;
  return {
    lineOf: (path) => scan.lines.get(path.join("\0")),
    errorLine: isWhole ? undefined : line,
  };
}

function endOf(pattern: RegExp, text: string, at: number): number | undefined {
  pattern.lastIndex = at;
  return pattern.test(text) ? pattern.lastIndex : undefined;
}

function countLines(text: string, from: number, to: number): number {
  let count = 0;
  for (let at = from; at < to; at++) if (text[at] === "\n") count++;
  return count;
}

function tokenEnd(text: string, at: number): number | undefined {
  const letter = text[at] ?? "";
  if ("{}[]:,".includes(letter)) return at + 1;
  return letter === '"' ? stringEnd(text, at) : endOf(WORD, text, at);
}

function stringEnd(text: string, start: number): number | undefined {
  let at: number | undefined = start + 1;
  while (at !== undefined) {
    at = endOf(PLAIN, text, at) ?? at;
    if (text[at] === '"') return at + 1;
    at = endOf(ESCAPE, text, at);
  }
  return undefined;
}

/** Takes the next token; tells whether it may stand there. */
function accept(scan: Scan, token: string, line: number): boolean {
  const { wanted, stack } = scan;
  const top = stack.at(-1);
  if (token === "}" || token === "]") return close(scan, token);
  switch (wanted) {
    case "colon":
      scan.wanted = "value";
      return token === ":";
    case "separator":
      scan.wanted = top?.isObject ? "key" : "value";
      return token === "," && top !== undefined;
    case "firstKey":
    case "key":
      if (!token.startsWith('"') || top === undefined) return false;
      top.key = JSON.parse(token);
      scan.wanted = "colon";
      note(scan, line);
      return true;
    case "firstValue":
    case "value":
      return acceptValue(scan, token);
  }
}

function acceptValue(scan: Scan, token: string): boolean {
  if (token === ":" || token === ",") return false;
  const isObject = token === "{";
  if (isObject || token === "[") {
    scan.stack.push({ isObject, key: "" });
    scan.wanted = isObject ? "firstKey" : "firstValue";
  } else scan.wanted = "separator";
  return true;
}

function close(scan: Scan, token: "]" | "}"): boolean {
  const top = scan.stack.pop();
  const isObject = token === "}";
  const empty = isObject ? "firstKey" : "firstValue";
  const mayEnd = scan.wanted === "separator" || scan.wanted === empty;
  scan.wanted = "separator";
  return mayEnd && top?.isObject === isObject;
}

function note({ stack, lines }: Scan, line: number): void {
  if (stack.length > MAX_DEPTH) return;
  if (stack.some(({ isObject }) => !isObject)) return;
  lines.set(stack.map(({ key }) => key).join("\0"), line);
}
