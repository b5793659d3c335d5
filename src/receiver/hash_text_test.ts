import { assertEquals } from "@std/assert";
import { hashText } from "./hash_text.ts";

Deno.test("hashText() is SHA-256 of UTF-8", async () => {
  for (const text of ["", "abc", "grün 日本 😀", "x".repeat(1000)]) {
    const bytes = new TextEncoder().encode(text);
    const hash = await crypto.subtle.digest("SHA-256", bytes);
    assertEquals(hashText(text), new Uint8Array(hash).toHex());
  }
});
