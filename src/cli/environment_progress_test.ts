import { assert, assertEquals } from "@std/assert";
import { readEnvironmentSettings } from "../environment/settings_read.ts";
import {
  changeText,
  openEnvironmentProgress,
  type UnitChange,
} from "./environment_progress.ts";
import { blockText } from "./environment_progress_block.ts";

const STARTING: UnitChange = {
  project: "Main",
  unit: "api",
  state: "starting",
  detail: "port 8000",
};

const INTERACTIVE = true;

function settingsOf(text: string) {
  const file = { path: "/r/.reeve", text };
  const env = { get: () => undefined };
  return readEnvironmentSettings({ env, file }).settings;
}

function terminalOf(isInteractive: boolean) {
  const seen = { out: "", err: "" };
  const terminal = {
    isInteractive,
    columns: 40,
    out: (text: string) => void (seen.out += text),
    err: (text: string) => void (seen.err += text),
  };
  return { seen, terminal };
}

Deno.test.each([
  {
    text: "no terminal",
    isInteractive: false,
    isJson: false,
    is: "• Main api is starting: port 8000\n✓ Main api is ready\n",
  },
  { text: "JSON", isInteractive: false, isJson: true, is: "" },
  { text: "JSON on a terminal", isInteractive: true, isJson: true, is: "" },
])("progress with $text prints lines or nothing", async (row) => {
  const { seen, terminal } = terminalOf(row.isInteractive);
  const progress = await openEnvironmentProgress(terminal, {
    isJson: row.isJson,
    title: "Stopping",
    settings: { services: [] },
  });
  progress.onPhase("Starting");
  progress.onUnit({ project: "Main", unit: "api", state: "waiting" });
  progress.onUnit(STARTING);
  progress.onUnit({ project: "Main", unit: "api", state: "ready" });
  progress.finish();
  assertEquals(seen, { out: "", err: row.is });
});

Deno.test.each<[UnitChange["state"], string | undefined, string]>([
  ["failed", "it ended", "✗ Main api has failed: it ended"],
  ["given_up", undefined, "○ Main api is not waited for any longer"],
  ["not_started", "it needs b", "✗ Main api was not started: it needs b"],
])("a unit that is %s (%s) is told as %s", (state, detail, is) => {
  const change = { project: "Main", unit: "api", state };
  assertEquals(
    changeText(detail === undefined ? change : { ...change, detail }),
    is,
  );
});

Deno.test("progress calls services what people call them", async () => {
  const { seen, terminal } = terminalOf(!INTERACTIVE);
  const { services } = settingsOf(
    "REEVE_SERVICES=api,web\n" +
      "REEVE_SERVICE_WEB_DISPLAY_NAME='Front end'",
  );
  const progress = await openEnvironmentProgress(terminal, {
    isJson: false,
    settings: { services },
    title: "Stopping",
  });
  for (const unit of ["api", "web", "postgres"]) {
    progress.onUnit({ project: "Main", unit, state: "ready" });
  }
  assertEquals(
    seen.err,
    "✓ Main Api is ready\n✓ Main Front end is ready\n✓ Main postgres is ready\n",
  );
});

Deno.test("progress on a terminal is one block that goes away", async () => {
  const { seen, terminal } = terminalOf(INTERACTIVE);
  const progress = await openEnvironmentProgress(terminal, {
    isJson: false,
    title: "Stopping",
    settings: { services: [] },
  });
  progress.onUnit({ ...STARTING, state: "stopping" });
  assert(seen.err.startsWith("Stopping\n"), seen.err);
  progress.onPhase("units");
  progress.onUnit(STARTING);
  assert(seen.err.endsWith("Starting\n  • Main api is starting: port 8000\n"));
  progress.finish();
  assert(seen.err.endsWith("\u001b[2A\u001b[J"), seen.err);
  assertEquals(seen.out, "");
});

Deno.test("blockText() is never wider than the terminal nor endless", () => {
  const changes = Array.from({ length: 30 }, (_, at): UnitChange => ({
    ...STARTING,
    unit: `service-${at}`,
  }));
  const lines = blockText("Starting", changes, 20).split("\n");
  assertEquals(lines.filter((line) => line.length > 20), []);
  assertEquals([lines.length, lines.at(-1)], [22, "  and 10 more"]);
});
