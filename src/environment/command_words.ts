/**
 * Splits a command line into words as a POSIX shell does, but without
 * expansion and without operators: no shell runs what a service's settings say
 * unless they say so.
 *
 * @module
 */

/** The words of a command, or why it has none. */
export type CommandWords =
  | { readonly kind: "words"; readonly words: readonly string[] }
  | { readonly kind: "bad"; readonly reason: string };

// A quoted part never spans what a bare part could be read as.
const PART =
  /\\(?<escaped>[^])|'(?<single>[^']*)'|"(?<double>(?:[^"\\]|\\[^])*)"|(?<operator>&&|\|\||>>|<<|[&|;<>()\n`])|(?<gap>[ \t]+)|(?<bare>[^\\'"&|;<>()\n` \t]+)/y;
const SAFE = /^[A-Za-z0-9_.,:/@%+={}-]+$/;

/**
 * Splits a command line. Quotes and backslashes join what is in them to one
 * word; `$` and `*` stay what they are.
 */
export function splitCommand(text: string): CommandWords {
  if (/^\s*[A-Za-z_][A-Za-z0-9_]*=/.test(text)) {
    return bad("a variable before the command belongs in a key of its own");
  }
  const words: string[] = [];
  let word: string | undefined;
  for (let at = 0; at < text.length;) {
    PART.lastIndex = at;
    const groups = PART.exec(text)?.groups;
    if (groups === undefined) return bad("a quote or a backslash is left open");
    at = PART.lastIndex;
    const { escaped, single, double, operator, gap, bare } = groups;
    if (operator !== undefined) return bad(operatorReason(operator));
    if (gap !== undefined) {
      if (word !== undefined) words.push(word);
      word = undefined;
    } else if (word === undefined && bare?.startsWith("#")) {
      return bad("a # before a word starts a comment; put it in quotes");
    } else {
      word = (word ?? "") +
        (escaped ?? single ?? bare ?? unescape(double ?? ""));
    }
  }
  if (word !== undefined) words.push(word);
  return checkWords(words);
}

/** A command line that {@linkcode splitCommand} splits into these words. */
export function joinCommand(words: readonly string[]): string {
  return words.map((word, at) => {
    const isSafe = SAFE.test(word) && !(at === 0 && word.includes("="));
    return isSafe ? word : `'${word.replaceAll("'", "'\\''")}'`;
  }).join(" ");
}

function checkWords(words: readonly string[]): CommandWords {
  const [first] = words;
  if (first === undefined || first === "") return bad("it names no program");
  return { kind: "words", words };
}

function bad(reason: string): CommandWords {
  return { kind: "bad", reason };
}

function operatorReason(operator: string): string {
  const shown = operator === "\n" ? "a line break" : operator;
  return `${shown} needs a shell: write sh -c '…'`;
}

/** Between double quotes a backslash escapes only what a shell would read. */
function unescape(text: string): string {
  return text.replace(
    /\\(["\\$`\n])/g,
    (_, letter) => letter === "\n" ? "" : letter,
  );
}
