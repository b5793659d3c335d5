import { assert, assertEquals } from "@std/assert";
import fc from "fast-check";
import { redactText } from "./secret_text.ts";

const HOME = "/home/ada";

Deno.test.each([
  { name: "nothing", text: "", is: "" },
  { name: "plain words", text: "a token is a word", is: "a token is a word" },
  { name: "a home path", text: "at /home/ada/x.ts:3", is: "at ~/x.ts:3" },
  { name: "every home path", text: "/home/ada/a:/home/ada/b", is: "~/a:~/b" },
  {
    name: "user and password in a URL",
    text: "git clone https://ada:pw@git.example/r",
    is: "git clone https://<redacted>@git.example/r",
  },
  {
    name: "a URL without password",
    text: "https://git.example:8080/r@1",
    is: "https://git.example:8080/r@1",
  },
  {
    name: "a JSON Web Token",
    text: "x eyJhbGciOiJIUzI1NiJ9.eyJzdWIiOiIxIn0.c2ln y",
    is: "x <redacted> y",
  },
  {
    name: "a token without signature",
    text: "eyJhbGciOiJub25lIn0.eyJzdWIiOiIxIn0.",
    is: "<redacted>",
  },
  {
    name: "a GitHub token",
    text: "ghp_0123456789abcdefABCD.",
    is: "<redacted>.",
  },
  {
    name: "a fine-grained GitHub token",
    text: "github_pat_11ABCDEFG0123456789",
    is: "<redacted>",
  },
  { name: "a GitLab token", text: "glpat-0123456789abcdef", is: "<redacted>" },
  { name: "a Slack token", text: "xoxb-1234567890-abcdef", is: "<redacted>" },
  { name: "a Stripe key", text: "sk_live_0123456789abcdef", is: "<redacted>" },
  { name: "an OpenAI key", text: "sk-proj-0123456789abcdef", is: "<redacted>" },
  { name: "an AWS key", text: "AKIAIOSFODNN7EXAMPLE", is: "<redacted>" },
  { name: "half an AWS key", text: "AKIAIOSFODNN7", is: "AKIAIOSFODNN7" },
  {
    name: "a private key",
    text:
      "a\n-----BEGIN RSA PRIVATE KEY-----\nMIIE\n-----END RSA PRIVATE KEY-----\nb",
    is: "a\n<redacted>\nb",
  },
  {
    name: "the beginning of a private key",
    text: "-----BEGIN PRIVATE KEY-----\nMIIE",
    is: "<redacted>",
  },
  {
    name: "a public key",
    text: "-----BEGIN PUBLIC KEY-----",
    is: "-----BEGIN PUBLIC KEY-----",
  },
  {
    name: "a bearer header",
    text: "Authorization: Bearer abcdef123",
    is: "Authorization: Bearer <redacted>",
  },
  {
    name: "a basic header",
    text: "authorization=Basic YWRhOnB3",
    is: "authorization=Basic <redacted>",
  },
  {
    name: "a bearer token alone",
    text: "bearer abcdef123",
    is: "bearer <redacted>",
  },
  {
    name: "a password in a query",
    text: "?user=ada&password=hunter22&x=1",
    is: "?user=ada&password=<redacted>&x=1",
  },
  {
    name: "a password in JSON",
    text: '{"passwd": "hunter22"}',
    is: '{"passwd": "<redacted>"}',
  },
  {
    name: "an API key",
    text: "API_KEY='abcd1234'",
    is: "API_KEY='<redacted>'",
  },
  {
    name: "a secret after a colon",
    text: "secret: abcd1234, next",
    is: "secret: <redacted>, next",
  },
])("redactText() knows $name", ({ text, is }) => {
  assertEquals(redactText(text, HOME), is);
});

Deno.test("redactText() sees a secret around one that it took out", () => {
  const text = 'https://token=token=/x"ada:pw@h';
  assertEquals(redactText(text, HOME), "https://<redacted>@h");
});

Deno.test("redactText() leaves paths alone where there is no home", () => {
  assertEquals(redactText("/home/ada/x", undefined), "/home/ada/x");
  assertEquals(redactText("/a/b", "/"), "/a/b");
});

const SECRET = "ZQ7ZQ7ZQ7ZQ7ZQ7Z";

Deno.test.each([
  ...["ghp_", "gho_", "ghu_", "ghs_", "ghr_", "github_pat_", "glpat-"],
  ...["xoxa-", "xoxb-", "xoxp-", "xoxr-", "sk_live_", "rk_live_", "sk-"],
  ...["AKIA", "eyJabcdefgh.", "eyJabcdefgh.abcdefgh.", "h://u:", "h://"],
  ...["-----BEGIN PRIVATE KEY-----\n", "bearer ", "BEARER\t", "pass=", "PASS:"],
  ...["password=", "passwd: ", "Secret: ", "token = ", "TOKEN=", "api_key="],
  ...["apikey:", "Api-Key: ", "authorization:", "AUTHORIZATION: basic "],
].map((before) => ({ before: JSON.stringify(before), start: before })))(
  "redactText() takes out what stands behind $before, in any text",
  ({ start }) => {
    const end = start.startsWith("h://")
      ? ":x@h"
      : start === "eyJabcdefgh."
      ? ".x"
      : "";
    const words = fc.constantFrom("a", "word", " ", "\n", "/x", "=", "@", "ä");
    const text = fc.array(words).map((parts) => parts.join(""));
    fc.assert(fc.property(text, text, (before, after) => {
      const said = `${before} ${start}${SECRET}${end} ${after}`;
      assert(!redactText(said, HOME).includes(SECRET), said);
    }));
  },
);

Deno.test("redactText() changes nothing more the second time", () => {
  const words = fc.constantFrom(
    ...["token=", "abcd1234", "Bearer ", HOME, "/x", " ", '"', ":", "https://"],
    ...["ada:pw@h", "eyJhbGciOi.eyJzdWIiOi.", "sk-0123456789abc", "\n", "a"],
  );
  fc.assert(
    fc.property(fc.array(words), (parts) => {
      const once = redactText(parts.join(""), HOME);
      assertEquals(redactText(once, HOME), once);
    }),
    { numRuns: 2000 },
  );
});

const KIB = 1024;

Deno.test.each([
  { name: "words and dots", part: "a." },
  { name: "the beginnings of tokens", part: "-eyJ" },
  { name: "the beginnings of long tokens", part: "-eyJaaaaaaaa.aaaaaaaa" },
  { name: "the beginnings of URLs", part: "a://b:c" },
  { name: "the beginnings of keys", part: "-----BEGIN A PRIVATE KEY" },
  { name: "bearers of nothing", part: "bearer\t" },
  { name: "names of secrets", part: "token  " },
  { name: "spaces", part: " " },
  { name: "prefixes of keys", part: "sk-" },
])("redactText() is done soon with 256 KiB of $name", ({ part }) => {
  const text = part.repeat(256 * KIB / part.length);
  const start = performance.now();
  redactText(text, HOME);
  const tookMs = performance.now() - start;
  // A look back from every place takes minutes, even on a machine at rest.
  assert(tookMs < 20_000, `it took ${Math.round(tookMs)} ms`);
});
