/**
 * Help pages as stricli writes them, made to fit 80 columns.
 *
 * @module
 */

/** Widest line of a help page. */
const COLUMNS = 80;

/** A group with more commands than fit is only named; its own page has them. */
function shortenGroups(text: string): string {
  return text.replaceAll(
    /^( {2}\S.*?) [\w-]+(?:\|[\w-]+)+ \.\.\.$/gm,
    (line, group) => line.length <= COLUMNS ? line : `${group} <command> ...`,
  );
}

/**
 * Takes out what says nothing, that a flag is off unless given, and moves the
 * values of a flag next to its words.
 */
export function tidyHelp(text: string): string {
  return shortenGroups(text).replaceAll(/ +\[default = false\]$/gm, "")
    .replaceAll(/(\S) {2,}(\[[^\][]+\])$/gm, "$1 $2")
    .replaceAll(/[ \t]+$/gm, "");
}
