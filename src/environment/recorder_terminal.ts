/**
 * Watches how a command uses the terminal: who has the keyboard and for how
 * long, and how much is typed, never what.
 *
 * @module
 */

import type { Host, Terminal } from "../host/host.ts";
import type { JsonObject } from "../state/json_value.ts";

/** A terminal that is watched. */
export interface WatchedTerminal extends Terminal {
  /** Says what is still open at the end of the command. */
  settle(): void;
}

type KeyReader = Awaited<ReturnType<Terminal["openKeys"]>>;

/** Keys that a burst is looked for in. */
const BURST = 8;
const BURST_MS = 1000;
const SAME_SHARE = 0.75;

/** Watches a terminal. */
export function watchTerminal(
  { clock, terminal }: Pick<Host, "clock" | "terminal">,
  note: (event: string, fields: JsonObject) => void,
): WatchedTerminal {
  let open = 0;
  const ask = async <T>(what: string, run: () => Promise<T>): Promise<T> => {
    const begin = clock.elapsed();
    note("terminal", { "change": `${what}_begins` });
    try {
      return await run();
    } finally {
      const ms = Math.round(clock.elapsed() - begin);
      note("terminal", { "change": `${what}_ends`, "duration_ms": ms });
    }
  };
  const own: Pick<
    WatchedTerminal,
    "confirm" | "openKeys" | "readInput" | "readLine" | "settle"
  > = {
    confirm: (question) => ask("question", () => terminal.confirm(question)),
    readLine: (question) => ask("line", () => terminal.readLine(question)),
    readInput: (maxBytes) => ask("input", () => terminal.readInput(maxBytes)),
    async openKeys(screen) {
      open++;
      note("terminal", { "change": "keys_begin" });
      return watchKeys(clock, await terminal.openKeys(screen), (fields) => {
        open--;
        note("terminal", { "change": "keys_end", ...fields });
      }, (name) => note("anomaly", { name }));
    },
    settle() {
      if (open > 0) note("anomaly", { "name": "keys_left_open" });
    },
  };
  // Everything else is asked of the terminal itself, as it is at that moment.
  return Object.assign(Object.create(terminal), own);
}

function watchKeys(
  clock: Host["clock"],
  keys: KeyReader,
  closed: (fields: JsonObject) => void,
  odd: (name: string) => void,
): KeyReader {
  const begin = clock.elapsed();
  const last: { readonly key: string; readonly at: number }[] = [];
  let count = 0;
  let isClosed = false;
  let isOdd = false;
  return {
    async next(signal) {
      const key = await keys.next(signal);
      if (key === undefined) return undefined;
      count++;
      const now = clock.elapsed();
      last.push({ key, at: now });
      while (last.length > BURST) last.shift();
      if (!isOdd && isBurst(last)) {
        isOdd = true;
        odd("input_repeated_burst");
      }
      return key;
    },
    close() {
      keys.close();
      if (isClosed) return;
      isClosed = true;
      const ms = Math.round(clock.elapsed() - begin);
      closed({ "keys": count, "duration_ms": ms });
    },
  };
}

/** Whether most of the last keys are the same one, faster than a person. */
export function isBurst(
  keys: readonly { readonly key: string; readonly at: number }[],
): boolean {
  const [first] = keys;
  const end = keys.at(-1);
  if (first === undefined || end === undefined || keys.length < BURST) {
    return false;
  }
  const most = Math.max(
    ...keys.map(({ key }) => keys.filter((one) => one.key === key).length),
  );
  return end.at - first.at <= BURST_MS && most / keys.length >= SAME_SHARE;
}
