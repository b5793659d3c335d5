/**
 * Help pages as stricli writes them, made to fit 80 columns.
 *
 * @module
 */

/**
 * Takes out what says nothing, that a flag is off unless given, and moves the
 * values of a flag next to its words.
 */
export function tidyHelp(text: string): string {
  return text.replaceAll(/ +\[default = false\]$/gm, "")
    .replaceAll(/(\S) {2,}(\[[^\][]+\])$/gm, "$1 $2")
    .replaceAll(/[ \t]+$/gm, "");
}
