/**
 * Checks what no compiler sees: links between documents, and how long the
 * README and the source files may get.
 *
 * Run with `deno run --allow-read scripts/check_docs.ts`.
 *
 * @module
 */

import { runScript, type Usage } from "./run_script.ts";

const USAGE: Usage = {
  run: "deno run --allow-read scripts/check_docs.ts",
  does: "Checks links between documents, and how long files may get.",
};

const README_LINES = 80;
const SOURCE_LINES = 300;
const ARCHITECTURE = "docs/architecture.md";
const REQUIRED = ["README.md", "CHANGELOG.md", "SECURITY.md", ARCHITECTURE];
const SKIPPED_FOLDERS = [".git", "coverage", "dist", "node_modules"];

// Parts of a link in Markdown: `[text](target "title")`.
const ANGLED = String.raw`<([^>\n]*)>`;
const BARE = String.raw`((?:[^\s()]|\([^\s()]*\))+)`;
const TITLE = String.raw`(?:\s+["'(][^\n]*?)?`;
const INLINE = String.raw`\]\(\s*(?:${ANGLED}|${BARE})${TITLE}\s*\)`;
const DEFINITION = String.raw`^ {0,3}\[[^\]^][^\]]*\]:\s*(?:${ANGLED}|(\S+))`;

/** Every file of the project by path; only the texts we check are filled. */
export type Project = ReadonlyMap<string, string>;

/** Something to mend at one line of a file. */
export interface Problem {
  /** Path below the project root. */
  readonly path: string;
  /** Line, counted from one. */
  readonly line: number;
  /** What is wrong. */
  readonly message: string;
}

/** Blanks fenced code blocks, keeping every line in its place. */
export function withoutFences(markdown: string): string {
  let fence: string | undefined;
  const lines = markdown.split(/\r?\n/).map((line) => {
    const mark = /^[\s>]*(`{3,}|~{3,})([^`]*)$/.exec(line);
    if (fence === undefined) {
      fence = mark?.[1];
      return mark ? "" : line;
    }
    if (mark?.[1]?.startsWith(fence) && mark[2]?.trim() === "") {
      fence = undefined;
    }
    return "";
  });
  return lines.join("\n");
}

/** Anchors which GitHub gives to the headings of a document. */
export function headingSlugs(markdown: string): ReadonlySet<string> {
  const slugs = new Set<string>();
  const text = withoutFences(markdown);
  for (const [, title = ""] of text.matchAll(/^ {0,3}#{1,6}[ \t]+(.*)$/gm)) {
    const slug = title
      .replace(/[ \t]#+[ \t]*$/, "")
      .replace(/!?\[([^\]]*)\]\([^)]*\)/g, "$1")
      .trim().toLowerCase()
      .replace(/[^\p{L}\p{M}\p{N}\p{Pc}\- ]/gu, "")
      .replaceAll(" ", "-");
    let unique = slug;
    for (let n = 1; slugs.has(unique); n++) unique = `${slug}-${n}`;
    slugs.add(unique);
  }
  for (const [, id = ""] of text.matchAll(/<[^>]*\s(?:id|name)="([^"]+)"/g)) {
    slugs.add(id);
  }
  return slugs;
}

function prose(markdown: string): string {
  // A code span may wrap over a line but never over a blank line.
  const code = /(?<!`)(`+)(?!`)(?:(?!\n\s*\n)[\s\S])*?(?<!`)\1(?!`)/g;
  return withoutFences(markdown)
    .replace(code, (span) => span.replace(/[^\n]/g, " "));
}

/** Targets of the links and pictures in a document, with their lines. */
export function linksIn(
  markdown: string,
): readonly { readonly line: number; readonly target: string }[] {
  const text = prose(markdown);
  const patterns = [
    new RegExp(INLINE, "g"),
    new RegExp(DEFINITION, "gm"),
    /<[^>]*\s(?:href|src)="([^"]*)"/g,
  ];
  return patterns.flatMap((pattern) => [...text.matchAll(pattern)])
    .map((match) => ({
      line: text.slice(0, match.index).split("\n").length,
      target: match[1] ?? match[2] ?? "",
    }))
    .sort((a, b) => a.line - b.line);
}

/** Path that a relative link leads to, or `undefined` for another site. */
export function linkedPath(from: string, target: string): string | undefined {
  if (/^([a-z][a-z\d+.-]*:|\/\/)/i.test(target)) return undefined;
  const [file = ""] = target.split(/[?#]/);
  if (file === "") return from;
  const parts = file.startsWith("/") ? [] : from.split("/").slice(0, -1);
  for (const part of decode(file).split("/")) {
    if (part === "" || part === ".") continue;
    // Above the root nothing is ours: the link must not resolve.
    if (part === ".." && parts.length > 0 && parts.at(-1) !== "..") parts.pop();
    else parts.push(part);
  }
  return parts.join("/");
}

function decode(text: string): string {
  try {
    return decodeURIComponent(text);
  } catch {
    return text;
  }
}

function exists(project: Project, path: string): boolean {
  if (path === "" || project.has(path)) return true;
  return [...project.keys()].some((file) => file.startsWith(`${path}/`));
}

/** Finds links of one document that lead nowhere. */
export function checkMarkdown(
  path: string,
  project: Project,
): readonly Problem[] {
  return linksIn(project.get(path) ?? "").flatMap(({ line, target }) => {
    const linked = linkedPath(path, target);
    if (linked === undefined) return [];
    if (!exists(project, linked)) {
      return [{ path, line, message: `no file at ${target}` }];
    }
    const anchor = decode(target.split("#")[1] ?? "");
    if (anchor === "" || !linked.endsWith(".md")) return [];
    if (headingSlugs(project.get(linked) ?? "").has(anchor)) return [];
    return [{ path, line, message: `no heading for ${target}` }];
  });
}

/** Finds a text that has more lines than it may. */
export function checkLength(
  path: string,
  text: string,
  limit: number,
): readonly Problem[] {
  const count = text.replace(/\n$/, "").split("\n").length;
  if (count <= limit) return [];
  const message = `${count} lines, at most ${limit} are allowed`;
  return [{ path, line: limit + 1, message }];
}

/** Finds decision records which the architecture document does not link. */
export function checkDecisions(project: Project): readonly Problem[] {
  const links = linksIn(project.get(ARCHITECTURE) ?? "");
  const linked = new Set(
    links.map(({ target }) => linkedPath(ARCHITECTURE, target)),
  );
  return [...project.keys()]
    .filter((path) => /^docs\/adr\/[^/]+\.md$/.test(path) && !linked.has(path))
    .map((path) => ({
      path,
      line: 1,
      message: `no link from ${ARCHITECTURE}`,
    }));
}

/** Runs every check on a project. */
export function checkProject(project: Project): readonly Problem[] {
  const paths = [...project.keys()].sort();
  const pages = paths.filter((path) =>
    /^((README|CHANGELOG|SECURITY)\.md|docs\/.+\.md|\.github\/[^/]+\.md)$/.test(
      path,
    )
  );
  const sources = paths.filter((path) =>
    /^src\/.*\.ts$/.test(path) && !/_(test|bench)\.ts$/.test(path)
  );
  return [
    ...REQUIRED.filter((path) => !project.has(path))
      .map((path) => ({ path, line: 1, message: "is missing" })),
    ...pages.flatMap((path) => checkMarkdown(path, project)),
    ...checkLength("README.md", project.get("README.md") ?? "", README_LINES),
    ...sources.flatMap((path) =>
      checkLength(path, project.get(path) ?? "", SOURCE_LINES)
    ),
    ...checkDecisions(project),
  ];
}

function readProject(root: string, folder = ""): Map<string, string> {
  const project = new Map<string, string>();
  for (const { name, isDirectory } of Deno.readDirSync(root + folder)) {
    if (SKIPPED_FOLDERS.includes(name)) continue;
    const path = folder + name;
    if (isDirectory) {
      readProject(root, `${path}/`).forEach((text, key) =>
        project.set(key, text)
      );
      continue;
    }
    const isChecked = /\.md$|^src\/.*\.ts$/.test(path);
    project.set(path, isChecked ? Deno.readTextFileSync(root + path) : "");
  }
  return project;
}

function main(): number {
  const problems = checkProject(readProject(`${import.meta.dirname}/../`));
  const lines = problems.map(({ path, line, message }) =>
    `${path}:${line}: ${message}\n`
  );
  Deno.stderr.writeSync(new TextEncoder().encode(lines.join("")));
  return problems.length === 0 ? 0 : 1;
}

if (import.meta.main) await runScript(USAGE, main);
