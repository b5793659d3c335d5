import { assertEquals } from "@std/assert";
import { FakeTerminal } from "#support/fake_terminal.ts";
import { LiveBlock } from "./live_block.ts";

Deno.test("LiveBlock draws a new text over the old one", () => {
  const terminal = new FakeTerminal({ isInteractive: true });
  const block = new LiveBlock(terminal, { isWanted: true });
  block.draw("a\nb");
  block.draw("c");
  block.clear();
  block.clear();
  assertEquals(
    terminal.errors,
    "a\nb\n\r\u001b[2A\u001b[Jc\n\r\u001b[1A\u001b[J",
  );
});

Deno.test("LiveBlock prints lines above itself", () => {
  const terminal = new FakeTerminal({ isInteractive: true });
  const block = new LiveBlock(terminal, { isWanted: true });
  block.draw("a");
  block.print("line", "out");
  assertEquals(terminal.output, "line\n");
  assertEquals(terminal.errors, "a\n\r\u001b[1A\u001b[Ja\n");
});

Deno.test.each([
  { isInteractive: false, isWanted: true },
  { isInteractive: true, isWanted: false },
])("LiveBlock is only lines: $isInteractive, $isWanted", (row) => {
  const terminal = new FakeTerminal(row);
  const block = new LiveBlock(terminal, row);
  block.draw("a");
  block.print("line", "err");
  block.clear();
  assertEquals([block.isShown, terminal.errors], [false, "line\n"]);
});
