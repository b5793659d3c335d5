import { assert, assertEquals } from "@std/assert";
import { lacksRuntime, seedHint } from "./compile.ts";
import { embeddedFiles, gateFaults } from "./compile_gate.ts";

const TREE = `Embedded Files

/tmp/lib
├── chunk-A1.js (1.57KB)
├─┬ deep
│ └── inner.js (12B)
└── main.js (968B)

Files: 2.47MB
`;

Deno.test("embeddedFiles() reads the tree of deno compile", () => {
  const names = [...embeddedFiles(TREE)];
  assertEquals(names, ["chunk-A1.js", "inner.js", "main.js"]);
});

const WELL = {
  chunks: ["main.js", "chunk-A1.js"],
  embedded: embeddedFiles(TREE),
  addedBytes: 2_000_000,
  hasCommit: true,
};

Deno.test.each([
  { change: {}, says: [] },
  { change: { chunks: ["main.js"] }, says: ["no lazy chunks"] },
  {
    change: { chunks: ["main.js", "lost.js"] },
    says: ["not embedded: lost.js"],
  },
  { change: { addedBytes: 0 }, says: ["adds 0 bytes"] },
  { change: { addedBytes: 8_000_001 }, says: ["adds 8000001 bytes"] },
  { change: { addedBytes: 8_000_000 }, says: [] },
  { change: { hasCommit: false }, says: ["commit"] },
])("gateFaults() of $change", ({ change, says }) => {
  const faults = gateFaults({ ...WELL, ...change });
  assertEquals(faults.length, says.length);
  says.forEach((text, at) => assert(faults[at]?.includes(text), faults[at]));
});

Deno.test.each([
  { text: "1: error sending request for denort-x.zip", lacks: true },
  { text: "0: Setting up base binary.", lacks: true },
  { text: "Module not found", lacks: false },
])("lacksRuntime() of $text", ({ text, lacks }) => {
  assertEquals(lacksRuntime(text), lacks);
});

Deno.test("seedHint() names both ways to bring the runtime", () => {
  const hint = seedHint("x86_64-apple-darwin", "2.9.6", "/cache");
  const path = "/cache/dl/release/v2.9.6/denort-x86_64-apple-darwin.zip";
  assert(hint.includes(path) && hint.includes("DENORT_BIN"), hint);
});
