import { assert, assertEquals } from "@std/assert";
import fc from "fast-check";
import {
  MAIN_PART,
  sampleDashboard,
  TREES_PART,
} from "#support/dashboard_models.ts";
import { pressKey } from "./environment_dashboard_keys.ts";
import {
  type DashboardEffect,
  type DashboardModel,
  pageOf,
  selectedRow,
} from "./environment_dashboard_model.ts";

const SIZE = { width: 80, height: 10 };
const BUSY = { busy: { title: "Restarting Api", progress: "" } };

/** The last effect of some keys, and the dashboard after them. */
function pressed(
  model: DashboardModel,
  ...keys: readonly string[]
): { readonly model: DashboardModel; readonly effect: DashboardEffect } {
  let step = { model, effect: { kind: "none" } as DashboardEffect };
  for (const key of keys) step = pressKey(step.model, key, SIZE);
  return step;
}

function wordsOf(effect: DashboardEffect): string | undefined {
  return effect.kind === "act" ? effect.words.join(" ") : undefined;
}

const API = "--main --project=Main --service=api";

Deno.test.each([
  { text: "r on what runs", keys: ["r"], is: `restart ${API}` },
  {
    text: "r on what has ended",
    keys: ["j", "r"],
    is: "restart --main --project=Main --service=web",
  },
  {
    text: "r on what was never started",
    keys: ["G", "r"],
    is: "start --main --project=Main --service=mailer",
  },
  { text: "s and y", keys: ["s", "y"], is: `stop ${API}` },
  { text: "s and no", keys: ["s", "n"], is: undefined },
  { text: "s and Enter", keys: ["s", "\r"], is: undefined },
  { text: "s on what does not run", keys: ["j", "s", "y"], is: undefined },
  { text: "x and y", keys: ["x", "Y"], is: `clear-logs ${API}` },
  { text: "x without a log", keys: ["G", "x", "y"], is: undefined },
  { text: "S and y", keys: ["S", "y"], is: "stop-all" },
  { text: "S alone", keys: ["S"], is: undefined },
  { text: "u", keys: ["u"], is: "start --main" },
  {
    text: "arrows in both ways",
    keys: ["\u001b[B", "\u001b[B", "\u001b[A", "r"],
    is: "restart --main --project=Main --service=web",
  },
])("keys run a command: $text", ({ is, keys }) => {
  assertEquals(wordsOf(pressed(sampleDashboard(), ...keys).effect), is);
});

Deno.test("u starts the worktrees that are shown", () => {
  const shown = sampleDashboard([TREES_PART], { mode: "trees" });
  assertEquals(
    wordsOf(pressed(shown, "u").effect),
    "start --trees --project=one",
  );
  const both = sampleDashboard([MAIN_PART, TREES_PART]);
  assertEquals(
    wordsOf(pressed(both, "G", "u").effect),
    "start --trees --project=one",
  );
  const none = sampleDashboard([], { mode: "trees" });
  assertEquals(wordsOf(pressed(none, "u").effect), "start --trees --all");
});

Deno.test("while a command is at work there is no second one", () => {
  for (const keys of [["r"], ["u"], ["s", "y"], ["S", "y"], ["x", "y"]]) {
    const step = pressed(sampleDashboard([MAIN_PART], BUSY), ...keys);
    assertEquals(step.effect.kind, "none", keys.join());
    assertEquals(step.model.question, undefined);
  }
  const told = pressed(sampleDashboard([MAIN_PART], BUSY), "r").model.notice;
  assertEquals(told?.lines, ["Still at work: Restarting Api."]);
});

Deno.test.each([
  { text: "q", keys: ["q"], is: "quit" },
  { text: "Ctrl-C", keys: ["\u0003"], is: "quit" },
  { text: "the end of input", keys: ["\u0004"], is: "quit" },
  { text: "Ctrl-C at a question", keys: ["s", "\u0003"], is: "quit" },
  { text: "Ctrl-C on a page", keys: ["?", "\u0003"], is: "quit" },
  { text: "q on a page", keys: ["?", "q"], is: "none" },
  { text: "q twice from a page", keys: ["?", "q", "q"], is: "quit" },
  { text: "Escape", keys: ["\u001b"], is: "none" },
])("leaving by $text", ({ is, keys }) => {
  assertEquals(pressed(sampleDashboard(), ...keys).effect.kind, is);
});

Deno.test("leaving waits for a command, until it is interrupted", () => {
  const once = pressed(sampleDashboard([MAIN_PART], BUSY), "q");
  assertEquals([once.effect.kind, once.model.isLeaving], ["none", true]);
  assertEquals(pressed(once.model, "\u0003").effect.kind, "interrupt");
});

Deno.test.each([
  { key: "l", is: "logs" },
  { key: "\r", is: "logs" },
  { key: "h", is: "report" },
  { key: "e", is: "report" },
  { key: "o", is: "open" },
  { key: "z", is: "none" },
  { key: "resized", is: "none" },
])("$key asks for $is", ({ is, key }) => {
  assertEquals(pressed(sampleDashboard(), key).effect.kind, is);
});

Deno.test("o without an address tells so", () => {
  const { effect, model } = pressed(sampleDashboard(), "j", "o");
  assertEquals(effect.kind, "none");
  assertEquals(model.notice?.lines, [
    "Web has no address that a browser could open.",
  ]);
});

Deno.test("a selection survives that rows come and go", () => {
  const { model } = pressed(sampleDashboard(), "j", "j");
  assertEquals(selectedRow(model)?.id, "mailer");
  const fewer = { ...MAIN_PART, absent: [] };
  const after = { ...model, facts: sampleDashboard([fewer]).facts };
  assertEquals(selectedRow(after)?.id, "api");
  assertEquals(selectedRow({ ...after, facts: model.facts })?.id, "mailer");
});

Deno.test("a page scrolls within its ends, and a log sticks to its end", () => {
  const lines = Array.from({ length: 30 }, (_, at) => `line ${at}`);
  const top = (logOf: string | undefined, ...keys: readonly string[]) => {
    const page = { ...pageOf("t", lines), logOf };
    return pressed(sampleDashboard([MAIN_PART], { page }), ...keys).model.page
      ?.top;
  };
  assertEquals(top(undefined, "j", "j"), 2);
  assertEquals(top(undefined, "k"), 0);
  assertEquals(top(undefined, "G"), 20);
  assertEquals(top(undefined, "G", "j"), 20);
  assertEquals(top(undefined, " ", "\u001b[5~", "\u001b[6~"), 9);
  assertEquals(top("log", "G"), "end");
  assertEquals(top("log", "G", "k"), 19);
  assertEquals(top("log", "G", "k", "j"), "end");
});

Deno.test("nothing is stopped or emptied without a y right after it", () => {
  const keys = ["s", "S", "x", "n", "j", "k", "\r", "?", "q", "u", "\u001b"];
  fc.assert(
    fc.property(fc.array(fc.constantFrom(...keys)), (all) => {
      let model = sampleDashboard();
      for (const key of all) {
        const step = pressKey(model, key, SIZE);
        if (step.effect.kind === "act") {
          assert(step.effect.words[0] === "start", step.effect.words.join());
        }
        model = step.model;
      }
    }),
  );
});
