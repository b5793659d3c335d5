/**
 * A terminal that a test reads and answers.
 *
 * @module
 */

import type { Terminal } from "../../src/host/host.ts";
import type { KeyReader } from "../../src/host/keyboard.ts";

/** How the terminal of a fake host is. */
export interface FakeTerminalOptions {
  /** Whether a person can be asked. @default false */
  readonly isInteractive?: boolean;
  /** Whether standard output shows colours. @default false */
  readonly hasColor?: boolean;
  /** Whether one can draw on standard output. @default false */
  readonly isScreen?: boolean;
  /** Width. @default 80 */
  readonly columns?: number;
  /** What the person answers, in order; then no. @default [] */
  readonly answers?: readonly boolean[];
  /** Height. @default 24 */
  readonly rows?: number;
  /** Lines that the person types, in order; then input ends. @default [] */
  readonly lines?: readonly string[];
  /** Keys that the person presses, in order; then input ends. @default [] */
  readonly keys?: readonly string[];
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
  /** Whether one can draw on standard output. */
  isScreen: boolean;
  /** Height in rows. */
  rows: number;
  /** Whether the reader of standard output has left. */
  isDeserted = () => false;
  /** Whether somebody has taken the keyboard and not given it back. */
  hasKeys = false;
  readonly #answers: boolean[];
  readonly #lines: string[];
  readonly #keys: string[];
  #input: string;

  /** Creates a terminal on which nothing is written yet. */
  constructor(options: FakeTerminalOptions = {}) {
    this.columns = options.columns ?? 80;
    this.isInteractive = options.isInteractive ?? false;
    this.hasColor = options.hasColor ?? false;
    this.isScreen = options.isScreen ?? false;
    this.#answers = [...options.answers ?? []];
    this.rows = options.rows ?? 24;
    this.#lines = [...options.lines ?? []];
    this.#keys = [...options.keys ?? []];
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

  /** Writes the question down and gives the next line. */
  readLine(question: string): Promise<string | undefined> {
    this.questions.push(question);
    this.errors += question;
    return Promise.resolve(this.#lines.shift());
  }

  /** Gives the keys that the person presses. */
  openKeys(): Promise<KeyReader> {
    this.hasKeys = true;
    return Promise.resolve({
      next: (signal) =>
        Promise.resolve(signal?.aborted ? undefined : this.#keys.shift()),
      close: () => {
        this.hasKeys = false;
      },
    });
  }

  /** Gives what standard input holds, which is empty then. */
  readInput(): Promise<string> {
    const input = this.#input;
    this.#input = "";
    return Promise.resolve(input);
  }
}
