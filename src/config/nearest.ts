/**
 * What somebody has probably meant to write.
 *
 * @module
 */

const LONGEST = 100;

/**
 * The most similar of some names, unless none is similar.
 *
 * @param most how many letters may differ; by default as many as a long word
 * may have, and at least 2.
 */
export function nearestName(
  text: string,
  names: readonly string[],
  most = Math.max(2, Math.floor(text.length / 4)),
): string | undefined {
  if (text.length > LONGEST) return undefined;
  const ranked = names
    .map((name) => ({ name, distance: distanceOf(fold(text), fold(name)) }))
    .sort((a, b) => a.distance - b.distance);
  const [best] = ranked;
  return best !== undefined && best.distance <= most ? best.name : undefined;
}

function fold(text: string): string {
  return text.toLowerCase().replaceAll(/[-_. ]/g, "_");
}

/** How many letters to add, drop, change or swap. */
function distanceOf(a: string, b: string): number {
  let before: number[] = [];
  let last = Array.from({ length: b.length + 1 }, (_, at) => at);
  for (let row = 1; row <= a.length; row++) {
    const next = [row];
    for (let at = 1; at <= b.length; at++) {
      const isSame = a[row - 1] === b[at - 1];
      const isSwap = a[row - 1] === b[at - 2] && a[row - 2] === b[at - 1];
      next[at] = Math.min(
        (last[at] ?? 0) + 1,
        (next[at - 1] ?? 0) + 1,
        (last[at - 1] ?? 0) + (isSame ? 0 : 1),
        isSwap ? (before[at - 2] ?? 0) + 1 : Infinity,
      );
    }
    [before, last] = [last, next];
  }
  return last[b.length] ?? 0;
}
