/**
 * A small file system of its own, where a test may fill the disk.
 *
 * @module
 */

import { assert } from "@std/assert";
import { makeRoot } from "./real_queue.ts";

/** A small disk; it goes away with everything on it. */
export interface SmallDisk extends AsyncDisposable {
  /** Its directory. */
  readonly path: string;
  /** Whether it could be mounted, which only root on Linux can. */
  readonly isMounted: boolean;
  /** Changes how it is mounted, such as `ro` or `size=8192k`. */
  remount(how: string): Promise<boolean>;
}

async function command(
  name: string,
  ...args: readonly string[]
): Promise<boolean> {
  const { success } = await new Deno.Command(name, {
    args: [...args],
    stdin: "null",
    stdout: "null",
    stderr: "null",
  }).output().catch(() => ({ success: false }));
  return success;
}

/** Mounts a disk of so many KiB. */
export async function mountSmallDisk(sizeKib: number): Promise<SmallDisk> {
  const root = await makeRoot();
  const options = `size=${sizeKib}k,mode=700`;
  const mayMount = Deno.build.os === "linux" && Deno.uid() === 0;
  const isMounted = mayMount &&
    await command("mount", "-t", "tmpfs", "-o", options, "tmpfs", root.path);
  return {
    path: root.path,
    isMounted,
    remount: (how) => command("mount", "-o", `remount,${how}`, root.path),
    async [Symbol.asyncDispose]() {
      if (isMounted) assert(await command("umount", root.path));
      await root[Symbol.asyncDispose]();
    },
  };
}

/** Whether disks can be mounted here. */
export async function canMount(): Promise<boolean> {
  await using disk = await mountSmallDisk(1024);
  return disk.isMounted;
}
