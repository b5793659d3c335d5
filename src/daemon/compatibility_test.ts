import { assertEquals } from "@std/assert";
import { decideCompatibility } from "./compatibility.ts";

const own = { version: "3.2.4", protocol: 1 };
const PLAIN = false;
const FORCED = true;

Deno.test.each([
  { name: "the same", running: own, forced: PLAIN, result: "use same" },
  {
    name: "an older one",
    running: { version: "3.2.3", protocol: 1 },
    forced: PLAIN,
    result: "replace older",
  },
  {
    name: "a newer one",
    running: { version: "3.2.5", protocol: 1 },
    forced: PLAIN,
    result: "use newer",
  },
  {
    name: "a newer protocol",
    running: { version: "4.0.0", protocol: 2 },
    forced: PLAIN,
    result: "refuse newer_protocol",
  },
  {
    name: "an older protocol",
    running: { version: "3.2.5", protocol: 0 },
    forced: PLAIN,
    result: "replace older_protocol",
  },
  {
    name: "a newer one by force",
    running: { version: "3.2.5", protocol: 1 },
    forced: FORCED,
    result: "replace forced",
  },
  {
    name: "a newer protocol by force",
    running: { version: "4.0.0", protocol: 2 },
    forced: FORCED,
    result: "replace forced",
  },
  {
    name: "the same by force",
    running: own,
    forced: FORCED,
    result: "use same",
  },
  {
    name: "the same of another protocol by force",
    running: { version: "3.2.4", protocol: 2 },
    forced: FORCED,
    result: "replace forced",
  },
  {
    name: "an unknown version",
    running: { version: "unknown", protocol: 1 },
    forced: PLAIN,
    result: "replace older",
  },
])(
  "decideCompatibility() with $name: $result",
  ({ running, forced, result }) => {
    const { action, reason } = decideCompatibility(own, running, forced);
    assertEquals(`${action} ${reason}`, result);
  },
);

Deno.test("decideCompatibility() never lets two programs replace each other", () => {
  const versions = ["unknown", "dev", "3.2.4", "3.2.5-rc1", "3.2.5"];
  for (const a of versions) {
    for (const b of versions) {
      const one = { version: a, protocol: 1 };
      const two = { version: b, protocol: 1 };
      const actions = [
        decideCompatibility(one, two, PLAIN).action,
        decideCompatibility(two, one, PLAIN).action,
      ];
      assertEquals(
        actions.filter((x) => x === "replace").length,
        a === b ? 0 : 1,
      );
    }
  }
});
