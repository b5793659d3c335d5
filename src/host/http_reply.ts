/**
 * Reads one HTTP/1.x reply from bytes: just enough for a loopback probe.
 *
 * @module
 */

/** What the bytes received so far amount to. */
export type ReplyState =
  | { readonly kind: "incomplete" }
  | { readonly kind: "not_http" }
  | { readonly kind: "reply"; readonly status: number; readonly body: string };

const NOT_HTTP: ReplyState = { kind: "not_http" };
const INCOMPLETE: ReplyState = { kind: "incomplete" };

/**
 * Parses what has arrived. `hasEnded` says that the peer closed the
 * connection, which ends a body that states no length (HTTP/1.0).
 */
export function parseReply(bytes: Uint8Array, hasEnded: boolean): ReplyState {
  const start = latin1(bytes.subarray(0, 9));
  if (!"HTTP/1.".startsWith(start.slice(0, 7))) return NOT_HTTP;
  const headEnd = findHeadEnd(bytes);
  if (headEnd < 0) return hasEnded ? NOT_HTTP : INCOMPLETE;
  const [statusLine = "", ...lines] = latin1(bytes.subarray(0, headEnd))
    .split("\r\n");
  const status = /^HTTP\/1\.[01] (\d{3})(?: |$)/.exec(statusLine)?.[1];
  if (status === undefined) return NOT_HTTP;
  const headers = new Map(lines.map(splitHeader));
  const body = readBody(bytes.subarray(headEnd + 4), headers, hasEnded);
  if (typeof body !== "object") return body === "bad" ? NOT_HTTP : INCOMPLETE;
  return {
    kind: "reply",
    status: Number(status),
    body: new TextDecoder().decode(body),
  };
}

function latin1(bytes: Uint8Array): string {
  let text = "";
  for (const byte of bytes) text += String.fromCharCode(byte);
  return text;
}

function findHeadEnd(bytes: Uint8Array): number {
  for (let at = 0; at + 3 < bytes.length; at++) {
    if (
      bytes[at] === 13 && bytes[at + 1] === 10 && bytes[at + 2] === 13 &&
      bytes[at + 3] === 10
    ) return at;
  }
  return -1;
}

function splitHeader(line: string): [string, string] {
  const colon = line.indexOf(":");
  return [line.slice(0, colon).toLowerCase(), line.slice(colon + 1).trim()];
}

function readBody(
  rest: Uint8Array,
  headers: ReadonlyMap<string, string>,
  hasEnded: boolean,
): Uint8Array | "more" | "bad" {
  if (headers.get("transfer-encoding")?.toLowerCase() === "chunked") {
    return readChunks(rest);
  }
  const length = headers.get("content-length");
  if (length === undefined) return hasEnded ? rest : "more";
  if (!/^\d{1,9}$/.test(length)) return "bad";
  if (rest.length >= Number(length)) return rest.subarray(0, Number(length));
  return hasEnded ? "bad" : "more";
}

function readChunks(rest: Uint8Array): Uint8Array | "more" | "bad" {
  const parts: number[] = [];
  let at = 0;
  while (true) {
    const end = rest.indexOf(10, at);
    if (end < 0) return "more";
    const size = /^([0-9a-fA-F]{1,6})(?:;.*)?\r$/.exec(
      latin1(rest.subarray(at, end)),
    )?.[1];
    if (size === undefined) return "bad";
    const length = parseInt(size, 16);
    if (length === 0) return new Uint8Array(parts);
    const next = end + 1 + length + 2;
    if (next > rest.length) return "more";
    parts.push(...rest.subarray(end + 1, end + 1 + length));
    at = next;
  }
}
