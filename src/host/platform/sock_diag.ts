/**
 * The listening TCP sockets of this machine, asked from the Linux kernel by
 * netlink: it walks the listeners only, where reading `/proc/net/tcp` walks
 * every connection table and costs milliseconds each time.
 *
 * Structures: sock_diag(7) and linux/inet_diag.h.
 *
 * @module
 */

import { IS_LITTLE_ENDIAN, lazyLibc } from "./libc.ts";
import { formatAddress, type ListenRow } from "./listen_row.ts";

const loadLibc = lazyLibc((find) => ({
  socket: find("socket", { parameters: ["i32", "i32", "i32"], result: "i32" }),
  send: find("send", {
    parameters: ["i32", "buffer", "u64", "i32"],
    result: "i64",
  }),
  recv: find("recv", {
    parameters: ["i32", "buffer", "u64", "i32"],
    result: "i64",
  }),
  close: find("close", { parameters: ["i32"], result: "i32" }),
}));

type Libc = Exclude<ReturnType<typeof loadLibc>, "unavailable">;

const AF_NETLINK = 16;
const SOCK_RAW_CLOEXEC = 3 | 0x80000;
const NETLINK_SOCK_DIAG = 4;
const SOCK_DIAG_BY_FAMILY = 20;
const REQUEST_AND_DUMP = 0x301;
const IPPROTO_TCP = 6;
const TCP_LISTEN = 10;
const AF_INET = 2;
const AF_INET6 = 10;
const NLMSG_ERROR = 2;
const NLMSG_DONE = 3;
const HEADER_BYTES = 16;
const REQUEST_BYTES = HEADER_BYTES + 56;
const MESSAGE_BYTES = 72;
const MSG_DONTWAIT = 0x40;

/** Kept, as those who wait for a listener ask hundreds of times. */
const buffer = new Uint8Array(64 * 1024);

/** Asks the kernel; `undefined` when it cannot be asked. */
export function readListenRows(): readonly ListenRow[] | undefined {
  const libc = loadLibc();
  if (libc === "unavailable") return undefined;
  const fd = libc.socket.call(AF_NETLINK, SOCK_RAW_CLOEXEC, NETLINK_SOCK_DIAG);
  if (fd < 0) return undefined;
  try {
    const v4 = dump(libc, fd, AF_INET);
    const v6 = v4 && dump(libc, fd, AF_INET6);
    return v4 && v6 && [...v4, ...v6];
  } finally {
    libc.close.call(fd);
  }
}

function dump(
  libc: Libc,
  fd: number,
  family: number,
): readonly ListenRow[] | undefined {
  const request = formatRequest(family);
  const size = BigInt(request.length);
  if (libc.send.call(fd, request, size, 0) !== size) return undefined;
  const rows: ListenRow[] = [];
  while (true) {
    // The kernel answers within send(), so there is nothing to wait for.
    const count = libc.recv.call(
      fd,
      buffer,
      BigInt(buffer.length),
      MSG_DONTWAIT,
    );
    if (count <= 0n) return undefined;
    const part = parseMessages(buffer.subarray(0, Number(count)));
    if (part === undefined) return undefined;
    rows.push(...part.rows);
    if (part.isDone) return rows;
  }
}

/** The request for all listening sockets of an address family. */
export function formatRequest(family: number): Uint8Array<ArrayBuffer> {
  const bytes = new Uint8Array(REQUEST_BYTES);
  const view = new DataView(bytes.buffer);
  view.setUint32(0, REQUEST_BYTES, IS_LITTLE_ENDIAN);
  view.setUint16(4, SOCK_DIAG_BY_FAMILY, IS_LITTLE_ENDIAN);
  view.setUint16(6, REQUEST_AND_DUMP, IS_LITTLE_ENDIAN);
  view.setUint8(16, family);
  view.setUint8(17, IPPROTO_TCP);
  view.setUint32(20, 1 << TCP_LISTEN, IS_LITTLE_ENDIAN);
  return bytes;
}

/** Parses one datagram of answers; `undefined` on an error of the kernel. */
export function parseMessages(
  bytes: Uint8Array,
): { rows: readonly ListenRow[]; isDone: boolean } | undefined {
  const view = new DataView(bytes.buffer, bytes.byteOffset, bytes.byteLength);
  const rows: ListenRow[] = [];
  let at = 0;
  while (at + HEADER_BYTES <= bytes.length) {
    const length = view.getUint32(at, IS_LITTLE_ENDIAN);
    const type = view.getUint16(at + 4, IS_LITTLE_ENDIAN);
    if (type === NLMSG_DONE) return { rows, isDone: true };
    if (type === NLMSG_ERROR || length < HEADER_BYTES) return undefined;
    if (at + length > bytes.length) return undefined;
    if (length >= HEADER_BYTES + MESSAGE_BYTES) {
      rows.push(parseRow(view, at + HEADER_BYTES));
    }
    at += (length + 3) & ~3;
  }
  return { rows, isDone: false };
}

/** One `inet_diag_msg`; ports and addresses are in network byte order. */
function parseRow(view: DataView, at: number): ListenRow {
  const words = view.getUint8(at) === AF_INET6 ? 4 : 1;
  const address: number[] = [];
  for (let byte = 0; byte < words * 4; byte++) {
    address.push(view.getUint8(at + 8 + byte));
  }
  return {
    port: view.getUint16(at + 4),
    address: formatAddress(address),
    uid: view.getUint32(at + 64, IS_LITTLE_ENDIAN),
    inode: String(view.getUint32(at + 68, IS_LITTLE_ENDIAN)),
  };
}
