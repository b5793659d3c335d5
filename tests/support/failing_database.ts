/**
 * A database over another one that fails where a test wants it.
 *
 * @module
 */

import type { Database } from "../../src/host/databases.ts";
import { HostError, type HostErrorCode } from "../../src/host/host.ts";

/** When to fail. */
export interface Failing {
  /** What the failure is. */
  readonly code: HostErrorCode;
  /** Number of the transaction that meets it, counted from 1. */
  readonly transaction?: number;
  /** Number of the change within a transaction that meets it, from 1. */
  readonly change?: () => number;
}

/** Wraps a database. */
export function failingDatabase(db: Database, failing: Failing): Database {
  let transactions = 0;
  let changes = 0;
  const fail = () => {
    throw new HostError(failing.code, "queue.db");
  };
  return {
    exec: (script) => db.exec(script),
    run: (sql, ...values) => {
      if (++changes === failing.change?.()) fail();
      return db.run(sql, ...values);
    },
    get: (sql, ...values) => db.get(sql, ...values),
    all: (sql, ...values) => db.all(sql, ...values),
    transaction: (act) => {
      changes = 0;
      if (++transactions === failing.transaction) fail();
      return db.transaction(act);
    },
    setBusyTimeout: (ms) => db.setBusyTimeout(ms),
    close: () => db.close(),
    [Symbol.dispose]: () => db.close(),
  };
}
