/**
 * What a command is: a function from flags to a result. It prints nothing; one
 * place prints every result.
 *
 * @module
 */

import type { Host } from "../host/host.ts";

/** What a command gives back. */
export interface CommandResult {
  /** Exit code. */
  readonly exit: number;
  /** Text for a person on standard output, without the last newline. */
  readonly text?: string;
  /** The one JSON document of `--json`. */
  readonly json?: unknown;
  /** Lines for standard error, in both forms. */
  readonly notes?: readonly string[];
}

/** What a command gets beside its flags. */
export interface CommandContext {
  /** The world. */
  readonly host: Host;
  /** Whether `--json` was given. */
  readonly isJson: boolean;
  /**
   * Takes over Ctrl-C and SIGTERM: from then on they abort the signal instead
   * of ending the command.
   */
  readonly takeInterrupts: () => AbortSignal;
}

/** A command, with its flags and positional arguments. */
export type CommandFunction<FLAGS, ARGS extends readonly unknown[] = []> = (
  context: CommandContext,
  flags: FLAGS,
  ...args: ARGS
) => Promise<CommandResult>;

/** The flag that every command with a result has. */
export interface JsonFlags {
  /** One JSON document. */
  readonly json: boolean;
}
