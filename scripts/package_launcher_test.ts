import { assert, assertEquals, assertThrows } from "@std/assert";
import {
  fillTemplate,
  shellLauncher,
  windowsLauncher,
} from "./package_launcher.ts";

Deno.test.each([
  { template: "a @X@ b @X@", values: { X: "$&" }, result: "a $& b $&" },
  { template: "ada@home", values: {}, result: "ada@home" },
])("fillTemplate() of $template", ({ template, values, result }) => {
  assertEquals(fillTemplate(template, values), result);
});

Deno.test.each([
  { template: "@X@", values: {}, says: "@X@ was not" },
  { template: "@X@", values: { X: "1", Y: "2" }, says: "no @Y@" },
])("fillTemplate() refuses $template", ({ template, values, says }) => {
  assertThrows(() => fillTemplate(template, values), TypeError, says);
});

Deno.test("the launchers name their files as their system writes them", async () => {
  const shell = await shellLauncher("../lib/main.js", ["../runtime/deno"]);
  assert(shell.includes("main=$here/../lib/main.js\n"));
  const windows = await windowsLauncher("../lib/main.js", ["../rt/deno.exe"]);
  assert(windows.includes(" in (..\\rt\\deno.exe) do "));
  assert(windows.includes('"%~dp0..\\lib\\main.js" %*\r\n'));
  assert(!/[^\r]\n/.test(windows), "every line ends as on Windows");
});
