import { assert, assertEquals, assertThrows } from "@std/assert";
import {
  pinnedRuntime,
  readWish,
  targetOf,
  TARGETS,
} from "./package_targets.ts";

const LINUX = "x86_64-unknown-linux-gnu";

Deno.test.each([
  { args: "", names: ["linux-x64"], rest: [] },
  { args: "--target macos-arm64", names: ["macos-arm64"], rest: [] },
  {
    args: "--target=windows-x64 --fast --target linux-x64",
    names: ["linux-x64", "windows-x64"],
    rest: ["--fast"],
  },
  {
    args: "--target aarch64-apple-darwin",
    names: ["macos-arm64"],
    rest: [],
  },
  { args: "--all", names: TARGETS.map(({ name }) => name), rest: [] },
  {
    args: "--all --target x",
    names: TARGETS.map(({ name }) => name),
    rest: [],
  },
])("readWish() of $args", ({ args, names, rest }) => {
  const wish = readWish(args.split(" ").filter(Boolean), LINUX);
  assertEquals(wish.targets.map(({ name }) => name), names);
  assertEquals(wish.rest, rest);
});

Deno.test.each([
  { args: ["--target", "amiga"], triple: LINUX },
  { args: ["--target"], triple: LINUX },
  { args: [], triple: "riscv64gc-unknown-linux-gnu" },
])("readWish() of $args on $triple is refused", ({ args, triple }) => {
  assertThrows(() => readWish(args, triple), TypeError, "linux-arm64");
});

Deno.test("every target has a pinned runtime", () => {
  for (const target of TARGETS) {
    const { version, integrity } = pinnedRuntime(target);
    assert(/^\d+\.\d+\.\d+$/.test(version), target.name);
    assert(/^sha512-[A-Za-z0-9+/]{86}==$/.test(integrity), target.name);
    assertEquals(targetOf(target.triple), target);
  }
});
