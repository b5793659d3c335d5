/**
 * SQLite through `node:sqlite`. Apart from the rest of the host, as only
 * commands that store something should load it.
 *
 * @module
 */

import { DatabaseSync, type StatementSync } from "node:sqlite";
import type {
  Database,
  Databases,
  OpenDatabaseOptions,
  SqlRow,
  SqlValue,
} from "./databases.ts";
import { toHostError } from "./deno_error.ts";
import { refusePipe } from "./deno_file_kind.ts";
import { HostError, type HostErrorCode } from "./host.ts";

/** Result codes of SQLite, without their extension; sqlite.org/rescode.html. */
const BY_RESULT_CODE: Readonly<Record<number, HostErrorCode>> = {
  3: "permission_denied",
  5: "busy",
  6: "busy",
  8: "read_only",
  10: "io",
  11: "damaged",
  13: "no_space",
  14: "io",
  23: "permission_denied",
  26: "damaged",
};

/** SQLITE_IOERR_SHMSIZE: there is no room for the memory that WAL shares. */
const NO_SHARED_MEMORY = 4874;

/** `exec()` and opening give no number, only the text of SQLite. */
const BY_MESSAGE: readonly (readonly [RegExp, HostErrorCode])[] = [
  [/database (?:table )?is locked/, "busy"],
  [/disk is full/, "no_space"],
  [/image is malformed|malformed database|not a database/, "damaged"],
  [/readonly database/, "read_only"],
  [/unable to open database|disk I\/O error/, "io"],
];

/** The refusal behind what SQLite threw, or the error as it was. */
export function sqliteError(subject: string, error: unknown): unknown {
  if (!(error instanceof Error)) return error;
  if (error instanceof Deno.errors.NotCapable) {
    return toHostError(subject, error);
  }
  if (!("code" in error) || error.code !== "ERR_SQLITE_ERROR") return error;
  const number = "errcode" in error ? Number(error.errcode) : undefined;
  const code = number === undefined
    ? BY_MESSAGE.find(([text]) => text.test(error.message))?.[1]
    : codeOf(number);
  return code === undefined ? error : new HostError(code, subject, error);
}

function codeOf(number: number): HostErrorCode | undefined {
  if (number === NO_SHARED_MEMORY) return "no_space";
  return BY_RESULT_CODE[number & 0xff];
}

/** A database over one connection of `node:sqlite`. */
export class SqliteDatabase implements Database {
  readonly #path: string;
  readonly #connection: DatabaseSync;
  readonly #statements = new Map<string, StatementSync>();
  #isOpen = true;

  /** Takes a connection over. */
  constructor(path: string, connection: DatabaseSync) {
    this.#path = path;
    this.#connection = connection;
  }

  exec(script: string): void {
    this.#guard(() => this.#connection.exec(script));
  }

  run(sql: string, ...values: SqlValue[]): number {
    return this.#guard(() => Number(this.#prepare(sql).run(...values).changes));
  }

  get<T extends SqlRow>(sql: string, ...values: SqlValue[]): T | undefined {
    return this.#guard(() =>
      this.#prepare(sql).get(...values) as T | undefined
    );
  }

  all<T extends SqlRow>(sql: string, ...values: SqlValue[]): readonly T[] {
    return this.#guard(() => this.#prepare(sql).all(...values) as T[]);
  }

  transaction<T>(act: () => T): T {
    // Asking for a row costs less than asking what has changed.
    this.get("BEGIN IMMEDIATE");
    try {
      const result = act();
      this.get("COMMIT");
      return result;
    } catch (error) {
      this.#rollBack();
      throw error;
    }
  }

  setBusyTimeout(ms: number): void {
    this.exec(`PRAGMA busy_timeout = ${Math.max(0, Math.round(ms))}`);
  }

  close(): void {
    if (!this.#isOpen) return;
    this.#isOpen = false;
    this.#statements.clear();
    this.#connection.close();
  }

  [Symbol.dispose](): void {
    this.close();
  }

  #prepare(sql: string): StatementSync {
    let statement = this.#statements.get(sql);
    if (statement === undefined) {
      statement = this.#connection.prepare(sql);
      this.#statements.set(sql, statement);
    }
    return statement;
  }

  /** Some failures have rolled back already; then there is nothing to do. */
  #rollBack(): void {
    if (this.#isOpen && this.#connection.isTransaction) {
      this.#connection.exec("ROLLBACK");
    }
  }

  #guard<T>(act: () => T): T {
    try {
      return act();
    } catch (error) {
      throw sqliteError(this.#path, error);
    }
  }
}

/** SQLite makes new files with the process's own mask, so we make them. */
function makePrivate(path: string): void {
  Deno.openSync(path, { create: true, append: true, mode: 0o600 }).close();
}

function open(path: string, options: OpenDatabaseOptions): Database {
  const { isReadOnly = false, busyTimeoutMs } = options;
  try {
    refusePipe(path);
    if (isReadOnly) Deno.statSync(path);
    else makePrivate(path);
    return new SqliteDatabase(
      path,
      new DatabaseSync(path, { readOnly: isReadOnly, timeout: busyTimeoutMs }),
    );
  } catch (error) {
    const known = sqliteError(path, error);
    if (known instanceof HostError) throw known;
    throw toHostError(path, error);
  }
}

/** The real SQLite. */
export const denoDatabases: Databases = { open };
