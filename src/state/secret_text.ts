/**
 * Texts that look like credentials, whoever made them, and how they are taken
 * out of what people and programs write.
 *
 * @module
 */

/** What stands in the place of a secret. */
export const REDACTED = "<redacted>";

/** Texts that look like credentials, whoever made them. */
const SECRETS: readonly RegExp[] = [
  // JSON Web Tokens
  /\beyJ[\w-]{8,500}\.[\w-]{8,}\.[\w-]*/g,
  // keys of GitHub, GitLab, Slack, Stripe, OpenAI and AWS by their prefixes
  /\b(?:gh[pousr]_|github_pat_|glpat-|xox[abpr]-|[sr]k_live_|sk-)[\w-]{12,}/g,
  /\bAKIA[0-9A-Z]{16}\b/g,
  /-----BEGIN [A-Z ]*PRIVATE KEY-----[\s\S]*?(?:-----END [A-Z ]*PRIVATE KEY-----|$)/g,
];

/** `Bearer x`, `password=x`, `"api_key": "x"` and the like keep their name. */
const NAMED_SECRET =
  /\b(bearer\s+|(?:pass(?:word|wd)?|secret|token|api[_-]?key|authorization)["']?\s*[:=]\s*["']?(?:bearer\s+|basic\s+)?)([^\s"',;&]{4,})/gi;

/** User and password inside a URL; looking for its scheme would take long. */
const URL_SECRET = /(:\/\/)[^\s/@:]+:[^\s/@]+@/g;

/** Redacts one text; `home` becomes `~`. */
export function redactText(text: string, home: string | undefined): string {
  let clean = text;
  if (home !== undefined && home.length > 1) {
    clean = clean.replaceAll(home, "~");
  }
  clean = clean.replace(URL_SECRET, `$1${REDACTED}@`);
  for (const secret of SECRETS) clean = clean.replace(secret, REDACTED);
  return clean.replace(NAMED_SECRET, `$1${REDACTED}`);
}
