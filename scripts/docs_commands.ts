/**
 * Finds the command lines in a document, with what a test needs to run them.
 *
 * Every line of a fenced block of `sh` is a command that somebody will paste.
 * Comments of HTML right above a block, which no reader sees, say what is
 * special about it:
 *
 * - `<!-- run: skip because REASON -->`: nothing of the block is run;
 * - `<!-- run: skip "TEXT" because REASON -->`: nor is a line with this text;
 * - `<!-- run: exit 1 "TEXT" -->`: a line with this text ends with this code;
 * - `<!-- run: says "TEXT" -->`: the block prints this text;
 * - `<!-- run: first LINES -->`: what the reader was told to do, as commands;
 * - `<!-- run: file PATH -->`: the block, of any kind, is what the reader has in
 *   this file.
 *
 * @module
 */

/** One command line. */
export interface DocCommand {
  /** Line in the document, counted from one. */
  readonly line: number;
  /** What is typed, with the lines that continue it. */
  readonly text: string;
  /** Exit code that it has to end with. */
  readonly exit: number;
  /** Why it is not run. */
  readonly skipped: string | undefined;
}

/** One block, in the order of the document. */
export interface DocBlock {
  /** Line of its fence, counted from one. */
  readonly line: number;
  /** Commands that a reader does not see, run before it. */
  readonly first: string;
  /** Its commands; none if it is a file. */
  readonly commands: readonly DocCommand[];
  /** Texts that its commands print together. */
  readonly says: readonly string[];
  /** The file that it is, and what is in it. */
  readonly file: { readonly path: string; readonly text: string } | undefined;
}

/** A remark that cannot be understood, or belongs to nothing. */
export class DocFault extends Error {
  override readonly name = "DocFault";
}

interface Remarks {
  readonly first: string;
  readonly says: readonly string[];
  readonly file: string | undefined;
  readonly skip: string | undefined;
  readonly skips: ReadonlyMap<string, string>;
  readonly exits: ReadonlyMap<string, number>;
}

/** A block with the comments above it, and then a comment that has no block. */
const PART =
  /((?:^[ \t]*<!--[^]*?-->\s*?\n\s*)*)^( {0,3})```(\w*)[^\n]*\n([^]*?)^ {0,3}```[ \t]*$/gm;
const REMARK = /<!--\s*run:\s*([^]*?)\s*-->/g;

/**
 * The blocks of a document that are run, or that say why not.
 *
 * @throws {DocFault} for a remark that is wrong or names a line that is absent.
 */
export function readDocBlocks(markdown: string): readonly DocBlock[] {
  let remarks = 0;
  const blocks = [...markdown.matchAll(PART)].flatMap((
    match,
  ): readonly DocBlock[] => {
    const [all, comments = "", , language, body = ""] = match;
    const found = readRemarks(comments);
    // What stands in a block is shown to the reader and means nothing.
    remarks += [...`${comments}${body}`.matchAll(REMARK)].length;
    const fence = all.indexOf("```", comments.length);
    const line = lineOf(markdown, match.index + fence);
    const { file, first, says } = found;
    if (file !== undefined) {
      return [{
        line,
        first,
        says,
        commands: [],
        file: { path: file, text: body },
      }];
    }
    if (language !== "sh") return [];
    const commands = toCommands(body, line + 1, found);
    return [{ line, first, says, commands, file: undefined }];
  });
  if (remarks !== [...markdown.matchAll(REMARK)].length) {
    throw new DocFault("a remark is not right above a block of commands");
  }
  return blocks;
}

function lineOf(text: string, index: number): number {
  return text.slice(0, index).split("\n").length;
}

function readRemarks(comments: string): Remarks {
  const says: string[] = [];
  const skips = new Map<string, string>();
  const exits = new Map<string, number>();
  let [first, file, skip]: (string | undefined)[] = [];
  for (const [, text = ""] of comments.matchAll(REMARK)) {
    const [, word = "", rest = ""] = /^(\w+)\s*([^]*)$/.exec(text) ?? [];
    const [, quoted, reason] =
      /^(?:"([^"]+)"\s+)?because\s+([^]+)$/.exec(rest) ?? [];
    const [, code, line] = /^(\d+)\s+"([^"]+)"$/.exec(rest) ?? [];
    const [, said] = /^"([^"]+)"$/.exec(rest) ?? [];
    if (word === "skip" && reason !== undefined) {
      if (quoted === undefined) skip = oneLine(reason);
      else skips.set(quoted, oneLine(reason));
    } else if (word === "exit" && line !== undefined) {
      exits.set(line, Number(code));
    } else if (word === "says" && said !== undefined) says.push(said);
    else if (word === "first" && rest !== "") first = `${rest}\n`;
    else if (word === "file" && /^\S+$/.test(rest)) file = rest;
    else throw new DocFault(`a remark cannot be understood: ${text}`);
  }
  return { first: first ?? "", says, file, skip, skips, exits };
}

function oneLine(text: string): string {
  return text.replaceAll(/\s+/g, " ");
}

function toCommands(
  body: string,
  firstLine: number,
  { skip, skips, exits }: Remarks,
): readonly DocCommand[] {
  const rest = new Set([...skips.keys(), ...exits.keys()]);
  const commands = splitCommands(body).map(({ text, at }): DocCommand => {
    const named = <T>(map: ReadonlyMap<string, T>): T | undefined => {
      const key = [...map.keys()].find((words) => text.includes(words));
      if (key !== undefined) rest.delete(key);
      return key === undefined ? undefined : map.get(key);
    };
    const skipped = named(skips) ?? skip;
    return { line: firstLine + at, text, exit: named(exits) ?? 0, skipped };
  });
  if (rest.size > 0) {
    throw new DocFault(`a remark names no line: ${[...rest].join(", ")}`);
  }
  return commands;
}

/** Lines that are commands, each with the lines that continue it. */
function splitCommands(
  body: string,
): readonly { readonly text: string; readonly at: number }[] {
  const commands: { text: string; at: number }[] = [];
  let isOpen = false;
  for (const [at, line] of body.split("\n").entries()) {
    const last = commands.at(-1);
    if (isOpen && last !== undefined) last.text += `\n${line}`;
    else if (/^\s*(?:#|$)/.test(line)) continue;
    else commands.push({ text: line, at });
    isOpen = /(?:\\|\||&&)$/.test(line);
  }
  return commands;
}

/** Whether a command goes on in the background. */
export function isBackground(text: string): boolean {
  return /[^&]&\s*(?:#.*)?$/.test(text);
}
