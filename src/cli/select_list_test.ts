import { assert, assertEquals } from "@std/assert";
import fc from "fast-check";
import stringWidth from "fast-string-width";
import { FakeTerminal } from "#support/fake_terminal.ts";
import {
  listText,
  openList,
  selectFromList,
  type SelectList,
  type SelectQuestion,
  stepList,
} from "./select_list.ts";

const MANY: SelectQuestion = {
  text: "Which?",
  count: "many",
  items: ["a", "b", "c"].map((key) => ({ key, label: `tree ${key}` })),
};
const ONE: SelectQuestion = { ...MANY, count: "one" };
const MARKED: SelectQuestion = {
  ...MANY,
  items: MANY.items.map((item) => ({ ...item, isChosen: item.key === "b" })),
};

const UP = "\u001b[A";
const DOWN = "\u001b[B";

Deno.test.each([
  { text: "Enter on one", from: ONE, keys: [DOWN, "\r"], is: ["b"] },
  { text: "up from the first row", from: ONE, keys: [UP, "\r"], is: ["c"] },
  { text: "down from the last", from: ONE, keys: [UP, "j", "\r"], is: ["a"] },
  {
    text: "two marked",
    from: MANY,
    keys: ["j", "j", " ", "k", " ", "\r"],
    is: ["b", "c"],
  },
  {
    text: "one marked and not",
    from: MANY,
    keys: [" ", "j", " ", "k", " ", "\n"],
    is: ["b"],
  },
  { text: "all", from: MANY, keys: ["a", "\r"], is: ["a", "b", "c"] },
  {
    text: "none and Enter, then one",
    from: MANY,
    keys: ["\r", " ", "\r"],
    is: ["a"],
  },
  {
    text: "all but one",
    from: MARKED,
    keys: ["a", " ", "\r"],
    is: ["b", "c"],
  },
  { text: "what was marked", from: MARKED, keys: ["\r"], is: ["b"] },
  {
    text: "what was marked, taken back",
    from: MARKED,
    keys: ["j", " ", "\r", "q"],
    is: undefined,
  },
  { text: "Escape", from: MANY, keys: [" ", "\u001b"], is: undefined },
  { text: "Ctrl-C", from: ONE, keys: ["\u0003"], is: undefined },
  { text: "the end of input", from: MANY, keys: [" "], is: undefined },
  {
    text: "unknown keys and another size",
    from: MANY,
    keys: ["z", "resized", "\u001b[5~", " ", "\r"],
    is: ["a"],
  },
])("a list gives for $text", async ({ from, is, keys }) => {
  const terminal = new FakeTerminal({ isInteractive: true, keys });
  assertEquals(await selectFromList(terminal, from), is);
  assertEquals([terminal.hasKeys, terminal.output], [false, ""]);
});

Deno.test("space changes exactly the focused row", () => {
  fc.assert(
    fc.property(
      fc.nat(2),
      fc.subarray(["a", "b", "c"]),
      (at, chosen) => {
        const list: SelectList = {
          ...openList(MANY),
          at,
          chosen: new Set(chosen),
        };
        const step = stepList(list, " ");
        assert(step.kind === "list");
        const differ = MANY.items.filter(({ key }) =>
          step.list.chosen.has(key) !== list.chosen.has(key)
        );
        assertEquals(differ, [MANY.items[at]]);
      },
    ),
  );
});

Deno.test("listText() shows the focus, the marks and the keys", () => {
  const list: SelectList = { ...openList(MARKED), at: 1 };
  assertEquals(listText(list, { height: 24, width: 60 }), [
    "Which?",
    "  [ ] tree a",
    "> [x] tree b",
    "  [ ] tree c",
    "↑↓ move  space mark  a all  Enter take 1  Esc cancel",
  ]);
  assertEquals(listText(openList(ONE), { height: 24, width: 30 }), [
    "Which?",
    "> tree a",
    "  tree b",
    "  tree c",
    "↑↓ choose  Enter take it  Esc…",
  ]);
});

Deno.test("listText() keeps the focus in sight and within the screen", () => {
  const items = Array.from({ length: 50 }, (_, at) => ({
    key: String(at),
    label: `\u001b[2J日本 ${at} with a long name`,
  }));
  const question: SelectQuestion = { text: "Which?", count: "one", items };
  for (const at of [0, 1, 25, 48, 49]) {
    const lines = listText({ ...openList(question), at }, {
      height: 10,
      width: 20,
    });
    assert(lines.length < 10);
    assert(lines.every((line) => stringWidth(line) <= 20));
    assert(lines.every((line) => !line.includes("\u001b")));
    assertEquals(
      lines.filter((line) => line.startsWith("> ")),
      lines.filter((line) => line.startsWith(`> ?[2J日本 ${at} `)),
    );
  }
});
