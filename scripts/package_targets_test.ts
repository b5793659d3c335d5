import { assert, assertEquals, assertThrows } from "@std/assert";
import {
  pinnedRuntime,
  TARGET_FLAGS,
  targetOf,
  TARGETS,
  wantedTargets,
} from "./package_targets.ts";
import { readGiven, ScriptError } from "./run_script.ts";

const LINUX = "x86_64-unknown-linux-gnu";
const USAGE = { run: "deno task x", does: "It does.", flags: TARGET_FLAGS };

const ALL = TARGETS.map(({ name }) => name);

Deno.test.each([
  { args: [], names: ["linux-x64"] },
  { args: ["--target", "macos-arm64"], names: ["macos-arm64"] },
  {
    args: ["--target=windows-x64", "--target", "linux-x64"],
    names: ["linux-x64", "windows-x64"],
  },
  { args: ["--target", "aarch64-apple-darwin"], names: ["macos-arm64"] },
  { args: ["--all"], names: ALL },
  { args: ["--all", "--target", "linux-x64"], names: ALL },
])("targets of $args", ({ args, names }) => {
  const given = readGiven(args, USAGE);
  const targets = wantedTargets(given, LINUX);
  assertEquals(targets.map(({ name }) => name), names);
});

Deno.test.each([
  { args: ["--target", "amiga"], triple: LINUX },
  { args: ["--target="], triple: LINUX },
  { args: ["--all", "--target", "amiga"], triple: LINUX },
  { args: [], triple: "riscv64gc-unknown-linux-gnu" },
])("there is no target for $args on $triple", ({ args, triple }) => {
  const given = readGiven(args, USAGE);
  const error = assertThrows(
    () => wantedTargets(given, triple),
    ScriptError,
    "choose one of linux-x64",
  );
  assertEquals(error.code, 64);
});

Deno.test("every target has a pinned runtime", () => {
  for (const target of TARGETS) {
    const { version, integrity } = pinnedRuntime(target);
    assert(/^\d+\.\d+\.\d+$/.test(version), target.name);
    assert(/^sha512-[A-Za-z0-9+/]{86}==$/.test(integrity), target.name);
    assertEquals(targetOf(target.triple), target);
  }
});
