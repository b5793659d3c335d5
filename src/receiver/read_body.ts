/**
 * Reads the body of a request within limits of what it is on the wire and of
 * what it becomes when it is unpacked.
 *
 * @module
 */

/** Limits of a body, in bytes. */
export interface BodyLimits {
  /** As it comes over the wire. */
  readonly maxWireBytes: number;
  /** Unpacked. */
  readonly maxBytes: number;
}

/** What came. */
export type BodyRead =
  | { readonly kind: "text"; readonly text: string; readonly bytes: number }
  | { readonly kind: "too_large" }
  | { readonly kind: "broken"; readonly reason: string }
  | { readonly kind: "unsupported"; readonly encoding: string };

/** DEFLATE grows at most thousandfold, so this unpacks to 4 MiB at once. */
const SLICE_BYTES = 4096;

class TooLarge extends Error {}

/** Reads a body as text; `gzip` is unpacked. */
export async function readBody(
  request: Request,
  limits: BodyLimits,
): Promise<BodyRead> {
  const stated = request.headers.get("content-encoding") ?? "";
  const encoding = stated.toLowerCase() || "identity";
  if (encoding !== "identity" && encoding !== "gzip") {
    return { kind: "unsupported", encoding };
  }
  if (request.body === null) return { kind: "text", text: "", bytes: 0 };
  const length = Number(request.headers.get("content-length") ?? 0);
  if (length > limits.maxWireBytes) return { kind: "too_large" };
  const wire = limit(request.body, limits.maxWireBytes);
  try {
    const bytes = await gather(
      encoding === "gzip" ? unpack(wire) : wire,
      limits.maxBytes,
    );
    const text = new TextDecoder("utf-8", { fatal: true }).decode(bytes);
    return { kind: "text", text, bytes: bytes.length };
  } catch (error) {
    if (error instanceof TooLarge) return { kind: "too_large" };
    // What the platform says of bad gzip, bad UTF-8 and a lost connection.
    const reason = error instanceof Error ? error.message : String(error);
    return { kind: "broken", reason };
  }
}

async function* limit(
  body: ReadableStream<Uint8Array<ArrayBuffer>>,
  maxBytes: number,
): AsyncGenerator<Uint8Array<ArrayBuffer>> {
  let length = 0;
  for await (const chunk of body) {
    length += chunk.length;
    if (length > maxBytes) throw new TooLarge();
    yield chunk;
  }
}

function unpack(
  wire: AsyncIterable<Uint8Array<ArrayBuffer>>,
): AsyncIterable<Uint8Array<ArrayBuffer>> {
  return ReadableStream.from(slice(wire))
    .pipeThrough(new DecompressionStream("gzip"));
}

async function* slice(
  wire: AsyncIterable<Uint8Array<ArrayBuffer>>,
): AsyncGenerator<Uint8Array<ArrayBuffer>> {
  for await (const chunk of wire) {
    for (let at = 0; at < chunk.length; at += SLICE_BYTES) {
      yield chunk.subarray(at, at + SLICE_BYTES);
    }
  }
}

async function gather(
  chunks: AsyncIterable<Uint8Array<ArrayBuffer>>,
  maxBytes: number,
): Promise<Uint8Array> {
  const gathered: Uint8Array[] = [];
  let length = 0;
  for await (const chunk of chunks) {
    length += chunk.length;
    if (length > maxBytes) throw new TooLarge();
    gathered.push(chunk);
  }
  const bytes = new Uint8Array(length);
  let at = 0;
  for (const chunk of gathered) {
    bytes.set(chunk, at);
    at += chunk.length;
  }
  return bytes;
}
