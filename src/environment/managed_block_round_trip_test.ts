import { assert, assertEquals } from "@std/assert";
import fc from "fast-check";
import { ownText, settings } from "#support/settings_arbitrary.ts";
import { read } from "#support/settings_text.ts";
import { withoutBlock, writeBlock } from "./managed_block.ts";

Deno.test("settings come back from a file as they were saved", () => {
  fc.assert(
    fc.property(settings, ownText, (wanted, own) => {
      const { settings: found, faults } = read(writeBlock(own, wanted));
      assertEquals(faults, []);
      assertEquals(found, wanted);
    }),
    { numRuns: 1000 },
  );
});

Deno.test("saving keeps every other byte and nothing changes the second time", () => {
  fc.assert(
    fc.property(
      settings,
      settings,
      ownText,
      ownText,
      (first, second, above, below) => {
        const text = writeBlock(above, first) + below;
        const again = writeBlock(text, second);
        assert(again.startsWith(above));
        assert(again.endsWith(below));
        assertEquals(withoutBlock(again), withoutBlock(text));
        assertEquals(withoutBlock(again), above + below);
        assertEquals(writeBlock(again, second), again);
        assertEquals(read(again).settings, second);
      },
    ),
    { numRuns: 300 },
  );
});
