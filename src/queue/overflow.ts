/**
 * The overflow file: events that could not go into the queue right now. Each
 * line has a checksum; its events are complete but for their place in it.
 *
 * @module
 */

import type { BlockingFiles } from "../host/blocking_files.ts";
import { parentPath } from "../host/path.ts";
import { OVERFLOW_LIMIT_BYTES } from "./capacity.ts";
import { type Draft, hashText } from "./envelope.ts";

const CHECK_LETTERS = 16;

/** A line of an overflow file: what came together, so that none is torn off. */
export function formatDrafts(drafts: readonly Draft[]): string {
  const json = JSON.stringify(drafts);
  return `${hashText(json).slice(0, CHECK_LETTERS)} ${json}\n`;
}

/** What an overflow file holds. */
export interface OverflowContent {
  /** Its events, in the order in which they came. */
  readonly drafts: readonly Draft[];
  /** Lines that were torn by the end of a process or damaged since. */
  readonly damaged: readonly string[];
}

/** Reads the text of an overflow file, line by line. */
export function parseOverflow(text: string): OverflowContent {
  const drafts: Draft[] = [];
  const damaged: string[] = [];
  for (const line of text.split("\n")) {
    if (line === "") continue;
    const json = line.slice(CHECK_LETTERS + 1);
    const isSound = line[CHECK_LETTERS] === " " &&
      hashText(json).startsWith(line.slice(0, CHECK_LETTERS));
    const found: unknown = isSound ? JSON.parse(json) : undefined;
    if (!Array.isArray(found)) damaged.push(line);
    else for (const draft of found) drafts.push(draft);
  }
  return { drafts, damaged };
}

/**
 * Puts drafts into an overflow file, all or none.
 *
 * @throws {HostError} when the disk refuses.
 */
export function spill(
  host: { readonly blocking: BlockingFiles },
  path: string,
  drafts: readonly Draft[],
): "appended" | "full" {
  host.blocking.makeDirectory(parentPath(path));
  // A torn line of a process that was killed must not swallow the next one.
  const text = `\n${formatDrafts(drafts)}`;
  return host.blocking.appendLocked(path, text, OVERFLOW_LIMIT_BYTES);
}

/** How many bytes wait in an overflow file. */
export function overflowBytes(
  host: { readonly blocking: Pick<BlockingFiles, "stat"> },
  path: string,
): number {
  return host.blocking.stat(path)?.size ?? 0;
}
