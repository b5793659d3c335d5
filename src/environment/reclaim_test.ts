import { assert, assertEquals } from "@std/assert";
import { type FakeProcessSpec, FakeWorld } from "#support/fake_host.ts";
import { MARKER_VARIABLE } from "./facts.ts";
import {
  collectOrphans,
  type KnownUnit,
  type OrphanScope,
} from "./orphan_facts.ts";
import { classifyOrphan } from "./orphan_class.ts";
import { type Consent, reclaimAll, type ReclaimResult } from "./reclaim.ts";
import { openSignalJournal } from "./signal_journal.ts";

const SCOPE = "repo-00000000000a";
const EVERYBODY = () => true;
const NOBODY = () => false;
const GONE = "repo-00000000000c";

function markerOf(unit: string, scope = SCOPE): string {
  return `${scope}.run-1.${unit}.${"0".repeat(32)}`;
}

function open() {
  const world = new FakeWorld();
  const host = world.host({ pid: 900 });
  const start = (marker: string | undefined, spec: FakeProcessSpec = {}) =>
    world.addProcess({
      env: marker === undefined ? {} : { [MARKER_VARIABLE]: marker },
      ...spec,
    });
  const known = (
    unit: string,
    knowledge: KnownUnit["knowledge"],
    process?: { readonly pid: number; readonly startStamp: string },
  ): KnownUnit => {
    const { bootId, pidNamespace } = world.machine;
    const marker = markerOf(unit);
    const place = { bootId, pidNamespace, marker };
    const identity = process === undefined ? undefined : {
      pid: process.pid,
      startStamp: process.startStamp,
      ...place,
    };
    return { name: unit, marker, identity, knowledge };
  };
  const scope = (units: readonly KnownUnit[]): OrphanScope => ({
    scope: SCOPE,
    units,
    isLiving: (name) => name !== GONE,
    ports: [3000],
  });
  const verdicts = async (units: readonly KnownUnit[]) => {
    const look = await collectOrphans(host, scope(units));
    assert(look.kind === "known");
    return look.candidates.map(({ row: { pid }, facts }) =>
      `${pid} ${classifyOrphan(facts).reason}`
    );
  };
  const run = async (
    units: readonly KnownUnit[],
    agreesTo: Consent = NOBODY,
  ) => {
    const journal = openSignalJournal(host, "/state/signals.jsonl", "doctor");
    const result = await reclaimAll(host, scope(units), agreesTo, { journal });
    assert(!("unknown" in result));
    return result;
  };
  return { world, host, start, known, scope, verdicts, run };
}

function briefly({ swept, skipped, failed }: ReclaimResult) {
  return [
    ...swept.map((one) => `${one.pid} ${one.cleanup_path}`),
    ...skipped.map((one) => `${one.pid} ${one.skip_reason}`),
    ...failed.map((one) => `${one.pid} ${one.failure_reason}`),
  ];
}

Deno.test("each process near a scope gets the verdict of its facts", async () => {
  const { world, host, start, known, verdicts } = open();
  const unit = start(markerOf("api"), { pid: 100 });
  const session = { sessionId: 100, processGroup: 100, parentPid: 1 };
  start(markerOf("api"), { pid: 101, ...session });
  start(markerOf("api"), { pid: 102 });
  start(markerOf("web"), { pid: 103 });
  start(markerOf("api", "repo-00000000000b"), { pid: 104 });
  start(markerOf("api", GONE), { pid: 105 });
  start("of another program", { pid: 106 });
  start(undefined, { pid: 107, ports: [3000] });
  start(undefined, { pid: 108 });
  start(markerOf("api"), {
    pid: 109,
    argv: ["deno", "--reeve-daemon-root=/x"],
  });
  start(markerOf("api"), { pid: 110, state: "zombie" });
  start(undefined, {
    pid: 111,
    uid: 33,
    ports: [{ port: 3000, address: "::1" }],
  });
  host.process.env = { [MARKER_VARIABLE]: markerOf("api") };
  assertEquals(await verdicts([known("api", "stale", unit)]), [
    "900 self",
    "100 stale_same_scope",
    "101 stale_same_scope",
    "102 outside_session",
    "103 unknown_token",
    "104 other_scope",
    "105 scope_gone",
    "106 other_family",
    "107 suspicious",
    "109 other_family",
    "111 not_ours",
  ]);
  assertEquals(world.signals, []);
});

Deno.test("a recorded process that scrubbed its environment is told of", async () => {
  const { start, known, verdicts } = open();
  const unit = start(undefined, { pid: 100 });
  assertEquals(await verdicts([known("api", "stale", unit)]), [
    "100 recorded_unmarked",
  ]);
  const other = { pid: 100, startStamp: "another" };
  assertEquals(await verdicts([known("api", "stale", other)]), []);
});

Deno.test("a part of a unit that is up is no stranger on its port", async () => {
  const { start, known, verdicts, run, world } = open();
  const unit = start(markerOf("api"), { pid: 100 });
  const part = { parentPid: 100, sessionId: 100, processGroup: 100 };
  start(undefined, { pid: 101, ports: [3000], ...part });
  start(undefined, { pid: 102, ports: [{ port: 3000, address: "::1" }] });
  const units = [known("api", "active", unit)];
  assertEquals(await verdicts(units), [
    "100 active",
    "101 active",
    "102 suspicious",
  ]);
  await run(units, EVERYBODY);
  assertEquals(world.signals.map(({ pid }) => pid), [102]);
});

Deno.test("an intent without a process is its only session", async () => {
  const { start, known, verdicts } = open();
  start(markerOf("api"), { pid: 100 });
  const intent = known("api", "intended");
  assertEquals(await verdicts([intent]), ["100 orphan_intent"]);
  start(markerOf("api"), { pid: 101 });
  assertEquals(await verdicts([intent]), [
    "100 outside_session",
    "101 outside_session",
  ]);
});

Deno.test("the session of a reused pid is nobody's proof", async () => {
  const { world, start, known, verdicts } = open();
  const unit = start(markerOf("api"), { pid: 100 });
  const old = known("api", "stale", unit);
  world.reusePid(100);
  start(markerOf("api"), { pid: 101, sessionId: 100, processGroup: 100 });
  assertEquals(await verdicts([old]), ["101 outside_session"]);
});

Deno.test("every process of a plan ends in exactly one list", async () => {
  const { start, known, run } = open();
  const units = [
    start(markerOf("a"), { pid: 100 }),
    start(markerOf("b"), { pid: 101, onSignal: "stubborn" }),
    start(markerOf("c"), { pid: 102, onSignal: "immortal" }),
    start(markerOf("d"), { pid: 103, onSignal: "denied" }),
  ].map((one, at) => known("abcd".charAt(at), "stale", one));
  start(undefined, { pid: 104, ports: [3000] });
  assertEquals(briefly(await run(units)), [
    "100 terminate",
    "101 kill",
    "104 suspicious",
    "102 survived",
    "103 denied",
  ]);
});

Deno.test("consent reaches doubtful ones and nobody else", async () => {
  const { world, start, known, run } = open();
  const active = start(markerOf("api"), { pid: 100, ports: [3000] });
  start(markerOf("web"), { pid: 101 });
  start(markerOf("web", "repo-00000000000b"), { pid: 102 });
  const result = await run([known("api", "active", active)], EVERYBODY);
  assertEquals(briefly(result), ["101 terminate"]);
  assertEquals(world.signals.map(({ pid }) => pid), [101]);
});

Deno.test("a process that dropped its marker meanwhile gets no signal", async () => {
  const { world, start, known, run } = open();
  const unit = start(markerOf("api"), {
    pid: 100,
    onSignal(name, process) {
      if (name === "SIGTERM") process.env = {};
      return "sent";
    },
  });
  const result = await run([known("api", "stale", unit)]);
  assertEquals(briefly(result), ["100 unverified"]);
  assertEquals(world.signals.map(({ name }) => name), ["SIGTERM"]);
});

Deno.test("nothing is ended while processes cannot be known", async () => {
  const { world, host, start, known, scope } = open();
  const unit = known("api", "stale", start(markerOf("api"), { pid: 100 }));
  world.hideTable("no /proc");
  const journal = openSignalJournal(host, "/state/signals.jsonl", "doctor");
  const result = await reclaimAll(host, scope([unit]), EVERYBODY, { journal });
  assertEquals(result, { unknown: "no /proc" });
  assertEquals(world.signals, []);
});
