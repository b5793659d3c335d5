/**
 * Names of the keys that a project's file may have, for readers of its other
 * parts: they need no more of the table of keys, and every command reads them.
 *
 * @module
 */

/** The names, as lines of the file write them. */
export const PROJECT_LINES: readonly string[] = [
  "REEVE_SYNC_AUTO_START",
  "REEVE_QUEUE_TENANT",
  "REEVE_QUEUE_CONCURRENCY",
];
