/**
 * Text of others on one line of ours.
 *
 * @module
 */

/** What a program says of itself must not move the cursor or change colours. */
export function toOneLine(text: string): string {
  // deno-lint-ignore no-control-regex
  return text.replace(/[\u0000-\u001f\u007f-\u009f]/g, "?");
}
