import { assert, assertEquals } from "@std/assert";
import { talk, type TalkStep } from "#support/terminal_talk.ts";

const isPosix = Deno.build.os !== "windows";
const PROGRAM = new URL("../programs/tells_keys.ts", import.meta.url).pathname;

interface Way {
  readonly text: string;
  /** Argument of the program. */
  readonly way?: string;
  readonly steps: readonly TalkStep[];
  /** Exit code of the program. */
  readonly code?: number;
}

/** The program in a shell that compares the terminal before and after. */
function shell(way: string): readonly string[] {
  const words = [Deno.execPath(), "run", "-A", "--quiet", PROGRAM, way]
    .map((word) => `'${word}'`).join(" ");
  return [
    "sh",
    "-c",
    `before=$(stty -g); ${words}; echo "ended with $?"; ` +
    `[ "$before" = "$(stty -g)" ] && echo 'as it was'`,
  ];
}

const WAYS: readonly Way[] = [
  {
    text: "keys, whole and in pieces, and a paste, which is none",
    steps: [
      ["ready", "a\u001b[A\u001bOB"],
      ['key "\\u001b[B"', "\u001b"],
      ['key "\\u001b"', "\u001b"],
      ['key "\\u001b"', "\u001b["],
      ['key "["', "\u001b[200~Sy\r\u001b[201~\r"],
      ['key "\\r"', "😀"],
      ['key "😀"', "q"],
      ['key "q"', null],
    ],
  },
  {
    text: "Ctrl-C and Ctrl-D as keys",
    steps: [
      ["ready", "\u0003\u0004"],
      ['key "\\u0003"', null],
      ['key "\\u0004"', "q"],
    ],
  },
  {
    text: "another size",
    steps: [["ready", null, [30, 50]], ['key "resized"', "q"]],
  },
  {
    text: "a line after keys, of which nothing is lost",
    way: "line",
    steps: [["ready", "q"], ["line? ", "two words\r"], [
      "line two words",
      null,
    ]],
  },
  {
    text: "Ctrl-Z where nobody could continue it",
    steps: [
      ["ready", "\u001a"],
      ["<leave>", null],
      ["<enter>", null],
      ['key "resized"', "q"],
    ],
  },
  {
    text: "an error while it has the keyboard",
    way: "throws",
    steps: [["ready", null], ["<leave>", null]],
    code: 1,
  },
];

for (const { code = 0, steps, text, way = "" } of WAYS) {
  Deno.test({
    name: `real keyboard: ${text}`,
    ignore: !isPosix,
    async fn() {
      const { missing, shown } = await talk(
        [...steps, [`ended with ${code}`, null], ["as it was", null]],
        shell(way),
        { cwd: Deno.cwd(), env: {} },
      );
      assertEquals(missing, "", shown);
      const entered = shown.split("<enter>").length;
      assertEquals(shown.split("<leave>").length, entered, shown);
    },
  });
}

Deno.test({
  name: "real keyboard: nothing is written to a dumb terminal",
  ignore: !isPosix,
  async fn() {
    const { missing, shown } = await talk(
      [["ready", "q"], ["as it was", null]],
      shell(""),
      { cwd: Deno.cwd(), env: { TERM: "dumb" } },
    );
    assertEquals(missing, "", shown);
    assert(!shown.includes("\u001b"), shown);
    assert(!shown.includes("<enter>"), shown);
  },
});
