import { assert, assertEquals, assertNotEquals } from "@std/assert";
import { createAnswerer, equalsInConstantTime, isNonce } from "./challenge.ts";

Deno.test.each([
  { nonce: "0".repeat(15), is: false },
  { nonce: "0".repeat(16), is: true },
  { nonce: "0123456789abcdef", is: true },
  { nonce: "f".repeat(64), is: true },
  { nonce: "f".repeat(65), is: false },
  { nonce: "F".repeat(16), is: false },
  { nonce: "g".repeat(16), is: false },
  { nonce: " ".repeat(16), is: false },
  { nonce: "0".repeat(16) + "\n", is: false },
  { nonce: "", is: false },
])("isNonce() of $nonce is $is", ({ nonce, is }) => {
  assertEquals(isNonce(nonce), is);
});

Deno.test("createAnswerer() gives HMAC-SHA-256 in hexadecimal", async () => {
  assertEquals(
    await createAnswerer("key")("The quick brown fox jumps over the lazy dog"),
    "f7bc83f430538424b13298e6aa6fb143ef4d59a14946175997479dbc2d1a3cd8",
  );
});

Deno.test("createAnswerer() depends on token and nonce", async () => {
  const answer = await createAnswerer("a")("0".repeat(16));
  assertNotEquals(answer, await createAnswerer("b")("0".repeat(16)));
  assertNotEquals(answer, await createAnswerer("a")("1".repeat(16)));
  assert(/^[0-9a-f]{64}$/.test(answer));
});

Deno.test.each([
  { a: "", b: "", is: true },
  { a: "abc", b: "abc", is: true },
  { a: "abc", b: "abd", is: false },
  { a: "abc", b: "ab", is: false },
  { a: "ab", b: "abc", is: false },
  { a: "", b: "a", is: false },
  { a: "a", b: "a\0", is: false },
  { a: "abc", b: "cba", is: false },
  { a: "ä", b: "a", is: false },
])("equalsInConstantTime() of $a and $b is $is", ({ a, b, is }) => {
  assertEquals(equalsInConstantTime(a, b), is);
});
