/**
 * A terminal that a test reads and answers.
 *
 * @module
 */

import type { Terminal } from "../../src/host/host.ts";

/** How the terminal of a fake host is. */
export interface FakeTerminalOptions {
  /** Whether a person can be asked. @default false */
  readonly isInteractive?: boolean;
  /** Whether standard output shows colours. @default false */
  readonly hasColor?: boolean;
  /** Width. @default 80 */
  readonly columns?: number;
  /** What the person answers, in order; then no. @default [] */
  readonly answers?: readonly boolean[];
  /** What standard input holds. @default "" */
  readonly input?: string;
}

/** A terminal that keeps what was written to it. */
export class FakeTerminal implements Terminal {
  /** Everything written to standard output. */
  output = "";
  /** Everything written to standard error. */
  errors = "";
  /** Every question, in order. */
  readonly questions: string[] = [];
  /** Width in columns. */
  columns: number;
  /** Whether a person can be asked. */
  isInteractive: boolean;
  /** Whether standard output shows colours. */
  hasColor: boolean;
  readonly #answers: boolean[];
  #input: string;

  /** Creates a terminal on which nothing is written yet. */
  constructor(options: FakeTerminalOptions = {}) {
    this.columns = options.columns ?? 80;
    this.isInteractive = options.isInteractive ?? false;
    this.hasColor = options.hasColor ?? false;
    this.#answers = [...options.answers ?? []];
    this.#input = options.input ?? "";
  }

  /** Writes to standard output. */
  out(text: string): void {
    this.output += text;
  }

  /** Writes to standard error. */
  err(text: string): void {
    this.errors += text;
  }

  /** Writes the question down and gives the next answer. */
  confirm(question: string): Promise<boolean> {
    this.questions.push(question);
    this.errors += `${question} [y/N] `;
    return Promise.resolve(this.#answers.shift() ?? false);
  }

  /** Gives what standard input holds, which is empty then. */
  readInput(): Promise<string> {
    const input = this.#input;
    this.#input = "";
    return Promise.resolve(input);
  }
}
