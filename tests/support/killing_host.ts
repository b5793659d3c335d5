/**
 * A host that ends its own process without warning at the n-th step that
 * changes or reads something on the disk.
 *
 * @module
 */

import type { BlockingFiles } from "../../src/host/blocking_files.ts";
import type { Database } from "../../src/host/databases.ts";
import { HostError } from "../../src/host/host.ts";
import type { QueueHost } from "../../src/queue/store.ts";

/** Counts steps. */
export class KillSwitch {
  /** Steps so far. */
  steps = 0;
  /** Whether the next transactions find another process in the way. */
  isBusy = false;
  readonly #killAt: number;

  /** @param killAt step at which the process ends; 0 for never. */
  constructor(killAt: number) {
    this.#killAt = killAt;
  }

  /** One step; does not return when it is the one. */
  step(): void {
    if (++this.steps !== this.#killAt) return;
    Deno.kill(Deno.pid, "SIGKILL");
    // The signal is there before any other instruction has an effect.
    while (true);
  }

  /** Whether the next step is the one, so that half of it can be done. */
  get isNext(): boolean {
    return this.steps + 1 === this.#killAt;
  }
}

function killing(db: Database, kill: KillSwitch): Database {
  const around = <T>(act: () => T): T => {
    kill.step();
    const result = act();
    kill.step();
    return result;
  };
  return {
    exec: (script) => around(() => db.exec(script)),
    run: (sql, ...values) => around(() => db.run(sql, ...values)),
    get: (sql, ...values) => db.get(sql, ...values),
    all: (sql, ...values) => db.all(sql, ...values),
    transaction: (act) =>
      around(() => {
        if (kill.isBusy) throw new HostError("busy", "queue.db");
        return db.transaction(() => {
          const result = act();
          kill.step();
          return result;
        });
      }),
    setBusyTimeout: (ms) => db.setBusyTimeout(ms),
    close: () => around(() => db.close()),
    [Symbol.dispose]: () => around(() => db.close()),
  };
}

function killingFiles(files: BlockingFiles, kill: KillSwitch): BlockingFiles {
  return {
    ...files,
    rename: (from, to) => {
      kill.step();
      files.rename(from, to);
      kill.step();
    },
    appendLocked: (path, text, maxBytes) => {
      // A process may also end in the middle of a line.
      const part = Math.floor(text.length * ((kill.steps % 10) / 10));
      if (kill.isNext) files.appendLocked(path, text.slice(0, part), maxBytes);
      kill.step();
      const result = files.appendLocked(path, text, maxBytes);
      kill.step();
      return result;
    },
    takeLocked: (path, use) => {
      kill.step();
      files.takeLocked(path, (text) => {
        use(text);
        kill.step();
      });
      kill.step();
    },
  };
}

/** A host over another that ends with the switch. */
export function killingHost(host: QueueHost, kill: KillSwitch): QueueHost {
  return {
    ...host,
    blocking: killingFiles(host.blocking, kill),
    databases: {
      open: (path, options) => {
        kill.step();
        return killing(host.databases.open(path, options), kill);
      },
    },
  };
}
