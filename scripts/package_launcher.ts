/**
 * The small scripts that start Reeve, filled in from `packaging/`.
 *
 * @module
 */

/**
 * What the runtime is told before the name of the program. A command makes a
 * few MiB of objects and ends: with room for them from the beginning none of
 * them is looked through before, which is a twentieth of its time.
 */
export const RUN_FLAGS: readonly string[] = [
  "run",
  "--allow-all",
  "--no-prompt",
  "--quiet",
  "--no-config",
  "--no-lock",
  "--node-modules-dir=none",
  "--no-remote",
  "--no-check",
  "--v8-flags=--min-semi-space-size=4",
];

/**
 * Fills in a text whose gaps are words between at signs.
 *
 * @throws {TypeError} when a gap stays or a value has none.
 */
export function fillTemplate(
  template: string,
  values: Readonly<Record<string, string>>,
): string {
  let text = template;
  for (const [name, value] of Object.entries(values)) {
    if (!text.includes(`@${name}@`)) {
      throw new TypeError(`The template has no @${name}@`);
    }
    text = text.replaceAll(`@${name}@`, () => value);
  }
  const left = /@[A-Z]+@/.exec(text)?.[0];
  if (left !== undefined) throw new TypeError(`${left} was not filled in`);
  return text;
}

/** Reads a file of `packaging/` and fills it in. */
export async function fillFile(
  name: string,
  values: Readonly<Record<string, string>>,
): Promise<string> {
  const url = new URL(`../packaging/${name}`, import.meta.url);
  return fillTemplate(await Deno.readTextFile(url), values);
}

/**
 * The launcher of systems with a shell.
 *
 * @param main Path of the program from the folder of the launcher.
 * @param runtimes Where a runtime may be, from there; the first wins.
 */
export async function shellLauncher(
  main: string,
  runtimes: readonly string[],
): Promise<string> {
  return await fillFile("launcher.sh", {
    "MAIN": main,
    "RUNTIMES": runtimes.join(" "),
    "FLAGS": RUN_FLAGS.join(" "),
  });
}

/** The launcher of Windows; paths are as for {@linkcode shellLauncher}. */
export async function windowsLauncher(
  main: string,
  runtimes: readonly string[],
): Promise<string> {
  const text = await fillFile("launcher.cmd", {
    "MAIN": main.replaceAll("/", "\\"),
    "RUNTIMES": runtimes.map((path) => path.replaceAll("/", "\\")).join(" "),
    "FLAGS": RUN_FLAGS.join(" "),
  });
  return text.replaceAll("\n", "\r\n");
}
