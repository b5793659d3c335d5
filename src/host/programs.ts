/**
 * Small programs that are run to their end, such as `initdb` or `docker`.
 *
 * @module
 */

/** A program and how to run it. No shell is involved. */
export interface ProgramRun {
  /** Path of the executable, or a name to look for in `PATH`. */
  readonly executable: string;
  /** Arguments after the executable. */
  readonly args: readonly string[];
  /** All its variables; nothing is inherited. */
  readonly env: Readonly<Record<string, string>>;
  /** Working directory. */
  readonly cwd: string;
  /** What it reads. @default nothing */
  readonly input?: string;
  /** How long it may take; then it is killed. */
  readonly timeoutMs: number;
  /** Kills it early. */
  readonly signal?: AbortSignal;
}

/** What became of it. */
export type ProgramEnd =
  | {
    readonly kind: "exited";
    /** Exit code; 128 and the number of the signal that ended it. */
    readonly code: number;
    readonly stdout: string;
    readonly stderr: string;
  }
  /** There is no such program. */
  | { readonly kind: "missing" }
  | { readonly kind: "timeout" }
  | { readonly kind: "aborted" }
  /** It could not be started. */
  | { readonly kind: "refused"; readonly reason: string };

/** A program that a person works with. */
export type AttendedProgram = Pick<ProgramRun, "args" | "cwd" | "executable">;

/** Programs. */
export interface Programs {
  /** Runs one to its end. */
  run(program: ProgramRun): Promise<ProgramEnd>;
  /**
   * Lends our terminal and our variables to one, such as an editor, until it
   * ends.
   *
   * @returns its exit code; 128 and the number of the signal that ended it.
   */
  attend(program: AttendedProgram): Promise<number | "missing">;
}
