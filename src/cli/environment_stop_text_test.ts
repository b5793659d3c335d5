import { assertEquals } from "@std/assert";
import { stopExit, stopText } from "./environment_stop_text.ts";

Deno.test("stopText() tells what was stopped and what was not", () => {
  const report = {
    stopped: ["Main Api"],
    gone: ["Main Web"],
    kept: [{ name: "Main redis", why: "it does not end" }],
  };
  assertEquals(stopText(report).split("\n"), [
    "Stopped: Main Api",
    "Had ended already: Main Web",
    "Not stopped: Main redis: it does not end",
    "See: reeve status, reeve doctor",
  ]);
  assertEquals([stopExit(report), stopExit({ ...report, kept: [] })], [1, 0]);
  const nothing = { stopped: [], gone: [], kept: [] };
  assertEquals([stopText(nothing), stopExit(nothing)], ["Nothing was up.", 0]);
});
