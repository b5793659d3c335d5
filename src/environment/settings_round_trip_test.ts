import { assert, assertEquals } from "@std/assert";
import fc from "fast-check";
import { setLine } from "../config/env_lines.ts";
import { KnownError } from "../errors.ts";
import { managedLines } from "./managed_block.ts";
import type { EnvironmentSettings } from "./model.ts";
import { readText, savedText, settledText } from "./settings_change.ts";
import { DEPENDENCY_IDS } from "./service_keys.ts";
import { knownKeys, type NamedKey } from "./settings_names.ts";

const PATH = "/r/.reeve";
const NOTHING = readText(PATH, "");

/** A value that a key takes, as a file writes it. */
function valueFor({ name, spec }: NamedKey): fc.Arbitrary<string> {
  switch (spec.type) {
    case "boolean":
      return fc.constantFrom("true", "false", "on", "0");
    case "enum":
      return fc.constantFrom(...spec.words);
    case "words":
      return fc.subarray([...spec.words]).map((words) =>
        words.join(",") || "none"
      );
    case "integer":
    case "size":
      return fc.integer({ min: spec.min, max: spec.max }).map(String);
    case "duration":
      return fc.integer({ min: spec.min, max: spec.max }).map((ms) =>
        `${ms}ms`
      );
    default:
      return textFor(name);
  }
}

function textFor(name: string): fc.Arbitrary<string> {
  const words = fc.string({ unit: "binary-ascii", maxLength: 30 }).map((text) =>
    text.replaceAll(/[^ -~]|[{}$]/g, "").trim()
  );
  if (name.endsWith("_DISPLAY_NAME")) {
    return words.map((text) => text || "Name");
  }
  if (/_(?:DIR|ONLY_IF_PATH)$/.test(name)) {
    return fc.constantFrom("a", "a/b c", "x'y", 'q"r', "ü");
  }
  if (name.endsWith("_CMD")) {
    return fc.constantFrom("run 'a b' c", `x "y'z" \\\\`, "a#b", "deno task x");
  }
  if (name.endsWith("_READY")) {
    return fc.constantFrom("exit", "running", "log:up \\d+ 'x'", "http:/h?a=1");
  }
  if (name.endsWith("_DEPENDS_ON")) return fc.constantFrom("", "dependencies");
  if (name.endsWith("_URL")) return fc.constantFrom("", "http://h:1/a?b='c'");
  return fc.constant("");
}

/** Settings with every key set to something that it takes. */
function anySettings(): fc.Arbitrary<EnvironmentSettings> {
  const slugs = ["api", "web-worker"];
  const rows = [...knownKeys(slugs).values()].map((key) =>
    fc.tuple(fc.constant(key.name), fc.option(valueFor(key)))
  );
  const fixed = [
    `REEVE_SERVICES=${slugs.join(",")}`,
    "REEVE_SERVICE_API_PORT=8000",
    "REEVE_SERVICE_WEB_WORKER_PORT=8001",
  ];
  return fc.tuple(
    ...rows,
    fc.tuple(
      fc.constant("REEVE_SERVICE_API_ENV__A"),
      fc.option(fc.constantFrom("", "a b", "it's", '"', "#", "\\", "$${x}")),
    ),
  ).map((pairs) => {
    const given = pairs.flatMap(([name, value]) =>
      value === null ? [] : [{ name, value }]
    );
    const text = given.reduce(
      (all, { name, value }) => setLine(all, name, value),
      "",
    );
    const last = fixed.reduce((all, row) => {
      const [name = "", value = ""] = row.split("=");
      return setLine(all, name, value);
    }, text);
    return readText(PATH, last).settings;
  }).filter((settings) => {
    // What contradicts itself is refused, and never written.
    const text = savedOrUndefined(settings);
    return text !== undefined;
  });
}

function savedOrUndefined(settings: EnvironmentSettings): string | undefined {
  try {
    return savedText({ path: PATH, text: "" }, settings);
  } catch (error) {
    if (error instanceof KnownError) return undefined;
    throw error;
  }
}

Deno.test("what is saved is read back the same, over all keys", () => {
  const seen = new Set<string>();
  fc.assert(
    fc.property(
      anySettings(),
      fc.constantFrom("", "# a\r\nX=1"),
      (settings, own) => {
        const text = savedText({ path: PATH, text: own }, settings);
        const back = readText(PATH, text);
        assertEquals([back.settings, back.faults], [settings, []]);
        assert(text.startsWith(own), "a person's text stays");
        const again = settledText({ path: PATH, text }, settings);
        assertEquals(again, text);
        const defaults = new Map(managedLines(NOTHING.settings));
        for (const [name, value] of managedLines(settings)) {
          if (defaults.get(name) !== value) seen.add(name);
        }
      },
    ),
    { numRuns: 60 },
  );
  const known = [...knownKeys(["api", "web-worker"]).keys()];
  const others = DEPENDENCY_IDS.map((id) => id.toUpperCase());
  const never = known.filter((name) =>
    !seen.has(name) && !others.some((id) => name.includes(`_${id}_`))
  );
  assertEquals(
    never.filter((name) => !/_(?:LINKS|ENV|DIR|HOST)$/.test(name)),
    [],
  );
});
