/**
 * What every host promises about directories, and about the links on a way.
 *
 * @module
 */

import { assertEquals } from "@std/assert";
import { joinPath } from "../../src/host/path.ts";
import type { Check, ContractOptions } from "./contract_world.ts";
import { assertRefused } from "./tried_files.ts";

/** Registers the tests about directories and links. */
export function directoriesContract(
  check: Check,
  options: ContractOptions,
): void {
  directoryContract(check);
  linkContract(check, options);
  linkChangeContract(check, options);
}

function directoryContract(check: Check): void {
  check("list() gives sorted names", async ({ host: { files }, tempDir }) => {
    for (const name of ["b", "a", "B", "10", "9"]) {
      await files.writeAtomic(joinPath(tempDir, "dir", name), "");
    }
    await files.writeAtomic(joinPath(tempDir, "dir", "c", "below"), "");
    assertEquals(
      await files.list(joinPath(tempDir, "dir")),
      ["10", "9", "B", "a", "b", "c"],
    );
  });

  check("list() of a missing directory is empty", async (world) => {
    const { files } = world.host;
    assertEquals(await files.list(joinPath(world.tempDir, "none")), []);
  });

  check("realPath() keeps the missing tail", async (world) => {
    const { files } = world.host;
    const { tempDir } = world;
    await world.makeDirectory(joinPath(tempDir, "dir"));
    const rows = [
      [["dir"], ["dir"]],
      [["dir", ""], ["dir"]],
      [["dir", "."], ["dir"]],
      [["dir", "..", "dir"], ["dir"]],
      [["none", "..", "dir"], ["dir"]],
      [["dir", "none", "deeper"], ["dir", "none", "deeper"]],
      [["none", "deeper", ""], ["none", "deeper"]],
    ] as const;
    for (const [given, expected] of rows) {
      assertEquals(
        await files.realPath(joinPath(tempDir, ...given)),
        joinPath(tempDir, ...expected),
        given.join("/"),
      );
    }
  });
}

function linkContract(check: Check, { isPosix }: ContractOptions): void {
  const options = { ignore: !isPosix };

  check("realPath() follows links as far as they lead", async (world) => {
    const { files } = world.host;
    const { tempDir } = world;
    const at = (...names: string[]) => joinPath(tempDir, ...names);
    await world.makeDirectory(at("dir"));
    await world.makeLink(at("relative"), "dir");
    await world.makeLink(at("absolute"), at("dir"));
    await world.makeLink(at("chain"), "absolute");
    for (const name of ["relative", "absolute", "chain"]) {
      assertEquals(await files.realPath(at(name)), at("dir"));
      assertEquals(await files.realPath(at(name, "")), at("dir"));
      assertEquals(await files.realPath(at(name, "x")), at("dir", "x"));
    }
    await world.makeLink(at("dangling"), "none");
    assertEquals(await files.realPath(at("dangling")), at("dangling"));
  }, options);

  check("a circle of links is refused", async (world) => {
    const { files } = world.host;
    const at = (name: string) => joinPath(world.tempDir, name);
    await world.makeLink(at("one"), "two");
    await world.makeLink(at("two"), "one");
    await assertRefused("io", () => files.realPath(at("one")));
    await assertRefused("io", () => files.readText(at("one")));
  }, options);
}

function linkChangeContract(check: Check, { isPosix }: ContractOptions): void {
  const options = { ignore: !isPosix };

  check("writeAtomic() replaces a link, append() follows it", async (world) => {
    const { files } = world.host;
    const at = (name: string) => joinPath(world.tempDir, name);
    await files.writeAtomic(at("file"), "one");
    await world.makeLink(at("link"), "file");
    await files.append(at("link"), " two");
    assertEquals(await files.readText(at("file")), "one two");
    await files.writeAtomic(at("link"), "three");
    assertEquals(await files.readText(at("file")), "one two");
    assertEquals(await files.readText(at("link")), "three");
  }, options);

  check("tryLock() refuses a link", async (world) => {
    const { files } = world.host;
    const at = (name: string) => joinPath(world.tempDir, name);
    await files.writeAtomic(at("file"), "text");
    await world.makeLink(at("link"), "file");
    await world.makeLink(at("nowhere"), "none");
    for (const name of ["link", "nowhere"]) {
      for (const create of [true, false]) {
        const lock = () => files.tryLock(at(name), { create });
        await assertRefused("io", lock);
      }
    }
    assertEquals(await files.readText(at("file")), "text");
    assertEquals(await files.stat(at("none")), undefined);
  }, options);

  check("remove() takes the link, not its target", async (world) => {
    const { files } = world.host;
    const at = (name: string) => joinPath(world.tempDir, name);
    await files.writeAtomic(at("file"), "text");
    await world.makeLink(at("link"), "file");
    await files.remove(at("link"));
    assertEquals(await files.list(world.tempDir), ["file"]);
  }, options);
}
