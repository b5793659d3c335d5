/**
 * Texts that look like credentials, whoever made them, and how they are taken
 * out of what people and programs write.
 *
 * @module
 */

/** What stands in the place of a secret. */
export const REDACTED = "<redacted>";

/** One kind of credential, whoever made it. */
interface Secret {
  /** What every text with one has in it, in whatever case. */
  readonly clue: string;
  /** What is taken out. */
  readonly pattern: RegExp;
  /** What stands there then. */
  readonly instead: string;
}

const SECRETS: readonly Secret[] = [
  {
    // User and password inside a URL; looking for its scheme would take long.
    clue: "://",
    pattern: /(:\/\/)[^\s/@:]+:[^\s/@]+@/g,
    instead: `$1${REDACTED}@`,
  },
  {
    // JSON Web Tokens
    clue: "eyJ",
    pattern: /\beyJ[\w-]{8,500}\.[\w-]{8,}\.[\w-]*/g,
    instead: REDACTED,
  },
  {
    // keys of GitHub, GitLab, Slack, Stripe and OpenAI by their prefixes
    clue: "gh[pousr]_|github_pat_|glpat-|xox[abpr]-|[sr]k_live_|sk-",
    pattern:
      /\b(?:gh[pousr]_|github_pat_|glpat-|xox[abpr]-|[sr]k_live_|sk-)[\w-]{12,}/g,
    instead: REDACTED,
  },
  {
    // keys of AWS
    clue: "AKIA",
    pattern: /\bAKIA[0-9A-Z]{16}\b/g,
    instead: REDACTED,
  },
  {
    clue: "-----BEGIN",
    pattern:
      /-----BEGIN [A-Z ]*PRIVATE KEY-----[\s\S]*?(?:-----END [A-Z ]*PRIVATE KEY-----|$)/g,
    instead: REDACTED,
  },
  {
    // `Bearer x`, `password=x`, `"api_key": "x"` and the like keep their name.
    clue: "bearer|pass|secret|token|api[_-]?key|authorization",
    pattern:
      /\b(bearer\s+|(?:pass(?:word|wd)?|secret|token|api[_-]?key|authorization)["']?\s*[:=]\s*["']?(?:bearer\s+|basic\s+)?)([^\s"',;&]{4,})/gi,
    instead: `$1${REDACTED}`,
  },
];

/** Most texts have no clue, and one look tells it. */
const CLUE = new RegExp(SECRETS.map(({ clue }) => clue).join("|"), "i");

/** Redacts one text; `home` becomes `~`. */
export function redactText(text: string, home: string | undefined): string {
  let clean = text;
  if (home !== undefined && home.length > 1) {
    clean = clean.replaceAll(home, "~");
  }
  if (!CLUE.test(clean)) return clean;
  // What one rule takes out may let another see a secret around it.
  for (let before = ""; before !== clean;) {
    before = clean;
    for (const { pattern, instead } of SECRETS) {
      clean = clean.replace(pattern, instead);
    }
  }
  return clean;
}
