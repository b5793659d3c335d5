/**
 * Code that is loaded when it is first wanted.
 *
 * @module
 */

/**
 * Makes a loader load only once. A second `import()` of a module takes a turn
 * of the event loop although there is nothing left to load; a promise that is
 * settled takes none.
 */
export function loadOnce<T>(load: () => Promise<T>): () => Promise<T> {
  let loaded: Promise<T> | undefined;
  return () => loaded ??= load();
}
