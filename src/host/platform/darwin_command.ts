/**
 * Argument vectors out of the one line that macOS `ps` prints.
 *
 * @module
 */

const ROOT_PREFIXES = ["--reeve-daemon-root=", "--spec-kitty-daemon-root="];
const EXEC_PREFIX = "--spec-kitty-daemon-exec=";
const SCRIPT_ENDS = [" --spec-kitty-daemon-root=", ` ${EXEC_PREFIX}`];

/**
 * Splits a command that `ps` printed back into its arguments. `ps` joins them
 * with single spaces, which loses where an argument with spaces began and
 * ended. Three kinds are known to hold spaces and are kept whole:
 *
 * - the scope path of a daemon marker runs to the executable marker or to the
 *   end, as the daemons put their markers last;
 * - the executable marker runs to the end;
 * - the script after `-c` runs to Spec Kitty's first marker or to the end.
 *
 * Taking too much into a marker can only lose a match: it must be equal to the
 * whole canonical scope path. But what looks like a marker can be the tail of
 * another argument with a space, so it alone proves nothing about a process.
 */
export function splitCommandText(text: string): readonly string[] {
  const parts: string[] = [];
  let rest = text;
  while (true) {
    const isScript = parts.length > 1 && parts.at(-1) === "-c";
    const end = elementEnd(rest, isScript);
    parts.push(rest.slice(0, end));
    if (end === rest.length) return parts;
    rest = rest.slice(end + 1);
  }
}

function elementEnd(rest: string, isScript: boolean): number {
  if (isScript) return firstOf(SCRIPT_ENDS, rest);
  if (rest.startsWith(EXEC_PREFIX)) return rest.length;
  const isRoot = ROOT_PREFIXES.some((prefix) => rest.startsWith(prefix));
  return firstOf([isRoot ? ` ${EXEC_PREFIX}` : " "], rest);
}

function firstOf(needles: readonly string[], text: string): number {
  const found = needles.map((needle) => text.indexOf(needle));
  return Math.min(text.length, ...found.filter((index) => index >= 0));
}

/**
 * Restores the letters beyond ASCII in an argument that `ps` printed. In the C
 * locale, the only one with fixed dates, `ps` spells each of their bytes as
 * `M-C`, `M^I` or `\240`. Only valid UTF-8 is restored; a run that is none,
 * and escaped control characters such as `\012`, stay as they were printed. An
 * argument that really holds `M-CM-)` cannot be told from one that holds `é`.
 */
export function decodePsText(text: string): string {
  return text.replaceAll(/(?:M-[!-~]|M\^[?-_]|\\240)+/g, (run) => {
    const spelled = run.match(/M-.|M\^.|\\240/g) ?? [];
    try {
      return new TextDecoder("utf-8", { fatal: true, ignoreBOM: true })
        .decode(Uint8Array.from(spelled, byteOf));
    } catch {
      return run;
    }
  });
}

function byteOf(spelled: string): number {
  if (spelled === "\\240") return 0xa0;
  const code = spelled.charCodeAt(2);
  return 0x80 | (spelled.startsWith("M^") ? code ^ 0x40 : code);
}
