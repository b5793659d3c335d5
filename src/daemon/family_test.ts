import { assert, assertEquals, assertThrows } from "@std/assert";
import { KnownError } from "../errors.ts";
import {
  DASHBOARD_PORTS,
  FAMILIES,
  familiesOf,
  familyOf,
  SYNC_PORTS,
} from "./family.ts";

function envOf(values: Readonly<Record<string, string>>) {
  return { get: (name: string) => values[name] };
}

Deno.test("FAMILIES of one kind share one range", () => {
  assertEquals(SYNC_PORTS, { first: 9400, end: 9450 });
  assertEquals(DASHBOARD_PORTS, { first: 9237, end: 9337 });
  for (const { name, ports } of FAMILIES) {
    assertEquals(ports, name === "sync" ? SYNC_PORTS : DASHBOARD_PORTS);
  }
});

Deno.test("FAMILIES cleans only our own sync daemons at start", () => {
  const cleaned = FAMILIES.filter((family) => family.isCleanedAtStart)
    .map(({ product, name }) => `${product}/${name}`);
  assertEquals(cleaned, ["reeve/sync"]);
});

Deno.test("FAMILIES has one row for each product and kind", () => {
  const keys = FAMILIES.map(({ product, name }) => `${product}/${name}`);
  assertEquals(new Set(keys).size, keys.length);
  assertEquals(keys.length, 4);
});

Deno.test("familiesOf() keeps the standard ranges", () => {
  assertEquals(familiesOf(envOf({})), FAMILIES);
});

Deno.test("familiesOf() moves one kind and not the other", () => {
  const moved = familiesOf(envOf({ "REEVE_SYNC_PORTS": " 19400-19409 " }));
  for (const { name, ports } of moved) {
    assertEquals(
      ports,
      name === "sync" ? { first: 19400, end: 19410 } : DASHBOARD_PORTS,
    );
  }
  const boards = familiesOf(envOf({ "REEVE_DASHBOARD_PORTS": "2000-2000" }));
  assertEquals(familyOf(boards, "reeve", "dashboard").ports, {
    first: 2000,
    end: 2001,
  });
  assertEquals(familyOf(boards, "reeve", "sync").ports, SYNC_PORTS);
});

Deno.test.each([
  { text: "1024-1024", end: 1025 },
  { text: "65535-65535", end: 65536 },
  { text: "9000-9199", end: 9200 },
])("familiesOf() takes the range $text", ({ text, end }) => {
  const [family] = familiesOf(envOf({ "REEVE_SYNC_PORTS": text }));
  assertEquals(family?.ports.end, end);
});

Deno.test.each([
  { text: "9400" },
  { text: "9450-9400" },
  { text: "1023-1030" },
  { text: "65500-65536" },
  { text: "9000-9200" },
  { text: "9400-9449x" },
  { text: "0x2400-0x2410" },
  { text: "-9400" },
  { text: "9400 - 9449" },
])("familiesOf() refuses the range $text", ({ text }) => {
  const error = assertThrows(
    () => familiesOf(envOf({ "REEVE_SYNC_PORTS": text })),
    KnownError,
    `REEVE_SYNC_PORTS=${text}`,
  );
  assertEquals(error.code, "usage");
  assert(error.hint?.includes("REEVE_SYNC_PORTS=9400-9449"));
});

Deno.test("familyOf() finds a family by product and name", () => {
  const family = familyOf(FAMILIES, "spec-kitty", "dashboard");
  assertEquals([family.product, family.name], ["spec-kitty", "dashboard"]);
  assertThrows(() => familyOf([], "reeve", "sync"), TypeError, "reeve/sync");
});
