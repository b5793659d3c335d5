/**
 * Objects without the keys that have no value, as exact optional types ask.
 *
 * @module
 */

type Defined<T> = { [K in keyof T]?: Exclude<T[K], undefined> };

/** Drops the keys without a value. */
export function defined<T extends object>(fields: T): Defined<T> {
  const kept: Defined<T> = {};
  for (const key in fields) {
    const value = fields[key];
    if (isDefined(value)) kept[key] = value;
  }
  return kept;
}

function isDefined<T>(value: T): value is Exclude<T, undefined> {
  return value !== undefined;
}
