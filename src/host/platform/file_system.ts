/**
 * What Deno does not tell about the file system behind a directory. Linux is
 * asked through `statfs(2)`; elsewhere it is unknown.
 *
 * @module
 */

import { IS_LITTLE_ENDIAN, lazyLibc } from "./libc.ts";

const loadLibc = lazyLibc((find) => ({
  statfs: find("statfs", { parameters: ["buffer", "buffer"], result: "i32" }),
}));

const STATFS_BYTES = 120;
/** Offsets in `struct statfs` of 64-bit Linux: f_type, f_bavail, f_frsize. */
const TYPE_AT = 0;
const AVAILABLE_AT = 32;
const BLOCK_SIZE_AT = 72;

/** Magic numbers of statfs(2): NFS, SMB, SMB2, CIFS, 9p, Ceph, AFS, FUSE. */
const REMOTE_TYPES: ReadonlySet<number> = new Set([
  0x6969,
  0x517b,
  0xfe534d42,
  0xff534d42,
  0x01021997,
  0x00c36400,
  0x5346414f,
  0x65735546,
]);

function askKernel(path: string): DataView | undefined {
  if (Deno.build.os !== "linux") return undefined;
  const libc = loadLibc();
  if (libc === "unavailable") return undefined;
  const facts = new Uint8Array(STATFS_BYTES);
  const name = new TextEncoder().encode(`${path}\0`);
  if (libc.statfs.call(name, facts) !== 0) return undefined;
  return new DataView(facts.buffer);
}

/** Bytes that an ordinary user may still write below a path. */
export function freeBytes(path: string): number | undefined {
  const facts = askKernel(path);
  if (facts === undefined) return undefined;
  const size = Number(facts.getBigInt64(BLOCK_SIZE_AT, IS_LITTLE_ENDIAN));
  return Number(facts.getBigUint64(AVAILABLE_AT, IS_LITTLE_ENDIAN)) * size;
}

/** Whether a path is on a network file system. */
export function isRemote(path: string): boolean | undefined {
  const facts = askKernel(path);
  if (facts === undefined) return undefined;
  return REMOTE_TYPES.has(
    Number(facts.getBigUint64(TYPE_AT, IS_LITTLE_ENDIAN)),
  );
}
