/**
 * How a command line ended, before anything is printed.
 *
 * @module
 */

import type { CommandResult } from "./command.ts";

/** How it ended. */
export type LineEnd =
  /** The command ran. */
  | { readonly kind: "done"; readonly result: CommandResult }
  /** It ran and could not do what it was asked for. */
  | { readonly kind: "failed"; readonly error: unknown }
  /** It only asked for a page of help. */
  | { readonly kind: "page"; readonly text: string }
  /** It was not understood. */
  | { readonly kind: "refused"; readonly error: unknown };
