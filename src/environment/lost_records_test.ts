import { assertEquals } from "@std/assert";
import { hasLoss, lossError, lossIn } from "./lost_records.ts";
import type { StateNote } from "./run_fixes.ts";

const MEND = "Mend the records with: reeve doctor --repair";
const RECLAIM =
  ", and end what is left over then with: reeve doctor --reclaim --force";

const note = (kind: StateNote["kind"]): StateNote => ({
  kind,
  path: "/s/runs/run-1",
  message: `${kind} it is`,
});

Deno.test.each(
  [
    { kinds: [], loss: undefined },
    { kinds: ["repaired", "failed"], loss: undefined },
    { kinds: ["failed", "lost"], loss: ["lost it is", MEND + RECLAIM] },
    { kinds: ["outdated", "lost"], loss: ["outdated it is", MEND] },
  ] as const,
)("of the notes $kinds the first loss counts", ({ kinds, loss }) => {
  const notes = kinds.map(note);
  const [message, hint] = loss ?? [];
  assertEquals(hasLoss(notes), loss !== undefined);
  const found = lossIn(notes);
  assertEquals([found?.message, found?.hint], [message, hint]);
  const error = lossError(notes);
  assertEquals(
    [error?.code, error?.message, error?.hint],
    [loss === undefined ? undefined : "damaged_file", message, hint],
  );
});
