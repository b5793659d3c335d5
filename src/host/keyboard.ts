/**
 * A person's keyboard, key by key, as types.
 *
 * @module
 */

/** Codes for a terminal on which a program draws. */
export interface ScreenCodes {
  /** Written when the keyboard is taken, also after a suspension. */
  readonly enter: string;
  /** Written when it is given back, also before a suspension. */
  readonly leave: string;
}

/**
 * Told as a key: the terminal has got another size, or something else was shown
 * on it meanwhile, so that everything must be drawn anew.
 */
export const RESIZED = "resized";

/** The keyboard of a person. */
export interface KeyReader {
  /**
   * What was pressed next, as the bytes of one key in UTF-8: `a`, `\r`, or an
   * escape sequence such as `\x1b[A`; or {@linkcode RESIZED}. What is pasted is
   * no key. `undefined` at the end of input, or when the signal aborts first;
   * then nothing that is pressed later is lost.
   */
  next(signal?: AbortSignal): Promise<string | undefined>;
  /** Gives the keyboard back as it was. Harmless when called again. */
  close(): void;
}
