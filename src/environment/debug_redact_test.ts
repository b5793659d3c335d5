import { assert, assertEquals, assertMatch } from "@std/assert";
import fc from "fast-check";
import { formsOf } from "./debug_encodings.ts";
import {
  credentialsIn,
  credentialsInWords,
  hideNamed,
  isPlace,
  isSecretKey,
  isSecretVariable,
  looksRandom,
} from "./debug_names.ts";
import { makeRedactor, type RedactorFacts } from "./debug_redact.ts";

function redactorOf(values: readonly string[], more?: Partial<RedactorFacts>) {
  const secrets = values.map((value) => ({ origin: "a test", value }));
  return makeRedactor({ secrets, home: "/home/ada", salt: "salt", ...more });
}

const SECRET = 'pä"s/w+o?rd\\9';

Deno.test.each([
  { form: "as it is", text: `x${SECRET}y` },
  { form: "in JSON", text: JSON.stringify({ a: SECRET }) },
  { form: "in JSON in JSON", text: JSON.stringify(JSON.stringify([SECRET])) },
  { form: "in JSON of ASCII", text: '"p\\u00e4\\"s/w+o?rd\\\\9"' },
  { form: "in a URL", text: `?q=${encodeURIComponent(SECRET)}&` },
  { form: "in a form", text: `q=${new URLSearchParams({ a: SECRET })}` },
  {
    form: "in a URL of small letters",
    text: encodeURIComponent(SECRET).replaceAll(
      /%../g,
      (at) => at.toLowerCase(),
    ),
  },
  {
    form: "in base64",
    text: new TextEncoder().encode(SECRET).toBase64(),
  },
  {
    form: "in base64 behind a name",
    text: new TextEncoder().encode(`bob:${SECRET}`).toBase64(),
  },
  {
    form: "in base64 behind a longer name",
    text: new TextEncoder().encode(`carol:${SECRET}!`).toBase64(),
  },
  {
    form: "in base64 for URLs",
    text: new TextEncoder().encode(`??>>${SECRET}`).toBase64({
      alphabet: "base64url",
    }),
  },
  { form: "in hexadecimal", text: new TextEncoder().encode(SECRET).toHex() },
])("a known secret is found $form", ({ text }) => {
  const redactor = redactorOf([SECRET]);
  assertEquals(redactor.find(text), "a test");
  const clean = redactor.text(text);
  assertEquals(redactor.find(clean), undefined);
  assertMatch(clean, /<redacted>/);
});

Deno.test("every text with a secret in any form comes out without it", () => {
  const secret = fc.string({ unit: "grapheme", minLength: 6, maxLength: 40 })
    .filter((text) => text.trim().length >= 6 && !/^\s|\s$/.test(text));
  const around = fc.string({ unit: "grapheme", maxLength: 12 });
  fc.assert(
    fc.property(
      fc.array(secret, { minLength: 1, maxLength: 4 }),
      around,
      around,
      (values, before, after) => {
        const redactor = redactorOf(values);
        for (const form of values.flatMap(formsOf)) {
          const clean = redactor.text(`${before}${form}${after}`);
          assertEquals(redactor.find(clean), undefined);
          assert(!clean.includes(form), form);
          const value = redactor.value({ [form]: [{ a: `${before}${form}` }] });
          assert(!JSON.stringify(value).includes(form), form);
        }
      },
    ),
    { numRuns: 300 },
  );
});

Deno.test.each([
  { name: "short words within others", text: "xabc1y", is: "xabc1y" },
  { name: "short words alone", text: "a abc1, b", is: "a <redacted>, b" },
  { name: "what says nothing", text: "true 8080 debug", is: "true 8080 debug" },
  { name: "home", text: "/home/ada/x", is: "~/x" },
  {
    name: "named ones",
    text: "db_password: 'a b'",
    is: "db_password: '<redacted>'",
  },
  { name: "flags", text: "--api-key abcdef", is: "--api-key <redacted>" },
  { name: "bearers", text: "Bearer abcdefgh", is: "Bearer <redacted>" },
  { name: "URLs", text: "a://b:cd@e", is: "a://<redacted>@e" },
])("the redactor knows $name", ({ text, is }) => {
  const values = ["abc1", "true", "8080", "debug"];
  assertEquals(redactorOf(values).text(text), is);
});

Deno.test("documents lose what their fields forbid, at any depth", () => {
  const redactor = redactorOf(["known-secret"]);
  const clean = redactor.value({
    a: [{ marker: "repo-1.x", "argv_hash": "abc", token: "short" }],
    b: { "known-secret": 1, port: 8080, n: null, ok: true },
    command: ["/usr/bin/node", "--port=8080", "-x", "server.js"],
  });
  const [shape = "", path = ""] = [redactor.hash("8080"), "server.js"];
  assertEquals(clean, {
    a: [{
      marker: "<redacted>",
      "argv_hash": redactor.hash('"abc"'),
      token: "<redacted>",
    }],
    b: { "<redacted>": 1, port: 8080, n: null, ok: true },
    command: [
      "node",
      `--port=<4 letters, ${shape}>`,
      "-x",
      `<9 letters, ${redactor.hash(path)}>`,
    ],
  });
});

Deno.test("events keep what is public and lose what nobody declared", () => {
  const redactor = redactorOf([]);
  const event = {
    event: "service.launch",
    timestamp: "t",
    unit: "api",
    "argv_hash": "abc",
    surprise: "x",
  };
  assertEquals(redactor.event(event), {
    event: "service.launch",
    timestamp: "t",
    unit: "api",
    "argv_hash": redactor.hash('"abc"'),
    surprise: "<redacted>",
  });
  assertEquals(redactor.event({ event: "stranger", a: 1 }), {
    event: "stranger",
    a: "<redacted>",
  });
});

Deno.test("hashes mean nothing in another bundle", () => {
  const [a, b] = ["a", "b"].map((salt) => redactorOf([], { salt }).hash("x"));
  assert(a !== b);
});

Deno.test("a secret that is the mark itself gets another mark", () => {
  const redactor = redactorOf(["<redacted>", "redacted"]);
  assertEquals(redactor.text("a redacted b"), "a <removed> b");
});

Deno.test("what only looks like a secret takes no half of a known one", () => {
  const redactor = redactorOf(["token=abcd efgh"]);
  assertEquals(redactor.text("a token=abcd efgh b"), "a <redacted> b");
});

Deno.test("each line of a key counts", () => {
  const redactor = redactorOf(["BEGIN\nabcdefghijklmnop\nEND"]);
  assertEquals(redactor.text("12:00 abcdefghijklmnop"), "12:00 <redacted>");
});

Deno.test.each([
  { name: "DB_PASSWORD", secret: true },
  { name: "STRIPE_SK_KEY", secret: true },
  { name: "GITHUB_TOKEN", secret: true },
  { name: "PWD", secret: false },
  { name: "KEYBOARD", secret: false },
  { name: "PORT", secret: false },
])("isSecretVariable() judges $name", ({ name, secret }) => {
  assertEquals(isSecretVariable(name), secret);
});

Deno.test.each([
  { value: "/home/ada/code", place: true },
  { value: "./a_b/c.pem", place: true },
  { value: "~/.cache", place: true },
  { value: "http://a.b:80/c/d", place: true },
  { value: "db.local:5432", place: true },
  { value: "plain-words", place: false },
  { value: "admin:123456", place: false },
  { value: "/ä(b%c", place: false },
  { value: "http://a.b/x?key=1", place: false },
  { value: "postgres://ada@host/db", place: false },
  { value: "/Zk3vQ0pL8sYw+Xe2", place: false },
  { value: "https://a.b/c/Zk3vQ0pL8sYw", place: false },
  { value: "/a/0123456789abcdef01234567", place: false },
  { name: "A_SECRET", value: "/home/ada/code", place: false },
  { name: "A_SECRET_FILE", value: "/run/secrets/a", place: true },
  { name: "A_SECRET_FILE", value: "hunter2-and-more", place: false },
])("isPlace() judges $value", ({ name = "ANY", value, place }) => {
  assertEquals(isPlace(name, value), place);
});

Deno.test("names of our own documents promise no secret", () => {
  for (const name of ["key", "env_names", "port", "run_id", "marker_count"]) {
    assert(!isSecretKey(name), name);
  }
  assert(isSecretKey("apiKey"));
});

Deno.test("credentials are seen in texts and in words of commands", () => {
  assertEquals(credentialsIn("a://b:c%40dd@e Bearer abcdefghijkl"), [
    "c%40dd",
    "c@dd",
    "abcdefghijkl",
  ]);
  assertEquals(
    credentialsInWords([
      "x",
      "--password",
      "abcd",
      "--token=efgh",
      "K_KEY=ijkl",
    ]),
    ["abcd", "efgh", "ijkl"],
  );
  assert(looksRandom("a1b2c3d4e5f6"));
  assert(!looksRandom("http://a.b/c1d2e3f4"));
});

const KIB = 1024;

Deno.test.each([
  { part: "x_" },
  { part: "-" },
  { part: "--a" },
  { part: "token  " },
  { part: 'password="' },
])("hideNamed() is done soon with much of $part", ({ part }) => {
  const begin = performance.now();
  hideNamed(part.repeat(256 * KIB / part.length), "");
  assert(performance.now() - begin < 5000);
});
