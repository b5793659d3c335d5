import { assertEquals } from "@std/assert";
import type { ReceivedEvent } from "./envelope.ts";
import { createSocketHub, type Peer } from "./socket_hub.ts";

/** A hub on a clock that moves by hand, and what its sockets were told. */
function open() {
  const time = { now: 0 };
  const alarms: { at: number; ring: () => void }[] = [];
  const hub = createSocketHub({
    now: () => time.now,
    elapsed: () => time.now,
    sleep: () => Promise.reject(new Error("nobody sleeps here")),
    later(ms, ring) {
      const alarm = { at: time.now + ms, ring };
      alarms.push(alarm);
      return {
        [Symbol.dispose]: () => void alarms.splice(alarms.indexOf(alarm), 1),
      };
    },
  }, 100);
  const pass = (ms: number) => {
    time.now += ms;
    const due = alarms.filter(({ at }) => at <= time.now);
    for (const alarm of due) {
      alarms.splice(alarms.indexOf(alarm), 1);
      alarm.ring();
    }
  };
  const join = (changes: Partial<Peer> = {}) => {
    const told: string[] = [];
    const peer: Peer = {
      socket: {
        send: (text) => told.push(text) > 0,
        close: (code) => void told.push(`closed ${code}`),
        bufferedBytes: 0,
      },
      sessionId: "s",
      workspace: "w",
      nodes: new Set(),
      project: "p",
      heardAt: time.now,
      ...changes,
    };
    hub.join(peer);
    return { peer, told };
  };
  return { hub, time, alarms, pass, join };
}

const event: ReceivedEvent = {
  eventId: "e",
  eventType: "TaskMoved",
  projectUuid: "p",
  nodeId: "n",
  lamportClock: 1,
  body: '{"a":1}',
};

Deno.test.each([
  { name: "the same project", change: {}, hears: true },
  { name: "no project yet", change: { project: undefined }, hears: false },
  { name: "another project", change: { project: "q" }, hears: false },
  { name: "another workspace", change: { workspace: "v" }, hears: false },
  { name: "its own node", change: { nodes: new Set(["n"]) }, hears: false },
  { name: "another node", change: { nodes: new Set(["m"]) }, hears: true },
])("broadcast() reaches a socket of $name: $hears", ({ change, hears }) => {
  const { hub, join } = open();
  const { told } = join(change);
  hub.broadcast("w", [event]);
  assertEquals(told, hears ? ['{"type":"event","event":{"a":1}}'] : []);
});

Deno.test("broadcast() does not tell the sender", () => {
  const { hub, join } = open();
  const { peer, told } = join();
  const other = join();
  hub.broadcast("w", [event], peer);
  assertEquals([told.length, other.told.length], [0, 1]);
});

Deno.test("close() closes the sockets of one session, or all", () => {
  const { hub, join } = open();
  const [one, two] = [join(), join({ sessionId: "t" })];
  hub.close(4401, "ended", "t");
  assertEquals([one.told, two.told], [[], ["closed 4401"]]);
  hub.close(1001, "away");
  assertEquals(one.told, ["closed 1001"]);
});

Deno.test("a socket that says nothing is closed, and no other", () => {
  const { pass, join } = open();
  const [silent, talking] = [join(), join()];
  pass(60);
  talking.peer.heardAt = 60;
  assertEquals(silent.told, []);
  pass(60);
  assertEquals([silent.told, talking.told], [["closed 4000"], []]);
});

Deno.test("a hub without sockets watches nothing", async () => {
  const { hub, join, alarms } = open();
  await hub.emptied();
  const { peer } = join();
  assertEquals([hub.size(), alarms.length], [1, 1]);
  const emptied = hub.emptied();
  hub.leave(peer);
  await emptied;
  assertEquals([hub.size(), alarms.length], [0, 0]);
});
