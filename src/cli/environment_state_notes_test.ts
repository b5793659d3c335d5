import { assertEquals } from "@std/assert";
import type { StateNote } from "../environment/run_fixes.ts";
import { noteText, withStateNotes } from "./environment_state_notes.ts";

const note = (kind: StateNote["kind"], message = "a b"): StateNote => ({
  kind,
  path: "/s/runs/run-1",
  message,
});

Deno.test.each([
  { one: note("repaired"), is: "Repaired: a b" },
  { one: note("lost"), is: "⚠ a b. Mend the records: reeve doctor --repair" },
  { one: note("failed"), is: "⚠ a b. Mend the records: reeve doctor --repair" },
  {
    one: note("lost", "try: reeve doctor --repair"),
    is: "⚠ try: reeve doctor --repair",
  },
])("the note $one.kind is one line: $is", ({ is, one }) => {
  assertEquals(noteText(one), is);
});

Deno.test.each([
  { notes: [], exit: 0, is: 0, ok: true },
  {
    notes: [note("repaired"), note("failed")],
    exit: 0,
    is: 0,
    ok: true,
  },
  {
    notes: [note("repaired"), note("lost")],
    exit: 0,
    is: 1,
    ok: false,
  },
  { notes: [note("outdated")], exit: 0, is: 1, ok: false },
  { notes: [note("lost")], exit: 3, is: 3, ok: false },
])("a result with $notes that ended with $exit ends with $is", (row) => {
  const { exit, is, notes, ok } = row;
  const shown = { exit, text: "all", json: { "ok": true, "units": [] } };
  const told = withStateNotes(shown, notes);
  assertEquals(told, {
    exit: is,
    text: [...notes.map(noteText), "all"].join("\n"),
    json: { "ok": ok, "units": [], "notes": notes.map((one) => ({ ...one })) },
  });
});

Deno.test("a document that tells no success gets none", () => {
  const { json } = withStateNotes({ exit: 0, text: "", json: {} }, [
    note("lost"),
  ]);
  assertEquals(Object.keys(json ?? {}), ["notes"]);
});
