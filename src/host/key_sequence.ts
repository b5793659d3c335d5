/**
 * Keys out of what a terminal sends, in whatever pieces it arrives.
 *
 * @module
 */

const ESCAPE = "\u001b";
const PASTE_BEGIN = `${ESCAPE}[200~`;
const PASTE_END = `${ESCAPE}[201~`;

// deno-lint-ignore no-control-regex -- keys are control characters
const WHOLE = /^\u001b\[[0-?]*[ -/]*[@-~]/;
// deno-lint-ignore no-control-regex -- keys are control characters
const BEGUN = /^\u001b(?:O|\[[0-?]*[ -/]*)?$/;

/** Cuts what a terminal sends into keys. What is pasted is no key. */
export class KeySequence {
  #text = "";
  #isPasting = false;

  /** Whether the last key may still go on, as an escape sequence does. */
  get isBegun(): boolean {
    return BEGUN.test(this.#text);
  }

  /** Takes what has arrived. */
  push(text: string): void {
    this.#text += text;
  }

  /**
   * The next key: a character, or an escape sequence with arrows always as
   * `\x1b[A`; `undefined` when there is none yet.
   *
   * @param more `none` when nothing more has come for a moment, so that a begun
   * sequence is the Escape key and what follows it.
   */
  next(more: "likely" | "none" = "likely"): string | undefined {
    while (this.#skipPaste()) {
      const key = this.#key(more);
      if (key === undefined) return undefined;
      this.#text = this.#text.slice(key.length);
      if (key !== PASTE_BEGIN) return sameArrow(key);
      this.#isPasting = true;
    }
    return undefined;
  }

  #key(more: "likely" | "none"): string | undefined {
    const text = this.#text;
    if (text === "") return undefined;
    if (!text.startsWith(ESCAPE)) return [...text.slice(0, 2)][0];
    const whole = WHOLE.exec(text)?.[0];
    if (whole !== undefined) return whole;
    if (this.isBegun) return more === "none" ? ESCAPE : undefined;
    return text[1] === "O" ? text.slice(0, 3) : ESCAPE;
  }

  /** Whether no paste is going on, at least no more. */
  #skipPaste(): boolean {
    if (!this.#isPasting) return true;
    const end = this.#text.indexOf(PASTE_END);
    if (end < 0) {
      // The sign of the end may have come in part.
      this.#text = this.#text.slice(-PASTE_END.length + 1);
      return false;
    }
    this.#text = this.#text.slice(end + PASTE_END.length);
    this.#isPasting = false;
    return true;
  }
}

/** Some terminals send arrows in another way while a program runs. */
function sameArrow(key: string): string {
  return key.startsWith(`${ESCAPE}O`) ? `${ESCAPE}[${key.slice(2)}` : key;
}
