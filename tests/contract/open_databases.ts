/**
 * Files of a contract's test as open databases.
 *
 * @module
 */

import { assert, assertEquals, assertThrows } from "@std/assert";
import type { Database, SqlValue } from "../../src/host/databases.ts";
import { type Host, HostError } from "../../src/host/host.ts";
import { joinPath } from "../../src/host/path.ts";
import type { Check } from "./contract_world.ts";

const BUSY_MS = 50;

/** Files of the test as databases; all close at its end. */
export interface DatabasesView {
  /** The host to try. */
  readonly host: Host;
  /** Path of a file of the test. */
  readonly at: (name: string) => string;
  /** Opens one to write. */
  readonly open: (name: string) => Database;
  /** Opens one to read. */
  readonly openToRead: (name: string) => Database;
}

/** Registers tests about databases. */
export type CheckDatabases = (
  title: string,
  run: (view: DatabasesView) => void | Promise<void>,
  options?: { readonly ignore?: boolean },
) => void;

/** Gives each test databases of its own. */
export function withDatabases(check: Check): CheckDatabases {
  return (title, run, options) =>
    check(`databases: ${title}`, async ({ host, tempDir }) => {
      const databases = await host.databases();
      using stack = new DisposableStack();
      const at = (name: string) => joinPath(tempDir, name);
      const open = (name: string) =>
        stack.use(databases.open(at(name), { busyTimeoutMs: BUSY_MS }));
      const openToRead = (name: string) => {
        const isReadOnly = true;
        const how = { isReadOnly, busyTimeoutMs: BUSY_MS };
        return stack.use(databases.open(at(name), how));
      };
      await run({ host, at, open, openToRead });
    }, options);
}

/** Asserts that the machine refuses, for a reason. */
export function assertRefused(code: string, run: () => unknown): HostError {
  const error = assertThrows(run, HostError);
  assertEquals<string>(error.code, code);
  return error;
}

/** Asserts that it fails, and not because the machine refuses. */
export function assertMistake(run: () => unknown): void {
  assert(!(assertThrows(run, Error) instanceof HostError));
}

/** Numbers in the table of the test, in their order. */
export function numbersIn(database: Database): readonly SqlValue[] {
  const rows = database.all<{ n: number }>("SELECT n FROM t ORDER BY n");
  return rows.map(({ n }) => n);
}
