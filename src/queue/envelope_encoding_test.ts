import { assert, assertEquals } from "@std/assert";
import fc from "fast-check";
import { draftOf } from "#support/tasks.ts";
import { byteLength, encodeBody, fitsInto, hashText } from "./envelope.ts";

const STAMP = {
  nodeId: "0123456789abcdef0123456789abcdef",
  buildId: "11111111-2222-5333-8444-555555555555",
  projectId: "6f1c3c1e-6c2b-4f0e-9a55-0d6f3a1b2c3d",
  clockEpoch: 1,
  lamport: 7,
};

const encode = (text: string) => new TextEncoder().encode(text);

async function reference(text: string): Promise<string> {
  const hash = await crypto.subtle.digest("SHA-256", encode(text));
  return new Uint8Array(hash).toHex();
}

/** Short and long ones, of letters that take one to four bytes. */
const texts = fc.tuple(
  fc.string({ unit: "binary" }),
  fc.constantFrom("", "a", "\u00e4", "\u20ac", "\u{1F600}", "\ud800"),
  fc.constantFrom(0, 1, 54, 55, 56, 63, 64, 2729, 2730, 2731, 8192, 20_000),
).map(([text, letter, times]) => text + letter.repeat(times));

Deno.test("hashText() is SHA-256, whatever it was asked before", async () => {
  await fc.assert(
    fc.asyncProperty(fc.array(texts, { maxLength: 4 }), async (some) => {
      const hashes = some.map((text) => hashText(text));
      assertEquals(hashes, await Promise.all(some.map(reference)));
    }),
    { numRuns: 200 },
  );
});

Deno.test("byteLength() and fitsInto() count bytes of UTF-8", () => {
  fc.assert(fc.property(texts, (text) => {
    const bytes = encode(text).length;
    assertEquals(byteLength(text), bytes);
    assert(fitsInto(text, bytes) && !fitsInto(text, bytes - 1));
  }));
});

Deno.test("encodeBody() tells size and hash of the very body", async () => {
  await fc.assert(
    fc.asyncProperty(texts, async (text) => {
      const payload = JSON.stringify({ text });
      const encoded = encodeBody(draftOf({ payload }), STAMP);
      assertEquals(encoded.bytes, encode(encoded.body).length);
      assertEquals(encoded.sha256, await reference(encoded.body));
    }),
    { numRuns: 100 },
  );
});
