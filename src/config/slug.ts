/**
 * Short names of projects.
 *
 * @module
 */

const LONGEST = 64;
const FALLBACK = "project";

/** Whether a text is a slug: lower-case words of letters and digits, joined. */
export function isSlug(text: string): boolean {
  return text.length <= LONGEST && /^[a-z0-9]+(?:-[a-z0-9]+)*$/.test(text);
}

/** The first of some names that has a slug in it. */
export function slugOf(...names: readonly (string | undefined)[]): string {
  for (const name of names) {
    const slug = toSlug(name ?? "");
    if (slug !== "") return slug;
  }
  return FALLBACK;
}

function toSlug(name: string): string {
  return toPlainLetters(name).toLowerCase()
    .replaceAll(/[^a-z0-9]+/g, "-")
    .replace(/^-/, "").slice(0, LONGEST).replace(/-$/, "");
}

/** Letters without their marks; most names need none of the work. */
function toPlainLetters(name: string): string {
  if (/^[\w .-]*$/.test(name)) return name;
  return name.normalize("NFKD").replaceAll(/\p{M}/gu, "");
}
