/**
 * A block at the end of the terminal that is drawn again and again, with lines
 * that stay above it.
 *
 * @module
 */

import type { Terminal } from "../host/host.ts";

const CLEAR_BELOW = "\u001b[J";

/** A block on standard error; without a person to look at it, only lines. */
export class LiveBlock {
  readonly #terminal: Pick<Terminal, "err" | "isInteractive" | "out">;
  readonly #isShown: boolean;
  #height = 0;
  #text = "";

  /** Makes an empty block, which `isWanted` may forbid. */
  constructor(
    terminal: Pick<Terminal, "err" | "isInteractive" | "out">,
    { isWanted }: { readonly isWanted: boolean },
  ) {
    this.#terminal = terminal;
    this.#isShown = isWanted && terminal.isInteractive;
  }

  /** Whether it is drawn at all. */
  get isShown(): boolean {
    return this.#isShown;
  }

  /** Draws another text in its place; no line may be wider than the screen. */
  draw(text: string): void {
    if (!this.#isShown) return;
    this.#terminal.err(`${this.#eraser()}${text}\n`);
    this.#text = text;
    this.#height = text.split("\n").length;
  }

  /** Prints a line that stays, above the block. */
  print(line: string, stream: "err" | "out"): void {
    if (this.#height === 0) {
      this.#terminal[stream](`${line}\n`);
      return;
    }
    const text = this.#text;
    this.clear();
    this.#terminal[stream](`${line}\n`);
    this.draw(text);
  }

  /** Takes the block away. */
  clear(): void {
    if (this.#height === 0) return;
    this.#terminal.err(this.#eraser());
    this.#height = 0;
  }

  #eraser(): string {
    return this.#height === 0 ? "" : `\r\u001b[${this.#height}A${CLEAR_BELOW}`;
  }
}
