import { assert, assertEquals } from "@std/assert";
import { FakeWorld } from "#support/fake_host.ts";
import fc from "fast-check";
import { collectFacts, collectProcesses, collectUnitFacts } from "./facts.ts";
import { truthOf, type TruthRecord } from "./truth.ts";

const KINDS = [
  "listens",
  "silent",
  "child listens",
  "moved its port",
  "dead",
  "dead with a stranger on its port",
  "dead with a child left",
  "replaced by a stranger",
  "worker",
] as const;

type Kind = typeof KINDS[number];

const OWN_PID = 900;
const POLICY = { graceMs: 0, allowsRebound: true };

/** A machine with one unit of each kind asked for. */
function machineWith(kinds: readonly Kind[]) {
  const world = new FakeWorld();
  let looks = 0;
  const host = world.host({
    pid: OWN_PID,
    gate(operation) {
      if (operation === "table") looks++;
      return Promise.resolve();
    },
  });
  const { bootId, pidNamespace } = world.machine;
  const records = kinds.map((kind, at): TruthRecord => {
    const [pid, port, marker] = [1000 + at * 10, 3000 + at * 300, `m${at}`];
    const env = { "REEVE_UNIT": marker };
    const own = { pid, parentPid: OWN_PID, sessionId: pid, env };
    const isOpen = kind === "listens" ||
      kind === "dead with a stranger on its port";
    const opened = isOpen
      ? [port]
      : kind === "moved its port"
      ? [port + 1]
      : [];
    const isStranger = kind === "dead with a stranger on its port";
    const process = world.addProcess({
      ...own,
      ports: isStranger ? [] : opened,
    });
    const { startStamp } = process;
    const child = { parentPid: pid, sessionId: pid, env };
    if (kind === "child listens") world.addProcess({ ...child, ports: [port] });
    if (kind === "dead with a child left") world.addProcess(child);
    if (kind.startsWith("dead")) world.endProcess(pid);
    if (kind === "replaced by a stranger") world.reusePid(pid, {});
    if (isStranger) world.addProcess({ ports: [port] });
    return {
      identity: { pid, startStamp, bootId, pidNamespace, marker },
      requestedPort: kind === "worker" ? undefined : port,
      actualPort: undefined,
      expectsListener: kind !== "worker",
      startedAt: 0,
      status: "running",
    };
  });
  const queries = records.flatMap(({ identity, requestedPort }) =>
    identity === undefined ? [] : [{
      identity,
      ports: requestedPort === undefined ? [] : [requestedPort],
    }]
  );
  return { host, records, queries, looks: () => looks };
}

Deno.test("a short look at units judges them as a look at the whole machine does", async () => {
  await fc.assert(fc.asyncProperty(
    fc.array(fc.constantFrom(...KINDS), { maxLength: 5 }),
    async (kinds) => {
      const { host, records, queries } = machineWith(kinds);
      const short = await collectUnitFacts(host, queries);
      const whole = await collectFacts(host, {
        identities: queries.map(({ identity }) => identity),
        ports: queries.flatMap(({ ports }) => ports),
      });
      for (const record of records) {
        assertEquals(
          truthOf(record, short, short.takenAt, POLICY),
          truthOf(record, whole, whole.takenAt, POLICY),
        );
      }
    },
  ));
});

Deno.test.each<[readonly Kind[], boolean]>([
  [[], false],
  [["listens", "worker", "listens"], false],
  [["listens", "silent"], true],
  [["listens", "child listens"], true],
  [["dead", "listens"], true],
  [["replaced by a stranger"], true],
])("units that %j look at the whole machine: %s", async (kinds, isWhole) => {
  const { host, queries, looks } = machineWith(kinds);
  await collectUnitFacts(host, queries);
  assert(looks() === (isWhole ? 1 : 0), `${looks()} looks`);
});

Deno.test.each([
  {
    text: "those of the same moment or later, whoever started them",
    boot: "boot",
    stamps: ["100", "101", "99"],
    read: [1000, 1001],
  },
  {
    text: "all when nothing of this boot is asked about",
    boot: "another boot",
    stamps: ["100", "101", "99"],
    read: [1000, 1001, 1002],
  },
  {
    text: "all where stamps have no order",
    boot: "boot",
    stamps: ["Mon 9:00", "101", "99"],
    read: [1000, 1001, 1002],
  },
])("markers are read of $text", async ({ boot, stamps, read }) => {
  const world = new FakeWorld();
  const { bootId = "", pidNamespace } = world.machine;
  for (const [at, startStamp] of stamps.entries()) {
    world.addProcess({ pid: 1000 + at, startStamp, env: { REEVE_UNIT: "m" } });
  }
  const unit = {
    pid: 1000,
    startStamp: stamps[0] ?? "",
    bootId: boot === "boot" ? bootId : boot,
    pidNamespace,
    marker: "m",
  };
  const host = world.host({ pid: OWN_PID });
  const { processes } = await collectProcesses(host, [unit]);
  const found = processes.kind === "known"
    ? processes.index.markers
    : new Map();
  assertEquals([...found.keys()].toSorted((a, b) => a - b), [...read]);
  const all = await collectProcesses(host);
  const every = all.processes.kind === "known"
    ? all.processes.index.markers
    : [];
  assertEquals([...every].length, 3);
});
