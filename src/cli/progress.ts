/**
 * A line on the terminal for work that takes longer than a second.
 *
 * @module
 */

import type { CommandContext } from "./command.ts";

/** Progress of one piece of work. */
export interface Progress {
  /** Says how much there is to do. */
  start(total: number): void;
  /** Some parts are done. @default 1 */
  advance(parts?: number): void;
  /** Takes the line away. */
  finish(): void;
}

const DELAY_MS = 1000;

/** Shows progress after a second, only where a person looks. */
export function openProgress(
  { host, isJson }: Pick<CommandContext, "host" | "isJson">,
  what: string,
): Progress {
  const done = new AbortController();
  let total = 0;
  let finished = 0;
  let isShown = false;
  const draw = () => {
    if (!isShown) return;
    host.terminal.err(`\r\u001b[2K${what}: ${finished} of ${total} done`);
  };
  return {
    start(amount) {
      total = amount;
      if (isJson || !host.terminal.isInteractive || amount === 0) return;
      host.clock.sleep(DELAY_MS, done.signal).then(() => {
        isShown = !done.signal.aborted;
        draw();
      });
    },
    advance(parts = 1) {
      finished += parts;
      draw();
    },
    finish() {
      done.abort();
      if (isShown) host.terminal.err("\r\u001b[2K");
    },
  };
}
