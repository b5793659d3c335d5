import { assert, assertEquals } from "@std/assert";
import { frameUpdate } from "./screen_frame.ts";

Deno.test("frameUpdate() writes nothing when nothing has changed", () => {
  assertEquals(frameUpdate(["a", "b"], ["a", "b"]), "");
});

Deno.test("frameUpdate() writes only lines that differ, at once", () => {
  assertEquals(
    frameUpdate(["a", "b", "c"], ["a", "B", "c"]),
    "\u001b[?2026h\u001b[2;1H\u001b[2KB\u001b[?2026l",
  );
});

Deno.test("frameUpdate() empties lines that are no more", () => {
  const update = frameUpdate(["a", "b"], ["a"]);
  assert(update.includes("\u001b[2;1H\u001b[2K\u001b[?2026l"), update);
});

Deno.test("frameUpdate() clears a screen of which nothing is known", () => {
  const update = frameUpdate(undefined, ["a"]);
  assert(update.startsWith("\u001b[?2026h\u001b[2J\u001b[1;1H"), update);
});
