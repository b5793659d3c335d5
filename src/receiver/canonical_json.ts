/**
 * Canonical JSON: keys sorted by code unit, no space. Its bytes are what a
 * hash of an event counts on.
 *
 * @module
 */

/** How the keys of a parsed value stand, at every level. */
export type KeyOrder = "sorted" | "unsorted" | "too_deep";

/** Levels of nesting that are followed. */
export const DEPTH_LIMIT = 64;

/** Whether a parsed value is an object and no list. */
export function isRecord(
  value: unknown,
): value is Readonly<Record<string, unknown>> {
  return typeof value === "object" && value !== null && !Array.isArray(value);
}

/** Says whether the keys of a parsed value are sorted by code unit. */
export function keyOrder(value: unknown, levels = DEPTH_LIMIT): KeyOrder {
  if (typeof value !== "object" || value === null) return "sorted";
  if (levels === 0) return "too_deep";
  return Array.isArray(value)
    ? orderOfItems(value, levels)
    : isRecord(value)
    ? orderOfKeys(value, levels)
    : "sorted";
}

function orderOfItems(items: readonly unknown[], levels: number): KeyOrder {
  let order: KeyOrder = "sorted";
  for (const item of items) {
    const inner = keyOrder(item, levels - 1);
    if (inner === "too_deep") return inner;
    if (inner === "unsorted") order = inner;
  }
  return order;
}

function orderOfKeys(
  record: Readonly<Record<string, unknown>>,
  levels: number,
): KeyOrder {
  let order: KeyOrder = "sorted";
  let last = "";
  for (const key of Object.keys(record)) {
    if (key < last) order = "unsorted";
    last = key;
    const inner = record[key];
    // Most values are plain: a call for each would cost more than the rest.
    if (typeof inner !== "object") continue;
    const below = keyOrder(inner, levels - 1);
    if (below === "too_deep") return below;
    if (below === "unsorted") order = below;
  }
  return order;
}

/** Writes a parsed value that is not too deep as canonical JSON. */
export function formatCanonical(value: unknown, order: KeyOrder): string {
  return order === "sorted" ? JSON.stringify(value) : formatSorted(value);
}

function formatSorted(value: unknown): string {
  if (Array.isArray(value)) return `[${value.map(formatSorted).join(",")}]`;
  if (!isRecord(value)) return JSON.stringify(value);
  const members = Object.keys(value).sort().map((key) =>
    `${JSON.stringify(key)}:${formatSorted(value[key])}`
  );
  return `{${members.join(",")}}`;
}
