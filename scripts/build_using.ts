/**
 * Brings `using` safely through the minifier. That one inlines a variable that
 * is looked at once, even if it is declared with `using`: the declaration goes,
 * and what was taken, a lock perhaps, is never given back. So each variable is
 * looked at once more on the way, by a call that is taken out afterwards.
 *
 * @module
 */

const KEEP = "REEVE_KEEPS";

/** How many declarations with `using` there are, minified or not. */
export function countUsing(code: string): number {
  return [...code.matchAll(/\busing [\w$]+ ?= ?/g)].length;
}

/**
 * Adds a look at each variable that is declared with `using`.
 *
 * @param code As the bundler writes it: one statement begins a line, and the
 * last line of a longer one is as far from the left as its first.
 */
export function keepUsing(code: string): string {
  const lines: string[] = [];
  let open: { readonly indent: string; readonly name: string } | undefined;
  for (const line of code.split("\n")) {
    lines.push(line);
    const [, indent, name] = /^(\s*)(?:await )?using ([\w$]+) = /.exec(line) ??
      [];
    if (indent !== undefined && name !== undefined) open = { indent, name };
    if (open === undefined || !line.endsWith(";")) continue;
    const rest = line.slice(open.indent.length);
    const isWhole = line.startsWith(open.indent) && /^\S/.test(rest);
    if (!isWhole) continue;
    lines.push(`${open.indent}${KEEP}(${open.name});`);
    open = undefined;
  }
  return lines.join("\n");
}

/** Takes those looks out again. */
export function dropKeeps(code: string): string {
  return code
    .replaceAll(new RegExp(`\\b${KEEP}\\([\\w$]+\\)[,;]`, "g"), "")
    .replaceAll(new RegExp(`[,;]${KEEP}\\([\\w$]+\\)(?=[})])`, "g"), "");
}

/**
 * Checks that code came through.
 *
 * @throws {TypeError} when a declaration is missing or a look was left.
 */
export function checkUsing(before: string, after: string): void {
  const [had, has] = [countUsing(before), countUsing(after)];
  if (had !== has) {
    throw new TypeError(`The minifier took ${had - has} of ${had} using out`);
  }
  if (after.includes(KEEP)) {
    throw new TypeError(`${KEEP} is left in the bundle`);
  }
}
