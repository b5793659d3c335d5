/**
 * What every host promises about files that are read and written at once.
 *
 * @module
 */

import { assertEquals, assertThrows } from "@std/assert";
import { HostError } from "../../src/host/host.ts";
import {
  assertRefused,
  atOnce,
  type CheckBlocking,
  LIMIT_BYTES,
  write,
} from "./blocking_view.ts";
import type { Check, ContractOptions } from "./contract_world.ts";

/** Registers the tests about blocking files. */
export function blockingFilesContract(
  check: Check,
  options: ContractOptions,
): void {
  const checkAtOnce = atOnce(check);
  readContract(checkAtOnce);
  sliceContract(checkAtOnce);
  makeContract(checkAtOnce);
  kindContract(checkAtOnce, options);
  renameContract(checkAtOnce, options);
  removeContract(checkAtOnce, options);
}

function readContract(check: CheckBlocking): void {
  check("readText() refuses what is missing or too large", (view) => {
    const { blocking, at } = view;
    assertRefused("not_found", () => blocking.readText(at("none")));
    assertRefused("not_found", () => blocking.readText(at("none", "below")));
    write(blocking, at("file"), "füür");
    assertEquals(blocking.readText(at("file"), 6), "füür");
    assertRefused("too_large", () => blocking.readText(at("file"), 5));
  });

  check("stat() and list() show what is there", ({ blocking, at }) => {
    assertEquals(blocking.stat(at("none")), undefined);
    assertEquals(blocking.stat(at("none", "below")), undefined);
    assertEquals(blocking.list(at("none")), []);
    write(blocking, at("b"), "grüße");
    blocking.makeDirectory(at("a", "below"));
    const facts = blocking.stat(at("b"));
    assertEquals([facts?.kind, facts?.size], ["file", 7]);
    assertEquals(blocking.stat(at("a"))?.kind, "directory");
    assertEquals(blocking.list(at()), ["a", "b"]);
  });

  check("a refusal names its path", ({ blocking, at }) => {
    const path = at("none", "file");
    const calls = [
      () => blocking.readText(path),
      () => blocking.touch(path),
      () => blocking.rename(path, at("other")),
      () => blocking.appendLocked(path, "text", LIMIT_BYTES),
    ];
    for (const call of calls) {
      const error = assertThrows(call, HostError);
      assertEquals([error.code, error.subject], ["not_found", path]);
    }
  });
}

const UTF8 = new TextDecoder();

function sliceContract(check: CheckBlocking): void {
  check("readSlice() reads a part and never more", ({ blocking, at }) => {
    write(blocking, at("file"), "abcdef");
    const read = (from: number, length: number) =>
      UTF8.decode(blocking.readSlice(at("file"), from, length));
    assertEquals(
      [read(0, 3), read(4, 9), read(6, 1), read(9, 1), read(2, 0)],
      ["abc", "ef", "", "", ""],
    );
    assertRefused("not_found", () => blocking.readSlice(at("none"), 0, 1));
    assertRefused("is_a_directory", () => blocking.readSlice(at(), 0, 1));
  });

  check("moveTail() keeps the end and empties the file", (view) => {
    const { blocking, at } = view;
    write(blocking, at("log"), "abcdef");
    write(blocking, at("log.1"), "older");
    blocking.moveTail(at("log"), at("log.1"), 4);
    assertEquals(blocking.readText(at("log")), "");
    assertEquals(blocking.readText(at("log.1")), "cdef");
    assertEquals(blocking.list(at()), ["log", "log.1"]);
    assertRefused(
      "not_found",
      () => blocking.moveTail(at("none"), at("log.1"), 4),
    );
    assertEquals(blocking.readText(at("log.1")), "cdef");
  });
}

function makeContract(check: CheckBlocking): void {
  check("makeDirectory() and touch() may come twice", ({ blocking, at }) => {
    for (let round = 0; round < 2; round++) {
      blocking.makeDirectory(at("a", "b"));
      blocking.touch(at("a", "b", "file"));
    }
    assertEquals(blocking.list(at("a", "b")), ["file"]);
    assertEquals(blocking.readText(at("a", "b", "file")), "");
  });

  check("touch() keeps what is in the file", ({ blocking, at }) => {
    write(blocking, at("file"), "text");
    blocking.touch(at("file"));
    assertEquals(blocking.readText(at("file")), "text");
  });
}

function kindContract(
  check: CheckBlocking,
  { isPosix }: ContractOptions,
): void {
  const options = { ignore: !isPosix };

  check("what is made is private", ({ blocking, at }) => {
    blocking.makeDirectory(at("a", "b"));
    blocking.touch(at("a", "touched"));
    write(blocking, at("a", "appended"), "text");
    const modes = [["a"], ["a", "b"], ["a", "touched"], ["a", "appended"]]
      .map((names) => blocking.stat(at(...names))?.mode);
    assertEquals(modes, [0o700, 0o700, 0o600, 0o600]);
  }, options);

  check("a file is no directory", ({ blocking, at }) => {
    blocking.touch(at("file"));
    const calls = [
      () => blocking.makeDirectory(at("file")),
      () => blocking.makeDirectory(at("file", "below")),
      () => blocking.touch(at("file", "below")),
      () => blocking.list(at("file")),
      () => blocking.stat(at("file", "below")),
      () => blocking.readText(at("file", "below")),
      () => blocking.appendLocked(at("file", "below"), "text", LIMIT_BYTES),
    ];
    for (const call of calls) assertRefused("not_a_directory", call);
  }, options);

  check("a directory is no file", ({ blocking, at }) => {
    blocking.makeDirectory(at("dir"));
    const calls = [
      () => blocking.readText(at("dir")),
      () => blocking.touch(at("dir")),
      () => blocking.appendLocked(at("dir"), "text", LIMIT_BYTES),
      () => blocking.takeLocked(at("dir"), () => undefined),
    ];
    for (const call of calls) assertRefused("is_a_directory", call);
  }, options);
}

function renameContract(
  check: CheckBlocking,
  { isPosix }: ContractOptions,
): void {
  const options = { ignore: !isPosix };

  check("rename() takes the place of another file", ({ blocking, at }) => {
    write(blocking, at("old"), "old");
    write(blocking, at("new"), "new");
    blocking.rename(at("new"), at("old"));
    assertEquals(blocking.list(at()), ["old"]);
    assertEquals(blocking.readText(at("old")), "new");
    blocking.rename(at("old"), at("old"));
    assertEquals(blocking.readText(at("old")), "new");
  });

  check("rename() moves a directory with its content", (view) => {
    const { blocking, at } = view;
    blocking.makeDirectory(at("old", "sub"));
    write(blocking, at("old", "sub", "file"), "text");
    blocking.rename(at("old"), at("new"));
    assertEquals(blocking.list(at()), ["new"]);
    assertEquals(blocking.readText(at("new", "sub", "file")), "text");
  });

  check("rename() refuses to lose a directory", ({ blocking, at }) => {
    blocking.makeDirectory(at("dir", "sub"));
    blocking.makeDirectory(at("other"));
    blocking.touch(at("file"));
    const rename = (from: string, to: string) => () =>
      blocking.rename(at(from), at(to));
    assertRefused("is_a_directory", rename("file", "dir"));
    assertRefused("is_a_directory", rename("file", "other"));
    assertRefused("not_a_directory", rename("dir", "file"));
    assertRefused("io", rename("other", "dir"));
    assertRefused("not_found", rename("file", "none/file"));
    assertEquals(blocking.list(at()), ["dir", "file", "other"]);
  }, options);
}

function removeContract(
  check: CheckBlocking,
  { isPosix }: ContractOptions,
): void {
  check("remove() takes a file, a second one is fine", (view) => {
    const { blocking, at } = view;
    blocking.touch(at("file"));
    blocking.remove(at("file"));
    blocking.remove(at("file"));
    blocking.remove(at("none", "below"));
    assertEquals(blocking.list(at()), []);
  });

  check("remove() refuses a directory with content", ({ blocking, at }) => {
    blocking.makeDirectory(at("dir", "sub"));
    assertRefused("io", () => blocking.remove(at("dir")));
    blocking.remove(at("dir", "sub"));
    assertEquals(blocking.list(at("dir")), []);
  }, { ignore: !isPosix });
}
