/**
 * Joins work that several callers want at the same time: each call to a disk
 * costs as much for fifty of them as for one.
 *
 * @module
 */

/**
 * Makes a function that hands its arguments on in batches, one batch at a
 * time. Each call settles with its batch.
 */
export function batchWrites<T>(
  write: (items: readonly T[]) => Promise<void>,
): (item: T) => Promise<void> {
  let items: T[] = [];
  let next: Promise<void> | undefined;
  let current: Promise<unknown> = Promise.resolve();
  return (item) => {
    items.push(item);
    next ??= current.then(() => {
      const batch = items;
      items = [];
      next = undefined;
      const written = write(batch);
      current = written.catch(() => undefined);
      return written;
    });
    return next;
  };
}
