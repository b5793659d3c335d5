/**
 * Listening sockets as Linux tells of them, and `/proc/net/tcp` as one source.
 *
 * @module
 */

/** One listening TCP socket. */
export interface ListenRow {
  /** Local address in text form. */
  readonly address: string;
  /** Local port. */
  readonly port: number;
  /** User id of the socket. */
  readonly uid: number;
  /** Inode of the socket, which `/proc/<pid>/fd` links name. */
  readonly inode: string;
}

/** Text form of an address of 4 or 16 bytes in network order. */
export function formatAddress(bytes: readonly number[]): string {
  if (bytes.length === 4) return bytes.join(".");
  const mapped = bytes.slice(0, 10).every((byte) => byte === 0) &&
    bytes[10] === 255 && bytes[11] === 255;
  if (mapped) return `::ffff:${bytes.slice(12).join(".")}`;
  const groups: string[] = [];
  for (let at = 0; at < 16; at += 2) {
    const high = bytes[at] ?? 0;
    groups.push((high * 256 + (bytes[at + 1] ?? 0)).toString(16));
  }
  return groups.join(":").replace(/(^|:)0(:0)+(:|$)/, "::");
}

/** Parses the LISTEN rows of `/proc/net/tcp` or `/proc/net/tcp6`. */
export function parseListenRows(text: string): readonly ListenRow[] {
  const rows: ListenRow[] = [];
  for (const line of text.split("\n").slice(1)) {
    const fields = line.trim().split(/\s+/);
    const [, local, , state] = fields;
    const [hexAddress, hexPort] = (local ?? "").split(":");
    const [uid, inode] = [fields[7], fields[9]];
    if (state !== "0A" || hexAddress === undefined) continue;
    if (hexPort === undefined || uid === undefined) continue;
    if (inode === undefined) continue;
    // A damaged address must not pass for the one of all zeros.
    if (!/^(?:[0-9A-Fa-f]{8}|[0-9A-Fa-f]{32})$/.test(hexAddress)) continue;
    rows.push({
      address: formatAddress(parseHexAddress(hexAddress)),
      port: parseInt(hexPort, 16),
      uid: Number(uid),
      inode,
    });
  }
  return rows;
}

/** The kernel prints addresses as 32-bit words in its own byte order. */
export function parseHexAddress(hex: string): readonly number[] {
  return (hex.match(/.{8}/g) ?? []).flatMap((word) =>
    (word.match(/../g) ?? []).reverse().map((byte) => parseInt(byte, 16))
  );
}
