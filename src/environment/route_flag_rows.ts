/**
 * What a flag of the commands about environments is, and how rows of their
 * table are written.
 *
 * @module
 */

import type {
  EnvironmentCommand,
  KeysWith,
  RouteFlags,
  WorktreePair,
} from "./route_types.ts";

/** What every flag has. */
interface FlagBase {
  /** How it is written, the usual way first. */
  readonly tokens: readonly string[];
  /** Commands that know it. */
  readonly commands: "all" | readonly EnvironmentCommand[];
  /** One line for people. */
  readonly brief: string;
}

/** A flag without a value. */
export interface SetFlag extends FlagBase {
  /** Tells the kinds apart. */
  readonly kind: "set";
  /** What it stands for. */
  readonly put: RouteFlags;
}

/** A flag with one word. */
export interface TextFlag extends FlagBase {
  /** Tells the kinds apart. */
  readonly kind: "text";
  /** What it fills. */
  readonly key: KeysWith<string> | "command" | "mode";
  /** Its value in the help. */
  readonly placeholder: string;
}

/** A flag with a whole number. */
export interface CountFlag extends FlagBase {
  /** Tells the kinds apart. */
  readonly kind: "count";
  /** What it fills. */
  readonly key: KeysWith<number>;
  /** Its value in the help. */
  readonly placeholder: string;
  /** Least value. */
  readonly min: number;
}

/** A flag that may be given more than once; its values add up. */
export interface ListFlag extends FlagBase {
  /** Tells the kinds apart; commas part the names of `list`, not of `lines`. */
  readonly kind: "lines" | "list";
  /** What it fills. */
  readonly key: KeysWith<readonly string[]> | "projects" | "services";
  /** Its value in the help. */
  readonly placeholder: string;
}

/** A flag with two words, a name and a number. */
export interface PairFlag extends FlagBase {
  /** Tells the kinds apart. */
  readonly kind: "pair";
  /** What it fills. */
  readonly key: KeysWith<readonly WorktreePair[]>;
  /** Its value in the help. */
  readonly placeholder: string;
}

/** One flag. */
export type FlagRow = CountFlag | ListFlag | PairFlag | SetFlag | TextFlag;

/** Commands that know a flag. */
export type Commands = FlagBase["commands"];

/** Makes a flag without a value. */
export function set(
  tokens: string,
  put: RouteFlags,
  commands: Commands,
  brief: string,
): SetFlag {
  return { kind: "set", tokens: tokens.split(" "), put, commands, brief };
}

/** Makes a flag with a list of names. */
export function list(
  tokens: string,
  key: ListFlag["key"],
  placeholder: string,
  commands: Commands,
  brief: string,
): ListFlag {
  const kind = "list";
  return { kind, tokens: tokens.split(" "), key, placeholder, commands, brief };
}

/** Makes a flag with one word. */
export function text(
  tokens: string,
  key: TextFlag["key"],
  placeholder: string,
  commands: Commands,
  brief: string,
): TextFlag {
  const kind = "text";
  return { kind, tokens: tokens.split(" "), key, placeholder, commands, brief };
}

/** Makes a flag with a whole number. */
export function count(
  tokens: string,
  key: CountFlag["key"],
  min: number,
  commands: Commands,
  brief: string,
): CountFlag {
  const placeholder = "N";
  return {
    kind: "count",
    tokens: tokens.split(" "),
    key,
    placeholder,
    min,
    commands,
    brief,
  };
}

/** Makes a flag with two words. */
export function pair(
  tokens: string,
  key: PairFlag["key"],
  placeholder: string,
  commands: Commands,
  brief: string,
): PairFlag {
  const kind = "pair";
  return { kind, tokens: tokens.split(" "), key, placeholder, commands, brief };
}
