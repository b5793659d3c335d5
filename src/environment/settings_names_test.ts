import { assert, assertEquals } from "@std/assert";
import fc from "fast-check";
import { checkText } from "../config/check_value.ts";
import { DEPENDENCY_IDS } from "./service_keys.ts";
import {
  envPrefix,
  isEnvironmentName,
  keyReference,
  knownKeys,
  listOf,
  suffixOf,
} from "./settings_names.ts";

Deno.test("no two services share a key", () => {
  const slug = fc.stringMatching(/^[a-z]{1,2}(-(env|ready|health|[a-z]))*$/);
  fc.assert(
    fc.property(fc.uniqueArray(slug, { maxLength: 5 }), (slugs) => {
      const none = knownKeys([]).size;
      const perService = knownKeys(["a"]).size - none;
      const keys = knownKeys(slugs);
      assertEquals(keys.size, none + slugs.length * perService);
      for (const prefix of slugs.map(envPrefix)) {
        assert(![...keys.keys()].some((name) => name.startsWith(prefix)));
      }
    }),
    { numRuns: 300 },
  );
});

Deno.test("every key is known as one of the environment", () => {
  const names = [...knownKeys(["api", "job-runner"]).keys(), envPrefix("a")];
  for (const name of names) assert(isEnvironmentName(name), name);
});

Deno.test.each(["REEVE_PROJECT_ID", "REEVE_SYNC_X", "REEVE_SERVICESX", "A"])(
  "%s is no key of the environment",
  (name) => assert(!isEnvironmentName(name)),
);

Deno.test("every default is a value that its key takes", () => {
  for (const { name, spec } of knownKeys(["a"]).values()) {
    if (spec.default === undefined || spec.default === "") continue;
    if (spec.type === "duration") continue;
    const text = Array.isArray(spec.default)
      ? spec.default.join(",")
      : String(spec.default);
    assertEquals(checkText(spec, text).kind, "value", name);
  }
});

Deno.test("the reference has every key once, with a description", () => {
  const rows = keyReference();
  const names = rows.map(({ name }) => name.replace("<NAME>", "A"));
  assertEquals(
    names.filter((name) => !name.includes("<")).toSorted(),
    [...knownKeys(["a"]).keys()].toSorted(),
  );
  assertEquals(new Set(names).size, names.length);
  for (const { spec } of rows) assert(spec.description.length > 10);
  for (const id of DEPENDENCY_IDS) {
    assert(names.includes(`REEVE_DEPENDENCY_${suffixOf(id)}_PORT`));
  }
});

Deno.test("listOf() has each word once", () => {
  assertEquals(listOf(" a, b,,a\tc "), ["a", "b", "c"]);
  assertEquals(listOf(""), []);
});
