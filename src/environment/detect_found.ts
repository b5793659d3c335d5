/**
 * What one file of a repository suggests to run.
 *
 * @module
 */

/** How sure a suggestion is. */
export type Confidence = "high" | "low" | "medium";

/** What one source in one directory suggests. */
export interface FoundCommand {
  /** What to call it when the directory has no name: `web`, `api`. */
  readonly role: string;
  /** Where it comes from: `deno.json task dev`. */
  readonly source: string;
  /** How sure it is that the command works and keeps to its port. */
  readonly confidence: Confidence;
  /** The command line, with `{port}`. */
  readonly command: string;
  /** Its usual port, if it listens. */
  readonly port: number | undefined;
  /** Whether it learns its port from the variable `PORT`. */
  readonly readsPort: boolean;
  /** Whether `role` is its name, whatever directory it is in. */
  readonly isNamed: boolean;
}
