/**
 * Services of `deno.json` and `package.json`.
 *
 * @module
 */

import type { DirectoryFacts } from "./detect_facts.ts";
import type { FoundCommand } from "./detect_found.ts";

interface Framework {
  /** What its command line looks like. */
  readonly pattern: RegExp;
  /** How to give it a port; empty for the variable `PORT`. */
  readonly flags: string;
  /** Its usual port. */
  readonly port: number;
}

const SCRIPTS = ["dev", "start"];
const OPERATOR = /&&|\|\||[;|&]|\b(?:concurrently|npm-run-all|turbo|run-p)\b/;

const FRAMEWORKS: readonly Framework[] = [
  framework(/\bvite\b/, "--port {port} --strictPort", 5173),
  framework(/\bnext\b/, "--port {port}", 3000),
  framework(/\bnuxt\b/, "--port {port}", 3000),
  framework(/\bastro\b/, "--port {port}", 4321),
  framework(/\bng serve\b/, "--port {port}", 4200),
  framework(/\bwebpack(?:-dev-server| serve)\b/, "--port {port}", 8080),
  framework(/\bvue-cli-service serve\b/, "--port {port}", 8080),
  framework(/\bgatsby develop\b/, "--port {port}", 8000),
  framework(/\bparcel\b/, "--port {port}", 1234),
  framework(/\breact-scripts start\b/, "", 3000),
];

const RUNNERS: readonly (readonly [file: string, run: string, gap: string])[] =
  [
    ["pnpm-lock.yaml", "pnpm run", " "],
    ["yarn.lock", "yarn run", " "],
    ["bun.lock", "bun run", " "],
    ["bun.lockb", "bun run", " "],
  ];

/** The task `dev` or `start` of `deno.json`. */
export function detectDeno(facts: DirectoryFacts): readonly FoundCommand[] {
  for (const file of ["deno.json", "deno.jsonc"]) {
    const tasks = objectIn(facts.texts.get(file), "tasks");
    for (const name of SCRIPTS) {
      const text = taskText(tasks[name]);
      if (text === undefined) continue;
      const found = frameworkOf(text);
      const flags = found === undefined || found.flags === ""
        ? ""
        : ` ${found.flags}`;
      return [{
        role: found === undefined ? "app" : "web",
        source: `${file} task ${name}`,
        confidence: confidenceOf(text, found),
        command: `deno task ${name}${flags}`,
        port: found?.port ?? portIn(text) ?? 8000,
        readsPort: flags === "",
        isNamed: false,
      }];
    }
  }
  return [];
}

/** The script `dev` or `start` of `package.json`. */
export function detectPackage(facts: DirectoryFacts): readonly FoundCommand[] {
  const scripts = objectIn(facts.texts.get("package.json"), "scripts");
  for (const name of SCRIPTS) {
    const text = taskText(scripts[name]);
    if (text === undefined) continue;
    const found = frameworkOf(text);
    const [, run, gap] = RUNNERS.find(([lock]) => facts.names.has(lock)) ??
      ["", "npm run", " -- "];
    const flags = found === undefined || found.flags === ""
      ? ""
      : gap + found.flags;
    return [{
      role: found === undefined ? "app" : "web",
      source: `package.json script ${name}`,
      confidence: confidenceOf(text, found),
      command: `${run} ${name}${flags}`,
      port: found?.port ?? portIn(text) ?? 3000,
      readsPort: flags === "",
      isNamed: false,
    }];
  }
  return [];
}

function framework(pattern: RegExp, flags: string, port: number): Framework {
  return { pattern, flags, port };
}

/** Arguments reach only the last command of several, so none is trusted. */
function frameworkOf(text: string): Framework | undefined {
  if (OPERATOR.test(text)) return undefined;
  return FRAMEWORKS.find(({ pattern }) => pattern.test(text));
}

function confidenceOf(text: string, found: Framework | undefined) {
  if (found !== undefined) return "high";
  return /\bPORT\b/.test(text) ? "medium" : "low";
}

function portIn(text: string): number | undefined {
  const [, digits] = /(?:--port[ =]|\bPORT=|\s-p )(\d{2,5})\b/.exec(text) ?? [];
  const port = Number(digits);
  return port > 0 && port < 65_536 ? port : undefined;
}

/** A task of Deno is a text, or an object with one. */
function taskText(task: unknown): string | undefined {
  if (typeof task === "string") return task === "" ? undefined : task;
  return isRecord(task) ? taskText(task["command"]) : undefined;
}

/** An object within a JSON text; empty where there is none. */
function objectIn(
  text: string | undefined,
  key: string,
): Readonly<Record<string, unknown>> {
  try {
    const whole: unknown = JSON.parse(withoutComments(text ?? "{}"));
    const inner = isRecord(whole) ? whole[key] : undefined;
    return isRecord(inner) ? inner : {};
  } catch (error) {
    if (error instanceof SyntaxError) return {};
    throw error;
  }
}

function isRecord(value: unknown): value is Readonly<Record<string, unknown>> {
  return typeof value === "object" && value !== null && !Array.isArray(value);
}

/** Comments and last commas, outside of texts, are no JSON. */
function withoutComments(text: string): string {
  return text
    .replace(
      /("(?:[^"\\]|\\.)*")|\/\/[^\n]*|\/\*[^]*?\*\//g,
      (_, quoted?: string) => quoted ?? " ",
    )
    .replace(
      /("(?:[^"\\]|\\.)*")|,(?=\s*[}\]])/g,
      (_, quoted?: string) => quoted ?? "",
    );
}
