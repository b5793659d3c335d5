/**
 * SQLite databases, as small as the queue and the receiver need them. Calls
 * are synchronous: what has returned is on disk.
 *
 * @module
 */

/** A value that SQLite stores; a text is read up to its first NUL. */
export type SqlValue = string | number | null | Uint8Array;

/** One row by column name. */
export type SqlRow = Readonly<Record<string, SqlValue>>;

/** How to open a database. */
export interface OpenDatabaseOptions {
  /** Only read; the file must exist. @default false */
  readonly isReadOnly?: boolean;
  /** How long a call waits for another process, in milliseconds. */
  readonly busyTimeoutMs: number;
}

/**
 * An open database. A refusal is a `HostError`: `busy` (another process holds
 * the lock), `damaged`, `no_space`, `read_only`, `permission_denied`, `io`;
 * any other error is a mistake in our SQL.
 */
export interface Database extends Disposable {
  /** Runs a script of statements without values. */
  exec(script: string): void;
  /** Runs one statement and returns how many rows it changed. */
  run(sql: string, ...values: SqlValue[]): number;
  /**
   * The first row, if any. Name the columns: with `*`, a change of the table by
   * another process mixes up the first answer after it.
   */
  get<T extends SqlRow>(sql: string, ...values: SqlValue[]): T | undefined;
  /** Every row. */
  all<T extends SqlRow>(sql: string, ...values: SqlValue[]): readonly T[];
  /**
   * Runs `act` in one transaction that takes the write lock at once; a throw
   * rolls everything back.
   */
  transaction<T>(act: () => T): T;
  /** Changes how long a call waits for another process, in milliseconds. */
  setBusyTimeout(ms: number): void;
  /** Closes the database; closing twice is fine. */
  close(): void;
}

/** SQLite. */
export interface Databases {
  /**
   * Opens a file, which is made 0600 when missing; its directory must exist.
   */
  open(path: string, options: OpenDatabaseOptions): Database;
}
