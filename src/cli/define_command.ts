/**
 * How the table of commands is written: lazy loaders, flags, help.
 *
 * @module
 */

import {
  buildCommand,
  type Command,
  numberParser,
  type StricliProcess,
  type TypedCommandParameters,
} from "@stricli/core";
import type {
  CommandContext,
  CommandFunction,
  CommandResult,
} from "./command.ts";

/** What stricli hands to every command. */
export interface ReeveContext extends CommandContext {
  /** Streams that catch what stricli itself prints. */
  readonly process: StricliProcess;
  /** What the command gave back. */
  readonly outcome: { result?: CommandResult; error?: unknown };
}

type Loaded<F, A extends readonly unknown[]> = () => Promise<
  { readonly run: CommandFunction<F, A> }
>;

/** A command that is loaded when it runs; it keeps what it gives back. */
export function command<
  const F extends Readonly<Partial<Record<keyof F, unknown>>>,
  const A extends readonly unknown[],
>(
  load: Loaded<F, A>,
  parameters: NoInfer<TypedCommandParameters<F, A, ReeveContext>>,
  docs: { readonly brief: string; readonly fullDescription?: string },
): Command<ReeveContext> {
  return buildCommand<F, A, ReeveContext>({
    loader: async () => {
      const { run } = await load();
      return async function (flags, ...args) {
        try {
          this.outcome.result = await run(this, flags, ...args);
        } catch (error) {
          this.outcome.error = error;
        }
      };
    },
    parameters,
    docs,
  });
}

/** A flag that is there or not. */
export interface BooleanFlag {
  /** What stricli tells flags apart by. */
  readonly kind: "boolean";
  /** It is off unless given. */
  readonly default: false;
  /** There is no `--no-…` form. */
  readonly withNegated: false;
  /** Its line in the help. */
  readonly brief: string;
}

/** A flag that names a file. */
export interface FileFlag {
  /** What stricli tells flags apart by. */
  readonly kind: "parsed";
  /** Takes the word as it is. */
  readonly parse: (text: string) => string;
  /** It may be left out. */
  readonly optional: true;
  /** Its value in the help. */
  readonly placeholder: "FILE";
  /** Its line in the help. */
  readonly brief: string;
}

/** A flag with a word. */
export interface WordFlag {
  /** What stricli tells flags apart by. */
  readonly kind: "parsed";
  /** Takes the word as it is. */
  readonly parse: (text: string) => string;
  /** It may be left out. */
  readonly optional: true;
  /** Its value in the help. */
  readonly placeholder: string;
  /** Its line in the help. */
  readonly brief: string;
}

/** A flag with a number. */
export interface NumberFlag {
  /** What stricli tells flags apart by. */
  readonly kind: "parsed";
  /** Takes a number. */
  readonly parse: (text: string) => number;
  /** Its value when it is left out. */
  readonly default: string;
  /** Its value in the help. */
  readonly placeholder: "N";
  /** Its line in the help. */
  readonly brief: string;
}

/** Makes a flag that is there or not. */
export function flag(brief: string): BooleanFlag {
  return { kind: "boolean", default: false, withNegated: false, brief };
}

/** The flag that every command with a result has. */
export const json: BooleanFlag = flag("Print one JSON document");

/** Makes a flag that names a file. */
export function fileFlag(brief: string): FileFlag {
  return {
    kind: "parsed",
    parse: String,
    optional: true,
    placeholder: "FILE",
    brief,
  };
}

/** Makes a flag with a word. */
export function wordFlag(placeholder: string, brief: string): WordFlag {
  return {
    kind: "parsed",
    parse: String,
    optional: true,
    placeholder,
    brief,
  };
}

/** Makes a flag with a number. */
export function numberFlag(brief: string, standard: number): NumberFlag {
  return {
    kind: "parsed",
    parse: numberParser,
    default: String(standard),
    placeholder: "N",
    brief,
  };
}

/** The texts of a help page. */
export interface CommandDocs {
  /** One line. */
  readonly brief: string;
  /** The line and the examples. */
  readonly fullDescription: string;
}

/** A brief and the examples that every help page shows. */
export function examples(brief: string, ...lines: string[]): CommandDocs {
  const shown = lines.map((line) => `  ${line}`).join("\n");
  return { brief, fullDescription: `${brief}.\n\nEXAMPLES\n${shown}` };
}
