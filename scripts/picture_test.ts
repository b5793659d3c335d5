import { assert, assertEquals, assertThrows } from "@std/assert";
import { doctorPicture, drawTerminal } from "./picture.ts";

/** The text of each line of a picture, as a reader sees it. */
function linesOf(svg: string): readonly string[] {
  return [...svg.matchAll(/<text [^>]*>(.*)<\/text>/g)].map(([, line = ""]) =>
    line.replaceAll(/<[^>]*>/g, "").replaceAll("&lt;", "<")
      .replaceAll("&gt;", ">").replaceAll("&quot;", '"')
      .replaceAll("&amp;", "&")
  );
}

Deno.test("drawTerminal() shows each line that is not empty, with its spaces", () => {
  const svg = drawTerminal("t", `$ a\n\n  b  "<c>" & d`);
  assertEquals(linesOf(svg), ["$ a", `  b  "<c>" & d`]);
});

Deno.test("drawTerminal() shows what is bold as bold", () => {
  const svg = drawTerminal("t", "\u001b[1mDaemon\u001b[0m x");
  assert(svg.includes('><tspan class="bold">Daemon</tspan> x</text>'));
});

Deno.test.each([
  { what: "a style", text: "\u001b[36mcyan" },
  { what: "a tab", text: "a\tb" },
])("drawTerminal() refuses $what, which it cannot show", ({ text }) => {
  assertThrows(() => drawTerminal("t", text), TypeError);
});

Deno.test("the picture of the doctor has the table and fits", () => {
  const lines = linesOf(doctorPicture());
  const orphans = lines.filter((line) => /^ +\d+ {2}94\d\d /.test(line));
  assertEquals(orphans.length, 6);
  assertEquals(lines.filter((line) => [...line].length > 80), []);
});
