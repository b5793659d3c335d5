/**
 * What every host promises about the files behind databases.
 *
 * @module
 */

import { assert, assertEquals, assertThrows } from "@std/assert";
import { HostError } from "../../src/host/host.ts";
import { joinPath } from "../../src/host/path.ts";
import type { Check, ContractOptions } from "./contract_world.ts";
import {
  assertMistake,
  assertRefused,
  type CheckDatabases,
  numbersIn,
  withDatabases,
} from "./open_databases.ts";

/** Registers the tests about the files of databases. */
export function databaseFilesContract(
  check: Check,
  options: ContractOptions,
): void {
  const checkOpen = withDatabases(check);
  readOnlyContract(checkOpen);
  fileContract(checkOpen, options);
  damageContract(checkOpen);
  spaceContract(checkOpen);
}

function readOnlyContract(check: CheckDatabases): void {
  check("who only reads cannot write", ({ open, openToRead }) => {
    const writer = open("db");
    writer.exec("CREATE TABLE t (n INTEGER); PRAGMA user_version = 3");
    const reader = openToRead("db");
    const calls = [
      () => reader.run("INSERT INTO t VALUES (1)"),
      () => reader.exec("DELETE FROM t"),
      () => reader.exec("CREATE TABLE s (n)"),
      () => reader.exec("PRAGMA user_version = 4"),
      () => reader.get("INSERT INTO t VALUES (1) RETURNING n"),
      () => reader.transaction(() => reader.run("DELETE FROM t")),
    ];
    for (const call of calls) assertRefused("read_only", call);
    writer.run("INSERT INTO t VALUES (5)");
    assertEquals(numbersIn(reader), [5]);
    assertEquals(reader.transaction(() => numbersIn(reader)), [5]);
    const version = reader.get("PRAGMA user_version");
    assertEquals(version?.["user_version"], 3);
  });

  check("reading makes no file", async ({ host, at, openToRead }) => {
    assertRefused("not_found", () => openToRead("db"));
    assertEquals(await host.files.stat(at("db")), undefined);
  });
}

function fileContract(
  check: CheckDatabases,
  { isPosix }: ContractOptions,
): void {
  check("a database is a private file", async ({ host, at, open }) => {
    open("db").exec("PRAGMA journal_mode = WAL; CREATE TABLE t (n INTEGER)");
    for (const name of await host.files.list(at(""))) {
      assertEquals(host.blocking.stat(at(name))?.mode, 0o600, name);
    }
    assert((await host.files.list(at(""))).includes("db"));
  }, { ignore: !isPosix });

  check("a place without directory is refused", ({ at, open, openToRead }) => {
    const path = joinPath("none", "db");
    const { subject } = assertRefused("not_found", () => open(path));
    assertEquals(subject, at(path));
    assertRefused("not_found", () => openToRead(path));
  });

  check("a directory is no database", ({ host, at, open, openToRead }) => {
    host.blocking.makeDirectory(at("dir"));
    assertRefused("is_a_directory", () => open("dir"));
    assertThrows(() => openToRead("dir"), HostError);
  }, { ignore: !isPosix });

  check("a database goes with its file", ({ host, at, open }) => {
    const old = open("db");
    old.exec("CREATE TABLE t (n INTEGER)");
    old.run("INSERT INTO t VALUES (1)");
    old.close();
    host.blocking.rename(at("db"), at("aside"));
    const fresh = open("db");
    fresh.exec("CREATE TABLE t (n INTEGER)");
    assertEquals(numbersIn(fresh), []);
    assertEquals(numbersIn(open("aside")), [1]);
    fresh.close();
    host.blocking.remove(at("db"));
    assertMistake(() => numbersIn(open("db")));
  });
}

function damageContract(check: CheckDatabases): void {
  check("what is no database is damaged", async (view) => {
    const { host, at, open, openToRead } = view;
    await host.files.writeAtomic(at("db"), "no database ".repeat(1000));
    const [writer, reader] = [open("db"), openToRead("db")];
    const calls = [
      () => writer.get("PRAGMA user_version"),
      () => writer.exec("PRAGMA user_version = 4"),
      () => writer.run("CREATE TABLE t (n INTEGER)"),
      () => writer.transaction(() => 1),
      () => reader.get("PRAGMA user_version"),
      () => reader.all("SELECT name FROM sqlite_schema"),
    ];
    for (const call of calls) assertRefused("damaged", call);
    host.blocking.rename(at("db"), at("aside"));
    open("db").exec("CREATE TABLE t (n INTEGER)");
  });
}

function spaceContract(check: CheckDatabases): void {
  check("a full database has no space", ({ open }) => {
    const database = open("db");
    database.exec("CREATE TABLE t (n BLOB); PRAGMA max_page_count = 4");
    const big = new Uint8Array(100_000);
    const insert = (blob: Uint8Array) =>
      database.run("INSERT INTO t VALUES (?)", blob);
    const script = "INSERT INTO t VALUES (zeroblob(100000))";
    assertRefused("no_space", () => insert(big));
    assertRefused("no_space", () => database.exec(script));
    assertRefused("no_space", () =>
      database.transaction(() => {
        insert(new Uint8Array(1));
        insert(big);
      }));
    assertEquals(numbersIn(database), []);
    insert(new Uint8Array(1));
  });
}
