/**
 * SQLite in a fake world: one database in memory for each file on its disk.
 *
 * @module
 */

import { DatabaseSync } from "node:sqlite";
import type {
  Database,
  Databases,
  OpenDatabaseOptions,
  SqlRow,
  SqlValue,
} from "../../src/host/databases.ts";
import { SqliteDatabase } from "../../src/host/deno_databases.ts";
import { HostError, type HostErrorCode } from "../../src/host/host.ts";
import { absolutePath } from "../../src/host/path.ts";
import type { FakeDisk } from "./fake_disk.ts";
import { create } from "./fake_files.ts";
import type { FakeProcess } from "./fake_process.ts";
import type { FakeFile } from "./fake_tree.ts";

/** What the shared connections call themselves; each handle has its path. */
const NO_PATH = "";

/** Narrows a failure of a database. */
export interface DatabaseFailureOptions {
  /** Ends after so many failures. @default 1 */
  readonly times?: number;
}

interface Failure {
  readonly path: string;
  readonly code: HostErrorCode;
  left: number;
}

/** What all handles on one file share. */
interface Store {
  readonly file: FakeFile;
  readonly connection: SqliteDatabase;
  /** The handle whose transaction is under way. */
  writer?: object | undefined;
}

/** The databases on a disk; the file and not its name tells them apart. */
export class FakeDatabases {
  readonly #disk: FakeDisk;
  readonly #stores = new WeakMap<FakeFile, Store>();
  readonly #failures = new Set<Failure>();

  /** Creates none yet. */
  constructor(disk: FakeDisk) {
    this.#disk = disk;
  }

  /** Makes changes of a database fail; returns how to end that. */
  fail(
    path: string,
    code: HostErrorCode,
    { times = 1 }: DatabaseFailureOptions = {},
  ): () => void {
    const failure = { path: absolutePath("/", path), code, left: times };
    this.#failures.add(failure);
    return () => this.#failures.delete(failure);
  }

  /** Throws the failure that a test wants for this change, if any. */
  check(path: string, isMeant: (code: HostErrorCode) => boolean): void {
    const full = absolutePath("/", path);
    for (const failure of this.#failures) {
      if (failure.path !== full || !isMeant(failure.code)) continue;
      if (failure.left-- > 0) throw new HostError(failure.code, path);
    }
  }

  /** How one process sees them. */
  seenBy(process: FakeProcess): Databases {
    return {
      open: (path, options) => {
        process.assertAlive();
        const store = this.#open(path, options);
        const { isReadOnly = false } = options;
        return new FakeDatabase(this, { store, process, path, isReadOnly });
      },
    };
  }

  #open(path: string, options: OpenDatabaseOptions): Store {
    try {
      this.#disk.check("openDatabase", path);
      return this.#storeOf(this.#fileAt(path, options));
    } catch (error) {
      if (!(error instanceof HostError)) throw error;
      throw new HostError(error.code, path);
    }
  }

  #fileAt(path: string, { isReadOnly }: OpenDatabaseOptions): FakeFile {
    const place = this.#disk.tree.resolve(path);
    const { node } = place;
    if (node?.kind === "directory") throw new HostError("is_a_directory", path);
    if (node !== undefined) return node;
    if (isReadOnly) throw new HostError("not_found", path);
    return create(this.#disk, place, "");
  }

  #storeOf(file: FakeFile): Store {
    const known = this.#stores.get(file);
    if (known !== undefined) return known;
    const connection = new SqliteDatabase(
      NO_PATH,
      new DatabaseSync(":memory:"),
    );
    const store = { file, connection };
    this.#stores.set(file, store);
    return store;
  }
}

interface Handle {
  readonly store: Store;
  readonly process: FakeProcess;
  readonly path: string;
  readonly isReadOnly: boolean;
}

/** One handle on a database. */
class FakeDatabase implements Database {
  readonly #all: FakeDatabases;
  readonly #handle: Handle;
  #isOpen = true;

  constructor(all: FakeDatabases, handle: Handle) {
    this.#all = all;
    this.#handle = handle;
  }

  exec(script: string): void {
    this.#use((connection) => connection.exec(script));
  }

  run(sql: string, ...values: SqlValue[]): number {
    return this.#use((connection) => {
      if (!this.#isWriting) this.#check(() => true);
      return connection.run(sql, ...values);
    });
  }

  get<T extends SqlRow>(sql: string, ...values: SqlValue[]): T | undefined {
    return this.#use((connection) => connection.get<T>(sql, ...values));
  }

  all<T extends SqlRow>(sql: string, ...values: SqlValue[]): readonly T[] {
    return this.#use((connection) => connection.all<T>(sql, ...values));
  }

  transaction<T>(act: () => T): T {
    const { isReadOnly, path } = this.#handle;
    // To read, there is nothing to lock and nothing to roll back.
    if (isReadOnly) return this.#use(act);
    return this.#use((connection) => {
      if (this.#isForeign) throw new HostError("busy", path);
      // Whoever is too late learns it first, and of a full disk last.
      this.#check((code) => code === "busy");
      return connection.transaction(() => this.#write(act));
    });
  }

  #write<T>(act: () => T): T {
    const { store } = this.#handle;
    store.writer = this;
    try {
      const result = act();
      this.#assertUsable();
      this.#check(() => true);
      return result;
    } finally {
      store.writer = undefined;
    }
  }

  setBusyTimeout(ms: number): void {
    this.#use((connection) => connection.setBusyTimeout(ms));
  }

  close(): void {
    this.#isOpen = false;
  }

  [Symbol.dispose](): void {
    this.close();
  }

  get #isWriting(): boolean {
    return this.#handle.store.writer === this;
  }

  /** Whether another handle's transaction is under way. */
  get #isForeign(): boolean {
    return this.#handle.store.writer !== undefined && !this.#isWriting;
  }

  #check(isMeant: (code: HostErrorCode) => boolean): void {
    this.#all.check(this.#handle.path, isMeant);
  }

  #assertUsable(): void {
    this.#handle.process.assertAlive();
    if (!this.#isOpen) throw new Error("database is not open");
  }

  #use<T>(act: (connection: SqliteDatabase) => T): T {
    const { store, path, isReadOnly } = this.#handle;
    this.#assertUsable();
    // SQLite keeps nothing in this file: what is in it came from elsewhere.
    if (store.file.text !== "") throw new HostError("damaged", path);
    const isForeign = this.#isForeign;
    const mayWrite = !isReadOnly && !isForeign;
    try {
      return mayWrite
        ? act(store.connection)
        : onlyReading(store.connection, act);
    } catch (error) {
      const isOurs = error instanceof HostError && error.subject === NO_PATH;
      if (!isOurs) throw error;
      const isLate = isForeign && error.code === "read_only";
      throw new HostError(isLate ? "busy" : error.code, path, error.cause);
    }
  }
}

/** All handles share a connection, so it only reads during this one call. */
function onlyReading<T>(
  connection: SqliteDatabase,
  act: (connection: SqliteDatabase) => T,
): T {
  connection.exec("PRAGMA query_only = ON");
  try {
    return act(connection);
  } finally {
    connection.exec("PRAGMA query_only = OFF");
  }
}
