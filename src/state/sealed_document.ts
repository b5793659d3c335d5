/**
 * Documents that only we write and that every command reads. Their first line
 * is a seal, which tells whether the rest is still as it was written: then its
 * shape needs no check, and loading what checks shapes is what takes long.
 *
 * A seal finds damage and edits; whoever wants to forge one can.
 *
 * @module
 */

import type { Host } from "../host/host.ts";
import {
  type DocumentRead,
  type DocumentSchema,
  parseDocument,
  readDocumentText,
} from "./document.ts";

/** How a sealed document becomes a value. */
export interface SealedForm<D, T> {
  /** Version that this program writes. */
  readonly version: number;
  /** The value of a document that has the right shape. */
  readonly decode: (document: D) => T;
  /** The check of the shape, for documents without an intact seal. */
  readonly loadSchema: () => Promise<DocumentSchema<D>>;
}

const START = "{\n";
const SEAL = /^\{\n {2}"_seal": "([0-9a-f]{16})",\n/;

/** Puts a seal into a formatted JSON object that is not empty. */
export function sealText(text: string): string {
  const rest = text.slice(START.length);
  return `${START}  "_seal": "${digestOf(rest)}",\n${rest}`;
}

/** Whether a text has a seal, and it is intact. */
export function isSealed(text: string): boolean {
  const [start = "", seal] = SEAL.exec(text) ?? [];
  return seal !== undefined && digestOf(text.slice(start.length)) === seal;
}

/**
 * 64 bits of a text: two runs of FNV-1a over its UTF-8, four bytes at a time.
 * Its length ends it, so that zeros at the end count.
 */
function digestOf(text: string): string {
  const bytes = new TextEncoder().encode(text);
  const padded = new Uint8Array(Math.ceil(bytes.length / 4) * 4 + 4);
  padded.set(bytes);
  const words = new DataView(padded.buffer);
  words.setUint32(padded.length - 4, bytes.length);
  let [a, b] = [0x811c9dc5, 0x9dc5811c];
  for (let at = 0; at < padded.length; at += 4) {
    const word = words.getUint32(at);
    a = Math.imul(a ^ word, 0x01000193);
    b = Math.imul(b ^ word, 0x85ebca6b) ^ (b >>> 13);
  }
  const hex = (word: number) => (word >>> 0).toString(16).padStart(8, "0");
  return hex(a) + hex(b);
}

/** Reads a sealed document, or one of the same shape without a seal. */
export async function readSealed<D, T>(
  host: Pick<Host, "files">,
  path: string,
  form: SealedForm<D, T>,
): Promise<DocumentRead<T>> {
  const text = await readDocumentText(host, path);
  return typeof text === "string" ? await parseSealed(text, form) : text;
}

/**
 * Parses the text of a sealed document, or of one without a seal.
 *
 * @param isIntact whether it is as it was written, for whoever knows that from
 * something stronger. @default {@linkcode isSealed}
 */
export async function parseSealed<D, T>(
  text: string,
  { version, decode, loadSchema }: SealedForm<D, T>,
  isIntact: (text: string) => boolean = isSealed,
): Promise<DocumentRead<T>> {
  if (isIntact(text)) {
    const document = JSON.parse(text);
    if (document["schema_version"] === version) {
      return { kind: "found", value: decode(document) };
    }
  }
  const read = parseDocument(text, await loadSchema(), version);
  return read.kind === "found"
    ? { kind: "found", value: decode(read.value) }
    : read;
}
