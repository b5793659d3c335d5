/**
 * What every host promises about files.
 *
 * @module
 */

import { assert, assertEquals, assertRejects } from "@std/assert";
import { HostError } from "../../src/host/host.ts";
import { joinPath } from "../../src/host/path.ts";
import type { Check, ContractOptions } from "./contract_world.ts";
import { assertRefused, takeLock } from "./tried_files.ts";

/** Registers the tests about files. */
export function filesContract(check: Check, options: ContractOptions): void {
  contentContract(check);
  replacementContract(check);
  modeContract(check, options);
  refusalContract(check);
  directoryIsNoFile(check, options);
  fileIsNoDirectory(check, options);
}

function contentContract(check: Check): void {
  check("readText() gives what writeAtomic() wrote", async (world) => {
    const { files } = world.host;
    const path = joinPath(world.tempDir, "a", "b", "file");
    for (const text of ["one\n", "", "grüße 🦉\n"]) {
      await files.writeAtomic(path, text);
      assertEquals(await files.readText(path), text);
    }
  });

  check("writeAtomic() without a flush is the same", async (world) => {
    const { files } = world.host;
    const path = joinPath(world.tempDir, "a", "file");
    const derived = { isDerived: true };
    for (const text of ["one\n", "", "grüße 🦉\n"]) {
      await files.writeAtomic(path, text, derived);
      assertEquals(await files.readText(path), text);
    }
    assertEquals(await files.list(joinPath(world.tempDir, "a")), ["file"]);
    const taken = joinPath(world.tempDir, "a", "dir");
    await world.makeDirectory(joinPath(taken, "sub"));
    await assertRejects(
      () => files.writeAtomic(taken, "text", derived),
      HostError,
    );
    assertEquals(await files.list(joinPath(world.tempDir, "a")), [
      "dir",
      "file",
    ]);
  });

  check("append() adds to a file and creates it", async (world) => {
    const { files } = world.host;
    const path = joinPath(world.tempDir, "a", "log");
    await files.append(path, "one\n");
    await files.append(path, "two\n");
    assertEquals(await files.readText(path), "one\ntwo\n");
  });

  check("readText() drops a byte order mark", async ({ host, tempDir }) => {
    const path = joinPath(tempDir, "file");
    await host.files.writeAtomic(path, "\uFEFF{}");
    assertEquals(await host.files.readText(path), "{}");
  });
}

function replacementContract(check: Check): void {
  check("remove() takes a file, a second one is fine", async (world) => {
    const { files } = world.host;
    const path = joinPath(world.tempDir, "file");
    await files.writeAtomic(path, "text");
    await files.remove(path);
    await files.remove(path);
    await files.remove(joinPath(world.tempDir, "no", "such", "file"));
    assertEquals(await files.stat(path), undefined);
  });

  check("writeAtomic() leaves nothing but the file", async (world) => {
    const { files } = world.host;
    const path = joinPath(world.tempDir, "file");
    await files.writeAtomic(path, "one");
    await files.writeAtomic(path, "two");
    assertEquals(await files.list(world.tempDir), ["file"]);
  });

  check("writeAtomic() cleans up after a failure", async (world) => {
    const { files } = world.host;
    await world.makeDirectory(joinPath(world.tempDir, "dir", "sub"));
    const path = joinPath(world.tempDir, "dir");
    await assertRejects(() => files.writeAtomic(path, "text"), HostError);
    assertEquals(await files.list(world.tempDir), ["dir"]);
  });
}

function modeContract(check: Check, { isPosix }: ContractOptions): void {
  const options = { ignore: !isPosix };

  check("new files are private, and so are their parents", async (world) => {
    const { files } = world.host;
    const modeOf = async (...names: string[]) =>
      (await files.stat(joinPath(world.tempDir, ...names)))?.mode;
    await files.writeAtomic(joinPath(world.tempDir, "a", "b", "file"), "");
    await files.append(joinPath(world.tempDir, "c", "log"), "");
    await files.writeAtomic(joinPath(world.tempDir, "e", "copy"), "", {
      isDerived: true,
    });
    using _ = await takeLock(files, joinPath(world.tempDir, "d", "lock"));
    for (const path of [["a"], ["a", "b"], ["c"], ["d"], ["e"]]) {
      assertEquals(await modeOf(...path), 0o700, path.join());
    }
    for (
      const path of [
        ["a", "b", "file"],
        ["c", "log"],
        ["d", "lock"],
        ["e", "copy"],
      ]
    ) {
      assertEquals(await modeOf(...path), 0o600, path.join());
    }
  }, options);

  check("stat() tells kind, size and last change", async (world) => {
    const { files, clock } = world.host;
    const path = joinPath(world.tempDir, "file");
    const before = clock.now();
    await files.writeAtomic(path, "grüße");
    const facts = await files.stat(path);
    assertEquals(facts?.kind, "file");
    assertEquals(facts?.size, 7);
    // Some file systems keep no more than two seconds.
    assert(Math.abs((facts?.modifiedAt ?? 0) - before) < 10_000);
    assertEquals((await files.stat(world.tempDir))?.kind, "directory");
  });

  check("what we make is ours", async ({ host, tempDir }) => {
    const path = joinPath(tempDir, "a", "file");
    await host.files.writeAtomic(path, "text");
    for (const made of [path, joinPath(tempDir, "a")]) {
      assertEquals((await host.files.stat(made))?.uid, host.env.uid);
    }
  }, options);
}

function refusalContract(check: Check): void {
  check("a missing file is not_found, or no facts", async (world) => {
    const { files } = world.host;
    for (const names of [["none"], ["none", "below"]]) {
      const path = joinPath(world.tempDir, ...names);
      await assertRefused("not_found", () => files.readText(path));
      assertEquals(await files.stat(path), undefined);
    }
  });

  check("readText() refuses more than maxBytes", async (world) => {
    const { files } = world.host;
    const path = joinPath(world.tempDir, "file");
    const limit = 4;
    await files.writeAtomic(path, "four");
    assertEquals(await files.readText(path, limit), "four");
    await files.writeAtomic(path, "füür");
    await assertRefused("too_large", () => files.readText(path, limit));
    await files.writeAtomic(path, "x".repeat(1024 * 1024 + 1));
    await assertRefused("too_large", () => files.readText(path));
  });

  check("a refusal names its path", async ({ host: { files }, tempDir }) => {
    const path = joinPath(tempDir, "none");
    const error = await assertRejects(() => files.readText(path), HostError);
    assertEquals(error.subject, path);
  });
}

function directoryIsNoFile(check: Check, { isPosix }: ContractOptions): void {
  const options = { ignore: !isPosix };

  check("a directory is no file", async ({ host: { files }, ...world }) => {
    const path = joinPath(world.tempDir, "dir");
    await world.makeDirectory(path);
    await assertRefused("is_a_directory", () => files.readText(path));
    await assertRefused("is_a_directory", () => files.append(path, "text"));
    await assertRefused(
      "is_a_directory",
      () => files.tryLock(path, { create: true }),
    );
  }, options);

  check("remove() refuses a directory with content", async (world) => {
    const { files } = world.host;
    await files.writeAtomic(joinPath(world.tempDir, "dir", "file"), "");
    await assertRefused(
      "io",
      () => files.remove(joinPath(world.tempDir, "dir")),
    );
    assertEquals(await files.list(joinPath(world.tempDir, "dir")), ["file"]);
  }, options);
}

function fileIsNoDirectory(check: Check, { isPosix }: ContractOptions): void {
  const options = { ignore: !isPosix };

  check("a file is no directory", async ({ host: { files }, tempDir }) => {
    const file = joinPath(tempDir, "file");
    const below = joinPath(file, "below");
    const path = joinPath(below, "deeper");
    await files.writeAtomic(file, "text");
    await assertRefused("not_a_directory", () => files.readText(below));
    await assertRefused("not_a_directory", () => files.stat(below));
    await assertRefused("not_a_directory", () => files.list(file));
    await assertRefused("not_a_directory", () => files.realPath(below));
    await assertRefused("not_a_directory", () => files.writeAtomic(path, ""));
    await assertRefused("not_a_directory", () => files.append(path, ""));
    await assertRefused(
      "not_a_directory",
      () => files.tryLock(below, { create: false }),
    );
    await assertRefused("not_a_directory", () => files.append(below, ""));
  }, options);
}
