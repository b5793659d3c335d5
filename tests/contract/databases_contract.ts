/**
 * What every host promises about SQLite databases.
 *
 * @module
 */

import { assert, assertEquals, assertThrows } from "@std/assert";
import type { SqlValue } from "../../src/host/databases.ts";
import { HostError } from "../../src/host/host.ts";
import type { Check } from "./contract_world.ts";
import {
  assertMistake,
  assertRefused,
  type CheckDatabases,
  type DatabasesView,
  numbersIn,
  withDatabases,
} from "./open_databases.ts";

/** Registers the tests about databases. */
export function databasesContract(check: Check): void {
  const checkOpen = withDatabases(check);
  statementContract(checkOpen);
  schemaContract(checkOpen);
  valueContract(checkOpen);
  transactionContract(checkOpen);
  throwContract(checkOpen);
  handleContract(checkOpen);
  busyContract(checkOpen);
}

function statementContract(check: CheckDatabases): void {
  check("statements give changes, a row or every row", ({ open }) => {
    const database = open("db");
    database.exec("CREATE TABLE t (n INTEGER); CREATE INDEX i ON t (n);");
    assertEquals(database.run("INSERT INTO t VALUES (?), (?)", 1, 2), 2);
    assertEquals(database.run("UPDATE t SET n = n + 1 WHERE n > 1"), 1);
    assertEquals(database.run("DELETE FROM t WHERE n > 9"), 0);
    const one = "SELECT n FROM t WHERE n = ?";
    assertEquals(database.get<{ n: number }>(one, 3)?.n, 3);
    assertEquals(database.get(one, 9), undefined);
    assertEquals(database.all(one, 9), []);
    assertEquals(numbersIn(database), [1, 3]);
  });

  check("a mistake in our SQL is no refusal", ({ open }) => {
    const database = open("db");
    database.exec("CREATE TABLE t (n INTEGER PRIMARY KEY)");
    database.run("INSERT INTO t VALUES (1)");
    const calls = [
      () => database.run("INSERT INTO none VALUES (1)"),
      () => database.run("INSERT INTO t VALUES (1)"),
      () => database.get("SELECT none"),
      () => database.exec("SELECT json('{malformed')"),
    ];
    for (const call of calls) {
      assertMistake(call);
    }
  });
}

function schemaContract(check: CheckDatabases): void {
  check("a statement outlives a change of the schema", ({ open }) => {
    const [one, two] = [open("db"), open("db")];
    one.exec("CREATE TABLE t (n INTEGER)");
    const insert = () => one.run("INSERT INTO t (n) VALUES (?)", 1);
    insert();
    assertEquals(numbersIn(one), [1]);
    one.exec("ALTER TABLE t ADD COLUMN later INTEGER DEFAULT 7");
    insert();
    two.exec("ALTER TABLE t ADD COLUMN last INTEGER; CREATE TABLE s (n)");
    insert();
    assertEquals(numbersIn(one), [1, 1, 1]);
    one.exec("DROP TABLE t; CREATE TABLE t (n INTEGER)");
    insert();
    assertEquals(numbersIn(one), [1]);
  });
}

function valueContract(check: CheckDatabases): void {
  check("a value comes back as it was", ({ open }) => {
    const database = open("db");
    database.exec("CREATE TABLE t (v ANY) STRICT");
    const { MAX_SAFE_INTEGER, MIN_SAFE_INTEGER } = Number;
    const values: readonly SqlValue[] = [
      ...["", "grüße 🦉", "line\nline", "'; DROP TABLE t", "x".repeat(100_000)],
      ...[0, 1, -1, 1.5, 2 ** 31, MAX_SAFE_INTEGER, MIN_SAFE_INTEGER],
      ...[null, new Uint8Array(), new Uint8Array([0, 1, 255])],
    ];
    for (const value of values) {
      database.run("DELETE FROM t");
      database.run("INSERT INTO t VALUES (?)", value);
      const row = database.get<{ v: SqlValue }>("SELECT v FROM t");
      assertEquals(row?.v, value);
    }
  });

  check("an integer column holds milliseconds", ({ open }) => {
    const database = open("db");
    database.exec("CREATE TABLE t (n INTEGER NOT NULL) STRICT");
    const ms = Date.UTC(2026, 0, 2);
    database.run("INSERT INTO t VALUES (?)", ms);
    const sql = "SELECT n, typeof(n) AS kind FROM t";
    const row = database.get<{ n: number; kind: string }>(sql);
    assertEquals([row?.n, row?.kind], [ms, "integer"]);
  });
}

/** A database with an empty table. */
function prepare({ open }: DatabasesView) {
  const database = open("db");
  database.exec("CREATE TABLE t (n INTEGER)");
  const insert = (n: number) => database.run("INSERT INTO t VALUES (?)", n);
  return { database, insert };
}

function transactionContract(check: CheckDatabases): void {
  check("transaction() gives what its act gives", (view) => {
    const { database, insert } = prepare(view);
    assertEquals(database.transaction(() => insert(1) + insert(2)), 2);
    assertEquals(numbersIn(database), [1, 2]);
  });

  check("transaction() rolls back after any throw", (view) => {
    const { database, insert } = prepare(view);
    const mine = [new Error("mine"), new HostError("busy", "elsewhere")];
    for (const error of mine) {
      const act = () => {
        insert(1);
        throw error;
      };
      const thrown = assertThrows(() => database.transaction(act), Error);
      assert(thrown === error);
    }
    assertMistake(() =>
      database.transaction(() => {
        insert(1);
        database.run("INSERT INTO none VALUES (1)");
      })
    );
    assertEquals(numbersIn(database), []);
    database.transaction(() => insert(2));
    assertEquals(numbersIn(database), [2]);
  });
}

function throwContract(check: CheckDatabases): void {
  check("a transaction inside another is a mistake", (view) => {
    const { database, insert } = prepare(view);
    const nested = () =>
      database.transaction(() => {
        insert(1);
        database.transaction(() => insert(2));
      });
    assertMistake(nested);
    assertEquals(numbersIn(database), []);
  });

  check("a throw is not hidden by a closed database", (view) => {
    const { database, insert } = prepare(view);
    const mine = new Error("mine");
    const act = () => {
      insert(1);
      database.close();
      throw mine;
    };
    const thrown = assertThrows(() => database.transaction(act), Error);
    assert(thrown === mine);
    assertEquals(numbersIn(view.open("db")), []);
  });
}

function handleContract(check: CheckDatabases): void {
  check("who opens a file sees what is stored", ({ open }) => {
    const [one, other] = [open("db"), open("other")];
    one.exec("CREATE TABLE t (n INTEGER)");
    one.transaction(() => one.run("INSERT INTO t VALUES (1)"));
    const two = open("db");
    assertEquals(numbersIn(two), [1]);
    two.run("INSERT INTO t VALUES (2)");
    assertEquals(numbersIn(one), [1, 2]);
    assertMistake(() => numbersIn(other));
  });

  check("closing twice is fine, using it then is not", ({ open }) => {
    const [one, two] = [open("db"), open("db")];
    one.exec("CREATE TABLE t (n INTEGER)");
    numbersIn(one);
    one.close();
    one.close();
    one[Symbol.dispose]();
    const calls = [
      () => one.exec("SELECT 1"),
      () => one.run("DELETE FROM t"),
      () => numbersIn(one),
      () => one.transaction(() => 1),
      () => one.setBusyTimeout(1),
    ];
    for (const call of calls) {
      assertMistake(call);
    }
    two.run("INSERT INTO t VALUES (1)");
    two.close();
    assertEquals(numbersIn(open("db")), [1]);
  });
}

function busyContract(check: CheckDatabases): void {
  check("who comes too late is told so in time", ({ host, open }) => {
    const [one, two] = [open("db"), open("db")];
    one.exec("PRAGMA journal_mode = WAL; CREATE TABLE t (n INTEGER)");
    two.setBusyTimeout(10);
    const start = host.clock.elapsed();
    one.transaction(() => {
      const insert = () => two.run("INSERT INTO t VALUES (2)");
      assertRefused("busy", insert);
      assertRefused("busy", () => two.exec("DELETE FROM t"));
      const { subject } = assertRefused("busy", () => two.transaction(insert));
      assert(subject.endsWith("db"));
      one.run("INSERT INTO t VALUES (1)");
    });
    assert(host.clock.elapsed() - start < 5000);
    two.transaction(() => two.run("INSERT INTO t VALUES (2)"));
    assertEquals(numbersIn(one), [1, 2]);
  });
}
