/**
 * Help pages as stricli writes them, made to fit 80 columns.
 *
 * @module
 */

/** Takes out what says nothing: that a flag is off unless given. */
export function tidyHelp(text: string): string {
  return text.replaceAll(/ +\[default = false\]$/gm, "")
    .replaceAll(/[ \t]+$/gm, "");
}
