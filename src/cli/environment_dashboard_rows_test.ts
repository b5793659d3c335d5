import { assertEquals } from "@std/assert";
import { MAIN_PART, TREES_PART } from "#support/dashboard_models.ts";
import {
  sampleDependency,
  sampleRun,
  sampleService,
} from "#support/observed_units.ts";
import type { ObservedUnit } from "../environment/observe.ts";
import { factsOf } from "./environment_dashboard_rows.ts";

function rowsOf(...units: readonly ObservedUnit[]) {
  const observed = sampleRun(units);
  const part = { ...MAIN_PART, observed, absent: [] };
  return factsOf("shop", [part], 0).groups.flatMap(({ rows }) => rows);
}

Deno.test.each([
  {
    text: "a service that listens",
    unit: sampleService("api"),
    where: "http://localhost:8000",
    isUp: true,
  },
  {
    text: "one that found another port",
    unit: sampleService("api", { actualPort: 8001 }),
    where: "http://localhost:8001",
    isUp: true,
  },
  {
    text: "one that listens to nothing",
    unit: sampleService("api", { actualPort: undefined }, {
      record: {
        publicUrl: undefined,
        actualPort: undefined,
        requestedPort: undefined,
      },
    }),
    where: "worker",
    isUp: true,
  },
  {
    text: "one that has ended",
    unit: sampleService("api", { status: "stale" }),
    where: "not running",
    isUp: false,
  },
  {
    text: "a step that is done",
    unit: sampleService("api", { status: "finished" }),
    where: "done",
    isUp: false,
  },
  {
    text: "one that does not listen",
    unit: sampleService("api", { status: "unreachable" }),
    where: "(port 8000)",
    isUp: true,
  },
  {
    text: "a dependency",
    unit: sampleDependency(),
    where: "port 6379",
    isUp: true,
  },
])("the row of $text", ({ isUp, unit, where }) => {
  const [row] = rowsOf(unit);
  assertEquals([row?.where, row?.isUp], [where, isUp]);
});

Deno.test("a row has nothing that moves the cursor", () => {
  const [row] = rowsOf({
    ...sampleService("api", {
      status: "stale",
      evidence: [{ fact: "gone", text: "\u001b[2Jgone" }],
    }),
    name: "Main A\u001b]0;x\u0007",
  });
  assertEquals([row?.name, row?.note], ["A?]0;x?", "?[2Jgone"]);
});

Deno.test("only an address of the web is opened in a browser", () => {
  assertEquals(
    rowsOf(sampleService("api"), sampleDependency()).map(({ url }) => url),
    ["http://localhost:8000", undefined],
  );
});

Deno.test("what is shared stands once, and in a group of its own", () => {
  const shared = sampleRun([sampleService("api"), sampleDependency()]);
  const facts = factsOf(
    "shop",
    [{ ...MAIN_PART, observed: shared }, TREES_PART],
    600_000,
  );
  assertEquals(
    facts.groups.map(({ rows, title }) => [title, rows.map(({ id }) => id)]),
    [["Main (main)", ["api", "redis", "mailer"]], ["one (trees)", ["api"]]],
  );
  const alone = factsOf("shop", [TREES_PART], 600_000);
  assertEquals(alone.groups.map(({ title }) => title), [
    "one",
    "Shared dependencies",
  ]);
});

Deno.test("the head and the summary tell how it is", () => {
  const { hasRun, head, summary } = factsOf("shop", [MAIN_PART], 600_000);
  assertEquals(
    [head, summary, hasRun],
    [
      "shop · main · begun 10 min ago · run-20260101000000-0123abcd",
      "3 total | 1 running | 2 not running | 1 issue",
      true,
    ],
  );
  const done = sampleService("migrate", {
    status: "finished",
    actualPort: undefined,
  });
  const observed = sampleRun([done]);
  assertEquals(
    factsOf("shop", [{ ...MAIN_PART, observed, absent: [] }], 0).summary,
    "1 total | 0 running | 1 finished | 0 issues",
  );
  const none = factsOf("shop", [{ ...MAIN_PART, observed: undefined }], 0);
  assertEquals(
    [none.head, none.summary, none.hasRun],
    [
      "shop · main · nothing is up",
      "1 total | 0 running | 1 not running | 0 issues",
      false,
    ],
  );
});
