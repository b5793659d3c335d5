/**
 * Which names and texts promise a secret.
 *
 * @module
 */

const WORDS = "pass(?:word|wd|phrase|code)?|secret|token|credentials?|cookie|" +
  "(?:api|access|private|secret|signing|encryption|role|anon|master|auth|" +
  "session|license|app|deploy|webhook)[_-]?key|authorization|jwt|dsn|" +
  "connection[_-]?string";

const SECRET_NAME = new RegExp(`(?:${WORDS})`, "i");
const MORE_VARIABLES = /(?:_KEY|_PWD|_AUTH|_PAT|_SALT|_PSK)$/i;
const NO_SECRET = /^(?:OLD)?PWD$|^SSH_AUTH_SOCK$|^XAUTHORITY$/;

/** Whether what a key of a document holds should not be shown. */
export function isSecretKey(name: string): boolean {
  return SECRET_NAME.test(name) && !/(?:_names?|_at|_ms|_count)$/.test(name);
}

/** Whether what a variable or setting holds should not be shown. */
export function isSecretVariable(name: string): boolean {
  if (NO_SECRET.test(name)) return false;
  return SECRET_NAME.test(name) || MORE_VARIABLES.test(name);
}

const TRIVIAL =
  /^(?:true|false|yes|no|on|off|null|none|undefined|\d{1,5}|development|production|staging|test|debug|info|warn|error|localhost|127\.0\.0\.1|0\.0\.0\.0|disabled|enabled|default)$/i;

/** Words that say nothing, and would take half of a bundle with them. */
export function isTrivial(value: string): boolean {
  return value.trim().length < 4 || TRIVIAL.test(value.trim());
}

const URL_PASSWORD = /:\/\/([^\s/@:"'<>]*):([^\s/@"'<>]+)@/g;
const JWT = /\beyJ[\w-]{8,500}\.[\w-]{8,}\.[\w-]*/g;
const BEARER = /\bbearer\s+([^\s"',;&<]{12,})/gi;
const KEY =
  /\b(?:gh[pousr]_|github_pat_|glpat-|xox[abpr]-|[sr]k_live_|sk-)[\w-]{12,}/g;

/** Credentials that a text shows by their shape, whoever has written it. */
export function credentialsIn(text: string): readonly string[] {
  const passwords = [...text.matchAll(URL_PASSWORD)].flatMap(
    ([, , password = ""]) => [password, decoded(password)],
  );
  const bearers = [...text.matchAll(BEARER)].map(([, token = ""]) => token);
  const whole = [JWT, KEY].flatMap((pattern) => text.match(pattern) ?? []);
  return [...passwords, ...bearers, ...whole].filter((one) => !isTrivial(one));
}

function decoded(text: string): string {
  try {
    return decodeURIComponent(text);
  } catch {
    return text;
  }
}

const FLAG = new RegExp(`^--?[\\w-]*(?:${WORDS})[\\w-]*(?:=(.*))?$`, "is");
const ASSIGNMENT = /^([A-Za-z_]\w*)=(.*)$/s;

/** Credentials in the words of a command, by the names of its flags. */
export function credentialsInWords(
  words: readonly string[],
): readonly string[] {
  return words.flatMap((word, at) => {
    const [flag, value] = FLAG.exec(word) ?? [];
    const [, name = "", text = ""] = ASSIGNMENT.exec(word) ?? [];
    return [
      ...flag === undefined ? [] : [value ?? words[at + 1] ?? ""],
      ...isSecretVariable(name) ? [text] : [],
      ...credentialsIn(word),
    ];
  }).filter((one) => !isTrivial(one));
}

// Quotes stay where they are, also those that are escaped in a text in a text.
const VALUE = `\\\\"[^"\\\\]*(?=\\\\")|"(?:[^"\\\\]|\\\\.)*(?=")|'[^']*(?=')|` +
  `[^\\s"',;&]{4,}`;
const NAMED = new RegExp(
  `(?<![A-Za-z0-9])([\\w.-]{0,64}?(?:${WORDS})[\\w-]{0,32}` +
    `(?:\\\\?["'])?(?:\\s{0,4}[:=]\\s{0,4}|` +
    `\\s(?=[^\\s-])(?<=--?[\\w-]{1,100}\\s)))(${VALUE})`,
  "gi",
);

/** Replaces what follows the name of a secret; the name stays. */
export function hideNamed(text: string, mark: string): string {
  return text.replaceAll(NAMED, (_, name: string, value: string) => {
    const [quote = ""] = /^\\?["']/.exec(value) ?? [];
    return `${name}${quote}${mark}`;
  });
}

/** Whether a text looks as if somebody had made it by chance. */
export function looksRandom(value: string): boolean {
  return /^(?=.*\d)(?=.*[A-Za-z])[\w+/=~.!@#$%^&*:-]{12,}$/.test(value) &&
    !/^(?:\.{0,2}\/|[a-z][a-z\d+.-]*:\/\/|[\w.-]+:\d+$)/i.test(value);
}

const PLACE_NAME =
  /(?:FILE|PATH|DIR|DIRECTORY|ROOT|HOME|SOCK|SOCKET|URL|URI|HOST|ADDR|ADDRESS|ENDPOINT|SERVER)$/i;
const PLACES: readonly RegExp[] = [
  /^(?:~|\.{1,2})?(?:\/[\w.@+-]*)+$/,
  /^[a-z][a-z\d+.-]*:\/\/[\w.-]*(?::\d{1,5})?(?:\/[\w.@+-]*)*$/i,
  /^[\w-]+(?:\.[\w-]+)*:\d{1,5}$/,
];
const RANDOM_PART =
  /^(?:(?=.*\d)(?=.*[a-z])(?=.*[A-Z]).{12,}|(?=.*\d)[0-9a-fA-F]{24,})$/;

/**
 * Whether a value only says where something is. A value under a name that
 * promises a secret does not, however it looks: many a password begins with a
 * slash. Neither does an address with a part that was made by chance.
 */
export function isPlace(name: string, value: string): boolean {
  if (isSecretVariable(name) && !PLACE_NAME.test(name)) return false;
  return PLACES.some((pattern) => pattern.test(value)) &&
    !value.split("/").some((part) => RANDOM_PART.test(part));
}
