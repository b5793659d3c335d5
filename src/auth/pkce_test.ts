import { assert, assertEquals } from "@std/assert";
import { challengeOf, createProof, equalsInConstantTime } from "./pkce.ts";
import { FakeWorld } from "#support/fake_host.ts";

Deno.test("challengeOf() gives the challenge of the standard's example", async () => {
  assertEquals(
    await challengeOf("dBjftJeZ4CVP-mB92K27uhbUJU1p1r_wW1gFWFOEjXk"),
    "E9Melhoa2OwvFrEMTJguCHaoeK1t8URWbuGJSstw-cM",
  );
});

Deno.test("createProof() makes secrets that are long enough and differ", async () => {
  const host = new FakeWorld().host();
  const [a, b] = [await createProof(host), await createProof(host)];
  for (const { verifier, state } of [a, b]) {
    assert(/^[0-9a-f]{64}$/.test(verifier));
    assert(/^[0-9a-f]{64}$/.test(state));
  }
  assertEquals(a.challenge, await challengeOf(a.verifier));
  const secrets = [a.verifier, a.state, b.verifier, b.state];
  assertEquals(new Set(secrets).size, 4);
});

Deno.test.each([
  { a: "abc", b: "abc", is: true },
  { a: "abc", b: "abd", is: false },
  { a: "abc", b: "ab", is: false },
  { a: "", b: "a", is: false },
  { a: "abc", b: "abc\u0000", is: false },
])("equalsInConstantTime('$a', '$b') is $is", ({ a, b, is }) => {
  assertEquals(equalsInConstantTime(a, b), is);
});
