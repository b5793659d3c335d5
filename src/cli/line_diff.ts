/**
 * The rows in which two texts differ.
 *
 * @module
 */

/**
 * Rows that only one of two texts has, in order: `-` those of the first, `+`
 * those of the second. Equal texts give none.
 */
export function lineDiff(before: string, after: string): readonly string[] {
  const old = rowsOf(before);
  const now = rowsOf(after);
  const common = commonLengths(old, now);
  const rows: string[] = [];
  let left = 0;
  let right = 0;
  while (left < old.length || right < now.length) {
    const isSame = left < old.length && right < now.length &&
      old[left] === now[right];
    if (isSame) {
      left++;
      right++;
      continue;
    }
    const skipsLeft = common[left + 1]?.[right] ?? -1;
    const skipsRight = common[left]?.[right + 1] ?? -1;
    if (left < old.length && skipsLeft >= skipsRight) {
      rows.push(`-${old[left++]}`);
    } else rows.push(`+${now[right++]}`);
  }
  return rows;
}

function rowsOf(text: string): readonly string[] {
  const rows = text.split(/\r?\n/);
  return rows.at(-1) === "" ? rows.slice(0, -1) : rows;
}

/** How many rows the ends of both texts share, from each pair of places. */
function commonLengths(
  old: readonly string[],
  now: readonly string[],
): readonly (readonly number[])[] {
  const lengths = Array.from(
    { length: old.length + 1 },
    () => new Array<number>(now.length + 1).fill(0),
  );
  for (let left = old.length - 1; left >= 0; left--) {
    for (let right = now.length - 1; right >= 0; right--) {
      const row = lengths[left];
      if (row === undefined) continue;
      row[right] = old[left] === now[right]
        ? (lengths[left + 1]?.[right + 1] ?? 0) + 1
        : Math.max(lengths[left + 1]?.[right] ?? 0, row[right + 1] ?? 0);
    }
  }
  return lengths;
}
