/**
 * Reads what settings say about one service.
 *
 * @module
 */

import type { Mode, ReadyRule, ServiceDefinition } from "./model.ts";
import { splitCommand } from "./command_words.ts";
import { addFault, type Reading, readKey } from "./settings_layers.ts";
import {
  envPrefix,
  listOf,
  type NamedKey,
  type ServiceKey,
  serviceKeys,
} from "./settings_names.ts";

const VARIABLE = /^[A-Za-z_][A-Za-z0-9_]*$/;

/**
 * Reads a service. What is wrong becomes a fault of the reading; the service
 * is there all the same, with defaults in place of what is wrong.
 */
export function readService(
  reading: Reading,
  slug: string,
): ServiceDefinition {
  const key = serviceKeys(slug);
  const number = (name: ServiceKey) => numberOf(reading, key(name));
  const text = (name: ServiceKey) => textOf(reading, key(name));
  const portBase = number("PORT");
  return {
    slug,
    displayName: text("DISPLAY_NAME") ?? capitalised(slug),
    command: readCommand(reading, key("CMD"), `service ${slug}`),
    directory: text("DIR") ?? ".",
    portBase,
    ready: readReady(reading, key("READY"), portBase),
    dependsOn: listOf(text("DEPENDS_ON") ?? ""),
    env: readEnv(reading, slug),
    timeoutMs: number("READY_TIMEOUT") ?? 0,
    graceMs: number("GRACE") ?? 0,
    isCritical: readKey(reading, key("CRITICAL")) !== false,
    onlyIfPath: text("ONLY_IF_PATH"),
    modes: modesOf(reading, key("MODES")),
    healthUrl: text("HEALTH_URL"),
    publicUrl: text("PUBLIC_URL"),
  };
}

/**
 * Reads a command.
 *
 * @param owner who cannot do without it; `undefined` where it may be missing.
 */
export function readCommand(
  reading: Reading,
  key: NamedKey,
  owner: string | undefined,
): readonly string[] {
  const before = reading.faults.length;
  const text = textOf(reading, key);
  if (text === undefined) {
    if (reading.faults.length === before && owner !== undefined) {
      addFault(reading, key.name, `${owner} needs a command`);
    }
    return [];
  }
  const split = splitCommand(text);
  if (split.kind === "words") return split.words;
  addFault(reading, key.name, split.reason);
  return [];
}

/** Reads a text; `undefined` for none and for an empty one. */
export function textOf(reading: Reading, key: NamedKey): string | undefined {
  const value = readKey(reading, key);
  return typeof value === "string" && value !== "" ? value : undefined;
}

/** Reads a number. */
export function numberOf(
  reading: Reading,
  key: NamedKey,
): number | undefined {
  const value = readKey(reading, key);
  return typeof value === "number" ? value : undefined;
}

/** Reads modes, always in the same order. */
export function modesOf(reading: Reading, key: NamedKey): readonly Mode[] {
  const value = readKey(reading, key);
  const all: readonly Mode[] = ["main", "trees"];
  return Array.isArray(value) ? all.filter((mode) => value.includes(mode)) : [];
}

/** The usual name of a service for people. */
export function capitalised(slug: string): string {
  return slug.slice(0, 1).toUpperCase() + slug.slice(1);
}

/** The text of a ready rule in a file. */
export function readyText(rule: ReadyRule): string {
  switch (rule.kind) {
    case "http":
      return `http:${rule.path}`;
    case "log":
      return `log:${rule.pattern}`;
    default:
      return rule.kind;
  }
}

function readReady(
  reading: Reading,
  key: NamedKey,
  portBase: number | undefined,
): ReadyRule {
  const usual: ReadyRule = {
    kind: portBase === undefined ? "running" : "listen",
  };
  const text = textOf(reading, key);
  if (text === undefined) return usual;
  const rule = parseReady(text);
  if (rule.kind === "log" && !isPattern(rule.pattern)) {
    addFault(reading, key.name, "its pattern is no regular expression");
    return usual;
  }
  if (needsPort(rule) && portBase === undefined) {
    const needed = key.name.replace(/READY$/, "PORT");
    addFault(reading, key.name, `${rule.kind} needs a port: set ${needed}`);
    return usual;
  }
  return rule;
}

function parseReady(text: string): ReadyRule {
  if (text.startsWith("http:")) {
    return { kind: "http", path: text.slice("http:".length) };
  }
  if (text.startsWith("log:")) {
    return { kind: "log", pattern: text.slice("log:".length) };
  }
  return text === "exit" || text === "running"
    ? { kind: text }
    : { kind: "listen" };
}

function needsPort({ kind }: ReadyRule): boolean {
  return kind === "listen" || kind === "http";
}

function isPattern(pattern: string): boolean {
  try {
    return new RegExp(pattern) instanceof RegExp;
  } catch (error) {
    if (error instanceof SyntaxError) return false;
    throw error;
  }
}

function readEnv(
  reading: Reading,
  slug: string,
): Readonly<Record<string, string>> {
  const prefix = envPrefix(slug);
  const keys = reading.layers.variables.filter((name) =>
    name.startsWith(prefix)
  );
  const entries = keys.flatMap(
    (key): readonly (readonly [string, string])[] => {
      const stated = reading.layers.find(key);
      if (stated === undefined) return [];
      reading.origins.set(key, stated.origin);
      const name = key.slice(prefix.length);
      if (!VARIABLE.test(name)) {
        addFault(reading, key, "it must end with the name of a variable");
        return [];
      }
      if (/^REEVE_/i.test(name)) {
        addFault(reading, key, "variables that start with REEVE_ are reserved");
        return [];
      }
      return [[name, stated.text]];
    },
  );
  return Object.fromEntries(entries);
}
