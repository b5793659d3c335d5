import { assert, assertEquals } from "@std/assert";
import { FakeWorld } from "#support/fake_host.ts";
import { placeChecks } from "./health_place.ts";
import {
  type PlaceFacts,
  readRootFacts,
  type RootFacts,
} from "./health_place_facts.ts";

const ROOT: PlaceFacts = {
  path: "/s",
  realPath: "/disk/s",
  kind: "directory",
  mode: 0o40700,
  uid: 7,
};
const RUNS: PlaceFacts = {
  ...ROOT,
  path: "/s/runs",
  realPath: "/disk/s/runs",
};
const FACTS: RootFacts = {
  root: ROOT,
  below: [RUNS],
  ownUid: 7,
  freeBytes: 10 * 1024 ** 3,
  isRemote: false,
  isReadOnly: false,
};

const root = (change: Partial<PlaceFacts>): RootFacts => ({
  ...FACTS,
  root: { ...ROOT, ...change },
});
const below = (change: Partial<PlaceFacts>): RootFacts => ({
  ...FACTS,
  below: [{ ...RUNS, ...change }],
});
const MIB = 1024 ** 2;

Deno.test.each<{
  readonly name: string;
  readonly facts: RootFacts;
  readonly is: readonly string[];
}>([
  { name: "a sound root", facts: FACTS, is: [] },
  { name: "no root yet", facts: root({ kind: "missing" }), is: ["root info"] },
  { name: "a file", facts: root({ kind: "file" }), is: ["root fail"] },
  {
    name: "one that cannot be read",
    facts: root({ kind: "unreadable" }),
    is: ["root fail"],
  },
  { name: "another owner", facts: root({ uid: 8 }), is: ["root fail"] },
  {
    name: "a root that others may change",
    facts: root({ mode: 0o40720 }),
    is: ["root fail"],
  },
  {
    name: "a root that others may look into",
    facts: root({ mode: 0o40750 }),
    is: ["root warn"],
  },
  {
    name: "nothing below",
    facts: below({ kind: "missing", uid: undefined }),
    is: [],
  },
  {
    name: "a link below",
    facts: below({ realPath: "/else/runs" }),
    is: ["private fail"],
  },
  {
    name: "another owner below",
    facts: below({ uid: 0 }),
    is: ["private fail"],
  },
  {
    name: "a directory below that others may read",
    facts: below({ mode: 0o40740 }),
    is: ["private fail"],
  },
  {
    name: "something below that cannot be read",
    facts: below({ kind: "unreadable" }),
    is: ["private fail"],
  },
  {
    name: "little room",
    facts: { ...FACTS, freeBytes: 200 * MIB - 1 },
    is: ["disk warn"],
  },
  {
    name: "no room",
    facts: { ...FACTS, freeBytes: 10 * MIB - 1 },
    is: ["disk fail"],
  },
  {
    name: "enough room",
    facts: { ...FACTS, freeBytes: 200 * MIB },
    is: [],
  },
  {
    name: "unknown room",
    facts: { ...FACTS, freeBytes: undefined },
    is: ["disk info"],
  },
  {
    name: "a disk of a network",
    facts: { ...FACTS, isRemote: true },
    is: ["disk warn"],
  },
  {
    name: "a disk that takes no writes",
    facts: { ...FACTS, isReadOnly: true },
    is: ["disk fail"],
  },
])("placeChecks() of $name", ({ facts, is }) => {
  const found = placeChecks(facts)
    .filter(({ status }) => status !== "pass")
    .map(({ id, status }) => `${id.replace("place.", "")} ${status}`);
  assertEquals(found, [...is]);
});

Deno.test("placeChecks() gives the line that makes a directory private", () => {
  const [, check] = placeChecks(below({ mode: 0o40755 }));
  assertEquals(check?.remedy, "chmod 700 /s/runs");
  const [, file] = placeChecks(below({ kind: "file", mode: 0o100644 }));
  assertEquals(file?.remedy, "chmod 600 /s/runs");
});

Deno.test("readRootFacts() tells a disk that takes no writes", async () => {
  const world = new FakeWorld();
  const lock = "/s/environments/ports.json.lock";
  const look = () => readRootFacts(world.host(), "/s", []);
  assertEquals((await look()).isReadOnly, undefined);
  world.disk.put(lock, "1");
  assert((await look()).isReadOnly === false);
  world.disk.fail(lock, "read_only", { operation: "tryLock" });
  assert((await look()).isReadOnly);
  assertEquals(world.disk.textOf(lock), "1");
});
