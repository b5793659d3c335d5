/**
 * What every host promises about the locks of files.
 *
 * @module
 */

import { assertEquals } from "@std/assert";
import { joinPath } from "../../src/host/path.ts";
import type { Check } from "./contract_world.ts";
import { assertRefused, takeLock } from "./tried_files.ts";

/** Registers the tests about locks. */
export function locksContract(check: Check): void {
  exclusionContract(check);
  lockContentContract(check);
  lockRefusalContract(check);
}

function exclusionContract(check: Check): void {
  check("tryLock() excludes everybody else", async ({ host, tempDir }) => {
    const path = joinPath(tempDir, "a", "lock");
    {
      using _ = await takeLock(host.files, path);
      for (const create of [true, false]) {
        assertEquals(await host.files.tryLock(path, { create }), "held");
      }
      const other = await takeLock(host.files, joinPath(tempDir, "other"));
      other[Symbol.dispose]();
    }
    const again = await takeLock(host.files, path);
    again[Symbol.dispose]();
  });

  check("tryLock() without create changes nothing", async (world) => {
    const { files } = world.host;
    const path = joinPath(world.tempDir, "a", "lock");
    const options = { create: false };
    assertEquals(await files.tryLock(path, options), "missing");
    assertEquals(await files.list(world.tempDir), []);
    await files.writeAtomic(path, "text");
    const lock = await files.tryLock(path, options);
    if (typeof lock === "string") throw new Error(lock);
    lock[Symbol.dispose]();
    assertEquals(await files.readText(path), "text");
  });
}

function lockContentContract(check: Check): void {
  check("tryLock() keeps what is in the file", async ({ host, tempDir }) => {
    const path = joinPath(tempDir, "lock");
    await host.files.writeAtomic(path, "text");
    using _ = await takeLock(host.files, path);
    assertEquals(await host.files.readText(path), "text");
  });

  check("write() replaces the content of a locked file", async (world) => {
    const { files } = world.host;
    const path = joinPath(world.tempDir, "lock");
    using lock = await takeLock(files, path);
    for (const text of ["a longer text\n", "short\n", ""]) {
      await lock.write(text);
      assertEquals(await files.readText(path), text);
    }
    // Still the same file: the lock is still in the way.
    assertEquals(await files.tryLock(path, { create: true }), "held");
  });
}

function lockRefusalContract(check: Check): void {
  check("write() is refused to a lock taken without create", async (world) => {
    const { files } = world.host;
    const path = joinPath(world.tempDir, "lock");
    await files.writeAtomic(path, "text");
    const lock = await files.tryLock(path, { create: false });
    if (typeof lock === "string") throw new Error(lock);
    using held = lock;
    await assertRefused("io", () => held.write("new"));
    assertEquals(await files.readText(path), "text");
  });

  check("a lock belongs to the file, not to its name", async (world) => {
    const { files } = world.host;
    const path = joinPath(world.tempDir, "lock");
    using old = await takeLock(files, path);
    await files.writeAtomic(path, "new");
    using _ = await takeLock(files, path);
    await old.write("old");
    assertEquals(await files.readText(path), "new");
  });
}
