/**
 * The part of a repository's file that this program writes: every key with its
 * value between two marks. All other text belongs to the person.
 *
 * @module
 */

import {
  type EnvLine,
  formatLine,
  parseEnvLines,
  removeLine,
} from "../config/env_lines.ts";
import type { AnyValue } from "../config/key_type.ts";
import { formatValue } from "../config/value_text.ts";
import { KnownError } from "../errors.ts";
import { joinCommand } from "./command_words.ts";
import type {
  DependencyChoice,
  EnvironmentSettings,
  ServiceDefinition,
} from "./model.ts";
import { isDependency } from "./service_keys.ts";
import {
  type DependencyKey,
  dependencyKey,
  envPrefix,
  type NamedKey,
  portKeys,
  type RepositoryKey,
  repositoryKey,
  type ServiceKey,
  serviceKey,
} from "./settings_names.ts";
import { readyText } from "./settings_service.ts";

/** Row that begins the block. */
export const BLOCK_START = "# >>> reeve environment >>>";

/** Row that ends the block. */
export const BLOCK_END = "# <<< reeve environment <<<";

interface Span {
  /** Index of the first letter of the block. */
  readonly start: number;
  /** Index behind its last row, with the end of that row. */
  readonly end: number;
}

type Pair = readonly [name: string, value: string];

/** Every managed key with its value, as the block holds them. */
export function managedLines(
  settings: EnvironmentSettings,
): readonly Pair[] {
  const row = (key: RepositoryKey, value: AnyValue | undefined) =>
    pair(repositoryKey(key), value);
  const { services, dependencies, worktrees } = settings;
  return [
    row("DEFAULT_MODE", settings.defaultMode),
    row("TREES_DIR", settings.treesDirectory),
    row("PLANS_DIR", worktrees.plansDirectory),
    row("WORKTREE_LINKS", worktrees.links.join(",")),
    row("WORKTREE_HOOKS", worktrees.runsHooks ? "inherit" : "off"),
    row("PUBLIC_HOST", settings.publicHost),
    row("INHERIT_ENV", settings.inheritedEnv.join(",")),
    row("SERVICES", services.map(({ slug }) => slug).join(",")),
    row("DEPENDENCIES", dependencies.map(({ id }) => id)),
    ...services.flatMap(serviceLines),
    ...dependencies.flatMap(dependencyLines),
  ];
}

/**
 * Puts settings into a text: the block is replaced, or added at the end. Every
 * other byte stays.
 *
 * @throws {KnownError} `usage` for a value that does not fit on a line;
 * `damaged_file` for a block without end.
 */
export function writeBlock(
  text: string,
  settings: EnvironmentSettings,
): string {
  const end = text.includes("\r\n") ? "\r\n" : "\n";
  const lines = managedLines(settings).map(([name, value]) => {
    requireLine(name, value);
    return formatLine(name, value);
  });
  const rows = [BLOCK_START, ...lines, BLOCK_END];
  const block = rows.map((row) => row + end).join("");
  const span = findBlock(text);
  if (span !== undefined) {
    return text.slice(0, span.start) + block + text.slice(span.end);
  }
  const gap = text === "" || text.endsWith("\n") ? "" : end;
  return text + gap + block;
}

/** The block of a text with its marks; `undefined` for one without. */
export function blockOf(text: string): string | undefined {
  const span = findBlock(text);
  return span === undefined ? undefined : text.slice(span.start, span.end);
}

/** The text without some lines of its block. */
export function withoutBlockLines(
  text: string,
  isGone: (name: string) => boolean,
): string {
  const span = findBlock(text);
  if (span === undefined) return text;
  const block = text.slice(span.start, span.end);
  const names = parseEnvLines(block).lines.map(({ name }) => name);
  return text.slice(0, span.start) +
    names.filter(isGone).reduce(removeLine, block) + text.slice(span.end);
}

/** The text without the block. */
export function withoutBlock(text: string): string {
  const span = findBlock(text);
  return span === undefined
    ? text
    : text.slice(0, span.start) + text.slice(span.end);
}

/**
 * Adds a line to the block, just before its end.
 *
 * @returns `undefined` for a text without a block.
 */
export function addToBlock(
  text: string,
  name: string,
  value: string,
): string | undefined {
  const span = findBlock(text);
  if (span === undefined) return undefined;
  requireLine(name, value);
  const block = text.slice(span.start, span.end);
  const at = span.start + block.lastIndexOf(BLOCK_END);
  const end = block.includes("\r\n") ? "\r\n" : "\n";
  return text.slice(0, at) + formatLine(name, value) + end + text.slice(at);
}

/**
 * Adds every managed key that a text does not set to its block. A block that
 * holds nothing but managed keys gets its usual order; every other byte stays.
 *
 * @returns the text itself, if it has no block.
 * @throws {KnownError} As {@linkcode writeBlock}.
 */
export function completeBlock(
  text: string,
  settings: EnvironmentSettings,
): string {
  const span = findBlock(text);
  if (span === undefined) return text;
  const wanted = new Map(managedLines(settings));
  if (isPlain(text.slice(span.start, span.end), wanted)) {
    return writeBlock(text, settings);
  }
  const stated = new Set(parseEnvLines(text).lines.map(({ name }) => name));
  return [...wanted].filter(([name]) => !stated.has(name)).reduce(
    (all, [name, value]) => addToBlock(all, name, value) ?? all,
    text,
  );
}

/** Whether a block is as it was written: nothing of a person's is in it. */
function isPlain(block: string, wanted: ReadonlyMap<string, string>): boolean {
  const rows = block.split(/\r?\n/).filter((row) =>
    row !== "" && row !== BLOCK_START && row !== BLOCK_END
  );
  const { lines } = parseEnvLines(rows.join("\n"));
  return lines.length === rows.length &&
    lines.every(({ name, value }, at) =>
      wanted.has(name) && rows[at] === formatLine(name, value)
    );
}

/**
 * Lines of the person's own that would count beside the block and say
 * something else than these settings.
 */
export function contradictingLines(
  text: string,
  settings: EnvironmentSettings,
): readonly EnvLine[] {
  const wanted = new Map(managedLines(settings));
  const prefixes = settings.services.map(({ slug }) => envPrefix(slug));
  const inside = blockRows(text);
  return parseEnvLines(text).lines.filter(({ line, name, value }) => {
    if (inside !== undefined && line >= inside.first && line <= inside.last) {
      return false;
    }
    const isManaged = wanted.has(name) ||
      prefixes.some((prefix) => name.startsWith(prefix));
    return isManaged && wanted.get(name) !== value;
  });
}

/**
 * Refuses a value that would not come back from a file as it is.
 *
 * @throws {KnownError} `usage`.
 */
export function requireLine(name: string, value: string): void {
  if (!/[\0\n\r\uFFFD]/.test(value) && value.isWellFormed()) return;
  throw new KnownError(
    "usage",
    `Cannot save ${name}: its value does not fit on one line of text`,
    { hint: "Take line breaks and unreadable letters out of it." },
  );
}

function findBlock(text: string): Span | undefined {
  const start = markAt(text, BLOCK_START, 0);
  if (start === undefined) return undefined;
  const last = markAt(text, BLOCK_END, start);
  if (last === undefined) {
    const line = text.slice(0, start).split("\n").length;
    throw new KnownError(
      "damaged_file",
      `Cannot change the settings: ${BLOCK_START} in line ${line} has no end`,
      { hint: `Add the line ${BLOCK_END} behind the last managed key.` },
    );
  }
  const end = text.indexOf("\n", last);
  return { start, end: end < 0 ? text.length : end + 1 };
}

/** Where a row begins that is a mark and nothing else. */
function markAt(text: string, mark: string, from: number): number | undefined {
  for (let at = text.indexOf(mark, from); at >= 0;) {
    const isFirst = at === 0 || /[\n\uFEFF]/.test(text[at - 1] ?? "");
    if (isFirst && /^[ \t]*\r?(?:\n|$)/.test(text.slice(at + mark.length))) {
      return at;
    }
    at = text.indexOf(mark, at + 1);
  }
  return undefined;
}

function blockRows(text: string) {
  const span = findBlock(text);
  if (span === undefined) return undefined;
  const first = text.slice(0, span.start).split("\n").length;
  const rows = text.slice(span.start, span.end).trimEnd().split("\n").length;
  return { first, last: first + rows - 1 };
}

function pair({ name, spec }: NamedKey, value: AnyValue | undefined): Pair {
  return [name, value === undefined ? "" : formatValue(spec, value)];
}

function serviceLines(service: ServiceDefinition): readonly Pair[] {
  const { slug, env } = service;
  const row = (key: ServiceKey, value: AnyValue | undefined) =>
    pair(serviceKey(slug, key), value);
  return [
    row("DISPLAY_NAME", service.displayName),
    row("CMD", joinCommand(service.command)),
    row("DIR", service.directory),
    row("PORT", service.portBase),
    row("READY", readyText(service.ready)),
    row("READY_TIMEOUT", service.timeoutMs),
    row("GRACE", service.graceMs),
    row("DEPENDS_ON", service.dependsOn.join(",")),
    row("CRITICAL", service.isCritical),
    row("MODES", service.modes),
    row("ONLY_IF_PATH", service.onlyIfPath),
    row("HEALTH_URL", service.healthUrl),
    row("PUBLIC_URL", service.publicUrl),
    ...Object.entries(env).map(([name, value]): Pair => [
      envPrefix(slug) + name,
      value,
    ]),
  ];
}

function dependencyLines(choice: DependencyChoice): readonly Pair[] {
  const { id } = choice;
  if (!isDependency(id)) return [];
  const row = (key: DependencyKey, value: AnyValue | undefined) =>
    pair(dependencyKey(id, key), value);
  return [
    row("MODE", choice.mode),
    ...portKeys(id).map((key) =>
      pair(key, choice.ports[key.resource] ?? key.port)
    ),
    row("URL", choice.url),
    row("CMD", joinCommand(choice.command)),
    row("SHARED", choice.isShared),
    row("MODES", choice.modes),
  ];
}
