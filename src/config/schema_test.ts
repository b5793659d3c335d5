import { assert, assertEquals } from "@std/assert";
import fc from "fast-check";
import * as z from "zod";
import { checkJson } from "./check_value.ts";
import { KEY_NAMES, type KeyName, specOf } from "./keys.ts";
import { configSchema } from "./schema.ts";
import { parseUserFile } from "./user_file.ts";

const RUNS = 5000;

/** What the checks say that are made by hand. */
function isSound(text: string): boolean {
  const { fault, values } = parseUserFile("/c", text);
  if (fault !== undefined) return false;
  return [...values].every(([key, value]) =>
    checkJson(specOf(key), value).kind === "value"
  );
}

const likely = fc.constantFrom<unknown>(
  ...[true, false, null],
  "",
  "auto",
  " OFF ",
  "Manual",
  "teamspace",
  "full",
  "spill",
  0,
  -0,
  1,
  9,
  10,
  1000,
  235_929,
  1.5,
  2 ** 40,
  2 ** 40 + 1,
  1e300,
  "5",
  "256MiB",
  "1 kib",
  "64MB",
  "2TiB",
  "5m",
  "1500MS",
  "0",
  "366d",
  "1 h",
  "MY_TOKEN",
  " team-1 ",
  "redis://a.b:1/2",
  "redis://:secret@a.b",
  "/a/b c",
  "C:\\\\a",
  "a b",
  [],
  ["repo"],
  ["repo", "commit", "repo"],
  ["all"],
  [1],
  {},
  { a: 1 },
  "https://a.b",
  "https://a.b/c/",
  " https://a.b:8443 ",
  "https://u:p@a.b",
  "https://a.b?x",
  "https://a.b:99999",
  "https://[::1",
  "https:a.b",
  "HTTPS://a.b",
  "http://a.b",
  "http://localhost:1",
  "http://LOCALHOST",
  "http://127.0.0.1:1/x",
  "http://127.1",
  "http://[::1]/",
  "http://localhost.evil.example",
);
const value = fc.oneof(
  { weight: 6, arbitrary: likely },
  {
    weight: 1,
    arbitrary: fc.tuple(
      fc.nat(),
      fc.constantFrom("", "B", "KiB", "GiB", "ms", "s", "d", " m"),
    ).map((parts) => parts.join("")),
  },
  { weight: 1, arbitrary: fc.webUrl() },
  { weight: 1, arbitrary: fc.nat() },
  { weight: 1, arbitrary: fc.jsonValue() },
);

/** Every key gets one of its own words as often as any other value. */
const keyWithValue = fc.constantFrom(...KEY_NAMES).chain((key) => {
  const spec = specOf(key);
  const own = "words" in spec ? [...spec.words, [...spec.words]] : [];
  const standard = spec.default === undefined ? [] : [spec.default];
  const typical = { boolean: [true], duration: ["5m"] };
  const sound = spec.type === "boolean" || spec.type === "duration"
    ? typical[spec.type]
    : [];
  return fc.tuple(
    fc.constant(key),
    fc.oneof(
      value,
      fc.constantFrom<unknown>(
        "https://a.b",
        "/a/b c",
        ...own,
        ...standard,
        ...sound,
      ),
    ),
  );
});

function nest(entries: readonly (readonly [string, unknown])[]) {
  const root: Record<string, unknown> = {};
  // Values are shared between runs, and a later key may lead into one.
  for (const [key, shared] of entries) {
    const value = structuredClone(shared);
    const names = key.split(".");
    const last = names.pop() ?? "";
    let at = root;
    for (const name of names) {
      at = (at[name] ??= {}) as Record<string, unknown>;
      if (typeof at !== "object") break;
    }
    if (typeof at === "object") at[last] = value;
  }
  return root;
}

Deno.test("configSchema() agrees with the hand-made checks on one key", () => {
  const schema = configSchema();
  const seen = new Map<KeyName, Set<boolean>>();
  fc.assert(
    fc.property(keyWithValue, ([key, value]) => {
      const text = JSON.stringify(nest([[key, value]]));
      const sound = isSound(text);
      seen.set(key, (seen.get(key) ?? new Set()).add(sound));
      assertEquals(schema.safeParse(JSON.parse(text)).success, sound, text);
    }),
    { numRuns: RUNS },
  );
  for (const key of KEY_NAMES) {
    assertEquals(seen.get(key)?.size, 2, `${key} was met sound and wrong`);
  }
});

Deno.test("configSchema() agrees with the hand-made checks on a file", () => {
  const schema = configSchema();
  const key = fc.constantFrom(
    ...KEY_NAMES,
    "schema_version",
    "sync",
    "sync.batch",
    "sync.external",
    "sync.unknown",
    "other.section",
  );
  fc.assert(
    fc.property(fc.array(fc.tuple(key, value)), (entries) => {
      const text = JSON.stringify(nest(entries));
      const sound = isSound(text);
      assertEquals(schema.safeParse(JSON.parse(text)).success, sound, text);
    }),
    { numRuns: RUNS },
  );
});

Deno.test("configSchema() describes every key for the reference", () => {
  const json = z.toJSONSchema(configSchema(), { unrepresentable: "any" });
  for (const key of KEY_NAMES) {
    let at: unknown = json;
    for (const name of key.split(".")) {
      assert(typeof at === "object" && at !== null && "properties" in at, key);
      at = (at.properties as Record<string, unknown>)[name];
    }
    assert(typeof at === "object" && at !== null, key);
    const { description } = specOf(key);
    assertEquals("description" in at && at.description, description);
  }
});
