import { assert, assertEquals } from "@std/assert";
import stringWidth from "fast-string-width";
import {
  MAIN_PART,
  sampleDashboard,
  TREES_PART,
} from "#support/dashboard_models.ts";
import { sampleRun, sampleService } from "#support/observed_units.ts";
import { HELP, pageOf } from "./environment_dashboard_model.ts";
import { viewDashboard } from "./environment_dashboard_view.ts";
import { plainLine } from "./environment_logs_text.ts";

Deno.test("the dashboard at 80 columns", () => {
  const model = sampleDashboard([MAIN_PART, TREES_PART]);
  assertEquals(viewDashboard(model, { width: 80, height: 18 }, "none"), [
    "shop · main · begun 10 min ago · trees · begun 10 min ago",
    "5 total | 3 running | 2 not running | 1 issue",
    "",
    "Main (main)  /r",
    " > ✓  Api     http://localhost:8000  running      4711",
    "   ✗  Web     not running            stale",
    "      it has ended",
    "   ○  Mailer  not running            not started",
    "",
    "one (trees)  /r/trees/one",
    "   ✓  Api     http://localhost:8000  running      4711",
    "",
    "Shared dependencies",
    "   ✓  redis   port 6379              running      4711",
    "",
    "",
    "",
    "? keys  q leave  ↑↓ choose  Enter log  r restart  s stop  u start  h health",
  ]);
});

Deno.test("the dashboard at 60 columns, with a question", () => {
  const model = sampleDashboard([MAIN_PART], {
    selected: "main\nMain\nweb",
    question: {
      text: "Stop Web?",
      action: { title: "", done: "", words: [] },
    },
  });
  assertEquals(viewDashboard(model, { width: 60, height: 11 }, "none"), [
    "shop · main · begun 10 min ago · run-20260101000000-0123abcd",
    "3 total | 1 running | 2 not running | 1 issue",
    "",
    "Main  /r",
    "   ✓  Api     http://localhost:8000  running",
    " > ✗  Web     not running            stale",
    "      it has ended",
    "   ○  Mailer  not running            not started",
    "",
    "",
    "Stop Web? [y/N]",
  ]);
});

Deno.test("the dashboard at 40 columns, at work and leaving", () => {
  const model = sampleDashboard([MAIN_PART], {
    busy: { title: "Restarting Api", progress: "Main api is starting" },
    notice: { isBad: true, lines: ["It went wrong in a way that is long"] },
    isLeaving: true,
  });
  assertEquals(viewDashboard(model, { width: 40, height: 14 }, "none"), [
    "shop · main · begun 10 min ago · run-20…",
    "3 total | 1 running | 2 not running | 1…",
    "",
    "Main  /r",
    " > ✓  Api     http://localhost:8000",
    "   ✗  Web     not running",
    "      it has ended",
    "   ○  Mailer  not running",
    "",
    "",
    "• Restarting Api: Main api is starting",
    "Leaving when that is done. Ctrl-C again…",
    "It went wrong in a way that is long",
    "? keys  q leave  ↑↓ choose  Enter log",
  ]);
});

Deno.test("what is wrong with the records stands above the list", () => {
  const lost = "⚠ The state of run-1 is lost: it cannot be read. " +
    "To list what can be proved: reeve doctor --repair";
  const model = sampleDashboard([MAIN_PART], { warnings: [lost] });
  const size = { width: 60, height: 12 };
  const lines = viewDashboard(model, size, "none");
  assertEquals(lines.length, size.height);
  assertEquals(lines.slice(2, 6), [
    "⚠ The state of run-1 is lost: it cannot be read. To list",
    "what can be proved: reeve doctor --repair",
    "",
    "Main  /r",
  ]);
  const long = { ...model, warnings: ["lost ".repeat(80)] };
  const told = viewDashboard(long, size, "none")
    .filter((line) => line.startsWith("lost"));
  assertEquals(told.length, 3);
  const page = viewDashboard(
    { ...model, page: pageOf("Keys", HELP) },
    size,
    "none",
  );
  assertEquals(page.filter((line) => line.includes("lost")), []);
});

Deno.test("the dashboard keeps the selected row in sight", () => {
  const units = Array.from({ length: 30 }, (_, at) => sampleService(`s${at}`));
  const part = { ...MAIN_PART, observed: sampleRun(units) };
  const model = sampleDashboard([part], { selected: "main\nMain\ns14" });
  assertEquals(
    viewDashboard(model, { width: 50, height: 10 }, "none").slice(3, 8),
    [
      "  ↑ 14 more lines",
      "   ✓  S13     http://localhost:8000  running",
      " > ✓  S14     http://localhost:8000  running",
      "   ✓  S15     http://localhost:8000  running",
      "  ↓ 15 more lines",
    ],
  );
});

Deno.test("a page shows its part, folded", () => {
  const page = { ...pageOf("Log of Main Api", ["abcdefgh", "ij", "kl"]) };
  const view = (top: number | "end") =>
    viewDashboard(
      sampleDashboard([MAIN_PART], { page: { ...page, top } }),
      { width: 6, height: 8 },
      "none",
    ).slice(3, 6);
  assertEquals(view(0), ["abcdef", "gh", "ij"]);
  assertEquals(view("end"), ["gh", "ij", "kl"]);
  assertEquals(view(99), ["gh", "ij", "kl"]);
});

Deno.test("no frame is larger than the screen, with colours or without", () => {
  const wide = sampleService("日本語のサービス", { status: "unreachable" });
  const part = { ...MAIN_PART, observed: sampleRun([wide, wide, wide]) };
  const models = [
    sampleDashboard([part, TREES_PART]),
    sampleDashboard([part], { page: pageOf("Keys", HELP) }),
    sampleDashboard([part], {
      notice: { isBad: true, lines: ["日本語".repeat(40), "hint"] },
    }),
    sampleDashboard([]),
    sampleDashboard([part], {
      warnings: ["日本語 ".repeat(40), "a".repeat(99)],
    }),
  ];
  for (const model of models) {
    for (const width of [20, 33, 40, 60, 80, 200]) {
      for (const height of [6, 10, 24, 50]) {
        const size = { width, height };
        const plain = viewDashboard(model, size, "none");
        const colored = viewDashboard(model, size, "some");
        assert(plain.every((line) => stringWidth(line) <= width));
        assertEquals(colored.map(plainLine), plain);
        assert(plain.length <= height);
      }
    }
  }
});
