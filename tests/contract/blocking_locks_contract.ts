/**
 * What every host promises about files that are gathered and taken.
 *
 * @module
 */

import { assert, assertEquals, assertThrows } from "@std/assert";
import { HostError } from "../../src/host/host.ts";
import { joinPath } from "../../src/host/path.ts";
import { atOnce, type CheckBlocking, write } from "./blocking_view.ts";
import type { Check, ContractOptions } from "./contract_world.ts";

/** Registers the tests about gathering and taking. */
export function blockingLocksContract(
  check: Check,
  options: ContractOptions,
): void {
  const checkAtOnce = atOnce(check);
  appendContract(checkAtOnce);
  takeContract(checkAtOnce);
  takeByFileContract(checkAtOnce, options);
  sharedContract(check);
  linkContract(check, options);
}

function appendContract(check: CheckBlocking): void {
  check("appendLocked() adds to a file up to its limit", (view) => {
    const { blocking, at } = view;
    const append = (text: string, maxBytes: number) =>
      blocking.appendLocked(at("file"), text, maxBytes);
    assertEquals(append("grün\n", 6), "appended");
    assertEquals(append("ö", 7), "full");
    assertEquals(blocking.readText(at("file")), "grün\n");
    assertEquals(append("ö", 8), "appended");
    assertEquals(blocking.readText(at("file")), "grün\nö");
  });

  check("appendLocked() refuses a first text that is too long", (view) => {
    const { blocking, at } = view;
    assertEquals(blocking.appendLocked(at("file"), "text", 3), "full");
    assertEquals(blocking.stat(at("file"))?.size ?? 0, 0);
  });
}

function takeContract(check: CheckBlocking): void {
  check("takeLocked() hands over what was gathered, once", (view) => {
    const { blocking, at } = view;
    const taken: string[] = [];
    const take = () =>
      blocking.takeLocked(at("file"), (text) => void taken.push(text));
    take();
    write(blocking, at("file"), "grün\n");
    write(blocking, at("file"), "two\n");
    take();
    take();
    write(blocking, at("file"), "three\n");
    take();
    assertEquals(taken, ["grün\ntwo\n", "three\n"]);
    assertEquals(blocking.stat(at("file"))?.size, 0);
    blocking.takeLocked(at("none", "below"), (text) => void taken.push(text));
    assertEquals(taken.length, 2);
  });

  check("takeLocked() leaves everything after a throw", (view) => {
    const { blocking, at } = view;
    write(blocking, at("file"), "text");
    const errors = [new Error("mine"), new HostError("busy", "elsewhere")];
    for (const mine of errors) {
      const thrown = assertThrows(
        () =>
          blocking.takeLocked(at("file"), () => {
            throw mine;
          }),
        Error,
      );
      assert(thrown === mine);
    }
    assertEquals(blocking.readText(at("file")), "text");
    write(blocking, at("file"), " more");
    assertEquals(blocking.readText(at("file")), "text more");
  });
}

function takeByFileContract(
  check: CheckBlocking,
  { isPosix }: ContractOptions,
): void {
  check("takeLocked() empties the file and not its name", (view) => {
    const { blocking, at } = view;
    write(blocking, at("file"), "text");
    blocking.takeLocked(at("file"), () => {
      assertEquals(blocking.readText(at("file")), "text");
      blocking.rename(at("file"), at("taken"));
      write(blocking, at("file"), "new");
    });
    assertEquals(blocking.readText(at("file")), "new");
    assertEquals(blocking.readText(at("taken")), "");
  }, { ignore: !isPosix });
}

function sharedContract(check: Check): void {
  check("blocking: both kinds of files are the same", async (world) => {
    const { blocking, files } = world.host;
    const path = joinPath(world.tempDir, "dir", "file");
    await files.append(path, "one ");
    write(blocking, path, "two ");
    await files.append(path, "three");
    assertEquals(blocking.readText(path), "one two three");
    assertEquals(blocking.stat(path), await files.stat(path));
    blocking.takeLocked(path, () => undefined);
    assertEquals(await files.readText(path), "");
  });

  check("blocking: a lock is free again after each call", async (world) => {
    const { blocking, files } = world.host;
    const path = joinPath(world.tempDir, "file");
    const assertFree = async () => {
      const lock = await files.tryLock(path, { create: false });
      if (typeof lock === "string") throw new Error(`${path} is ${lock}`);
      lock[Symbol.dispose]();
    };
    write(blocking, path, "text");
    await assertFree();
    const fail = () => {
      throw new Error("mine");
    };
    assertThrows(() => blocking.takeLocked(path, fail), Error);
    await assertFree();
    blocking.takeLocked(path, () => undefined);
    await assertFree();
  });
}

function linkContract(check: Check, { isPosix }: ContractOptions): void {
  const options = { ignore: !isPosix };

  check("blocking: links are followed, but not by rename()", async (world) => {
    const { blocking } = world.host;
    const at = (name: string) => joinPath(world.tempDir, name);
    write(blocking, at("file"), "one ");
    await world.makeLink(at("link"), "file");
    write(blocking, at("link"), "two");
    assertEquals(blocking.readText(at("file")), "one two");
    blocking.rename(at("link"), at("moved"));
    blocking.remove(at("moved"));
    assertEquals(blocking.list(at("")), ["file"]);
  }, options);

  check("blocking: touch() makes what a link is about", async (world) => {
    const { blocking } = world.host;
    const at = (name: string) => joinPath(world.tempDir, name);
    await world.makeLink(at("link"), "file");
    blocking.touch(at("link"));
    assertEquals(blocking.list(at("")), ["file", "link"]);
  }, options);
}
