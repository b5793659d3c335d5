import { assertEquals } from "@std/assert";
import {
  type CheckArea,
  checksOf,
  type CheckStatus,
  type GateName,
  gatesOf,
  isFailing,
  sortChecks,
} from "./environment_check.ts";

const STRICT = { isStrict: true };

Deno.test.each<{
  readonly area: CheckArea;
  readonly shuts: readonly GateName[];
}>([
  { area: "place", shuts: ["lifecycle"] },
  { area: "settings", shuts: ["lifecycle"] },
  { area: "state", shuts: ["lifecycle"] },
  { area: "runtime", shuts: ["runtime_truth"] },
  { area: "ports", shuts: ["ports"] },
  { area: "orphans", shuts: ["orphans"] },
  { area: "needs", shuts: ["lifecycle"] },
  { area: "terminal", shuts: ["lifecycle"] },
  { area: "jobs", shuts: ["jobs"] },
  { area: "sync", shuts: [] },
])("a failure of $area shuts its gate", ({ area, shuts }) => {
  const shutBy = (
    status: CheckStatus,
    { isStrict } = { isStrict: false },
  ) =>
    Object.entries(gatesOf([checksOf(area)("x", status, "so")], isStrict))
      .filter(([, state]) => state === "fail").map(([name]) => name);
  assertEquals(shutBy("fail"), [...shuts]);
  assertEquals(shutBy("warn"), []);
  assertEquals(shutBy("warn", STRICT), [...shuts]);
  assertEquals(shutBy("info", STRICT), []);
  assertEquals(shutBy("pass", STRICT), []);
});

Deno.test("isFailing() counts warnings only where that is asked for", () => {
  const failing = (status: CheckStatus) =>
    [false, true].map((isStrict) => isFailing({ status }, isStrict));
  assertEquals(failing("fail"), [true, true]);
  assertEquals(failing("warn"), [false, true]);
  assertEquals(failing("info"), [false, false]);
});

Deno.test("sortChecks() puts areas in their order and keeps the rest", () => {
  const ids = ["jobs.b", "place.z", "jobs.a"].map((id) => {
    const [area = "", name = ""] = id.split(".");
    return checksOf(area as CheckArea)(name, "pass", "so");
  });
  assertEquals(sortChecks(ids).map(({ id }) => id), [
    "place.z",
    "jobs.b",
    "jobs.a",
  ]);
});
