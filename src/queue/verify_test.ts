import { assert, assertEquals } from "@std/assert";
import { createFakeHost } from "#support/fake_host.ts";
import { fillQueue, type FullQueue, openQueue } from "#support/full_queue.ts";
import { queueHostOf } from "#support/fake_queue.ts";
import { draftOf, ROOT } from "#support/tasks.ts";
import { EVENT_STATES, sumEvents } from "./list_events.ts";
import { spill } from "./overflow.ts";
import { verify } from "./verify.ts";
import type { Check } from "./verify_findings.ts";

async function makeFull(): Promise<FullQueue> {
  const fake = createFakeHost();
  const host = { ...await queueHostOf(fake), clock: fake.clock };
  const queue = openQueue(host, ROOT);
  await fillQueue(queue);
  return queue;
}

async function brokenIn(
  { host, store }: FullQueue,
): Promise<readonly string[]> {
  const { checks } = await verify(host, store);
  return checks.filter(({ verdict }) => verdict !== "ok").map(({ id }) => id);
}

Deno.test("verify() finds nothing wrong with an event in every state", async () => {
  const queue = await makeFull();
  const { checks, events } = await verify(queue.host, queue.store);
  assertEquals(checks.filter(({ verdict }) => verdict !== "ok"), []);
  assertEquals(checks.length, 17);
  const sums = sumEvents(queue.store, {});
  assertEquals(EVENT_STATES.filter((state) => !sums.has(state)), []);
  assertEquals(
    events,
    [...sums.values()].reduce((n, { count }) => n + count, 0),
  );
});

const A_BODY = "(SELECT max(seq) FROM events WHERE body IS NOT NULL)";
const A_BARE = "(SELECT max(seq) FROM events WHERE body IS NULL)";
const one = (state: string) =>
  `(SELECT max(seq) FROM deliveries WHERE state = '${state}')`;
const LAST_AUDIT = "(SELECT max(a_id) FROM audit)";

Deno.test.each([
  {
    id: "V-002",
    name: "another schema",
    sql: "CREATE TABLE strangers (id INTEGER) STRICT",
  },
  { id: "V-002", name: "another version", sql: "PRAGMA user_version = 0" },
  {
    id: "V-003",
    name: "another installation",
    sql: `UPDATE meta SET node_id = '${"0".repeat(32)}'`,
  },
  {
    id: "V-004",
    name: "a changed body",
    sql: `UPDATE events SET body = replace(body, 'hello', 'hallo')
           WHERE seq = ${A_BODY}`,
  },
  {
    id: "V-004",
    name: "a changed hash",
    sql: `UPDATE events SET sha256 = replace(sha256, substr(sha256, 1, 1), 'g')
           WHERE seq = ${A_BODY}`,
  },
  {
    id: "V-005",
    name: "another id",
    sql: `UPDATE events SET event_id = '01ARZ3NDEKTSV4RRFFQ69G5FAV'
           WHERE seq = ${A_BODY}`,
  },
  {
    id: "V-005",
    name: "another type",
    sql: `UPDATE events SET type = 'TaskMoved' WHERE seq = ${A_BODY}`,
  },
  {
    id: "V-005",
    name: "a class that is none",
    sql: `UPDATE events SET class = 'fakt' WHERE seq = ${A_BARE}`,
  },
  {
    id: "V-006",
    name: "a lost body",
    sql: `UPDATE events SET body = NULL WHERE seq = ${one("dead")}`,
  },
  {
    id: "V-007",
    name: "a clock that jumps",
    sql: `UPDATE events SET lamport = lamport + 1000 WHERE seq = ${A_BARE}`,
  },
  {
    id: "V-007",
    name: "a tick too many",
    sql: "UPDATE meta SET lamport = lamport + 1",
  },
  {
    id: "V-008",
    name: "a lost event",
    sql: `DELETE FROM events WHERE seq = ${A_BODY}`,
  },
  { id: "V-008", name: "a lost place", sql: "UPDATE meta SET seq = seq + 1" },
  {
    id: "V-008",
    name: "a mark that went too far",
    sql: "UPDATE meta SET claimed_seq = seq + 1",
  },
  {
    id: "V-009",
    name: "a row too many",
    sql: "UPDATE meta SET live_rows = live_rows + 1",
  },
  {
    id: "V-009",
    name: "a byte too few",
    sql: "UPDATE meta SET live_bytes = live_bytes - 1",
  },
  {
    id: "V-010",
    name: "one captured too many",
    sql: "UPDATE meta SET captured = captured + 1",
  },
  {
    id: "V-010",
    name: "one delivered too few",
    sql: "UPDATE meta SET delivered = delivered - 1",
  },
  {
    id: "V-010",
    name: "a snapshot too many",
    sql: "UPDATE meta SET coalesced = coalesced + 1",
  },
  {
    id: "V-010",
    name: "a removal that nobody wrote down",
    sql: "DELETE FROM audit WHERE action = 'gc'",
  },
  {
    id: "V-011",
    name: "a state that is none",
    sql: `UPDATE deliveries SET state = 'parkt' WHERE seq = ${one("parked")}`,
  },
  {
    id: "V-011",
    name: "a lane let go too early",
    sql: `UPDATE deliveries SET holds = 0 WHERE seq = ${one("retry")}`,
  },
  {
    id: "V-011",
    name: "another lane",
    sql: `UPDATE deliveries SET lane = 'Task:t9' WHERE seq = ${one("dead")}`,
  },
  {
    id: "V-011",
    name: "a delivery that is done and is not",
    sql: `UPDATE deliveries SET is_open = 0 WHERE seq = ${one("dead")}`,
  },
  {
    id: "V-011",
    name: "a reason that is none",
    sql: `UPDATE deliveries SET reason_code = 'refuted'
           WHERE seq = ${one("dead")}`,
  },
  {
    id: "V-011",
    name: "too many attempts",
    sql: `UPDATE deliveries SET attempts = 99 WHERE seq = ${one("retry")}`,
  },
  {
    id: "V-012",
    name: "an event that was passed over",
    sql: `DELETE FROM deliveries WHERE seq = ${one("inflight")}`,
  },
  {
    id: "V-012",
    name: "a mark that went back",
    sql: "UPDATE meta SET claimed_seq = 0",
  },
  {
    id: "V-013",
    name: "a kept event that may leave",
    sql: `UPDATE events SET consent_epoch = 2
           WHERE seq = (SELECT max(seq) FROM events WHERE consent_epoch = 0)`,
  },
  {
    id: "V-013",
    name: "a sealed consent that is open",
    sql: "UPDATE meta SET open_epoch = 1",
  },
  {
    id: "V-013",
    name: "a consent that grew",
    sql: "UPDATE consent SET to_seq = to_seq + 1 WHERE epoch = 1",
  },
  {
    id: "V-014",
    name: "a delivery without an answer",
    sql: "UPDATE batches SET outcome = NULL, ended_at = NULL",
  },
  {
    id: "V-014",
    name: "a lost request",
    sql: "DELETE FROM batches WHERE outcome = 'settled'",
  },
  {
    id: "V-014",
    name: "a request to a stranger",
    sql: "UPDATE batches SET url = 'https://evil.example'",
  },
  {
    id: "V-014",
    name: "a delivery at another time",
    sql: `UPDATE deliveries SET last_at = last_at + 1
           WHERE seq = ${one("delivered")}`,
  },
  {
    id: "V-016",
    name: "a lost entry of the audit",
    sql: `DELETE FROM audit WHERE a_id = ${LAST_AUDIT}`,
  },
  {
    id: "V-016",
    name: "a torn entry of the audit",
    sql: `UPDATE audit SET details = '{' WHERE a_id = ${LAST_AUDIT}`,
  },
  {
    id: "V-016",
    name: "a torn entry of the quarantine",
    sql: "UPDATE quarantine SET body = '{'",
  },
  {
    id: "V-017",
    name: "another target",
    sql: "UPDATE target SET url = 'https://evil.example'",
  },
  {
    id: "V-017",
    name: "a circuit that is none",
    sql: "UPDATE target SET circuit = 'ajar'",
  },
  {
    id: "V-017",
    name: "a lease of nobody",
    sql: "UPDATE leases SET role = 'thief'",
  },
])("verify() finds $name", async ({ id, sql }) => {
  const queue = await makeFull();
  assert(queue.store.db.run(sql) >= 0);
  const broken = await brokenIn(queue);
  assert(broken.includes(id), `${broken}`);
});

Deno.test("verify() finds a damaged line in the overflow file", async () => {
  const queue = await makeFull();
  const { host, options } = queue;
  const { overflow } = options.paths;
  spill(host, overflow, [draftOf()]);
  assertEquals(await brokenIn(queue), []);
  host.blocking.appendLocked(overflow, "0123456789abcdef {}\n", 1e6);
  assertEquals(await brokenIn(queue), ["V-015"]);
});

Deno.test("verify() cannot know the rest without its books", async () => {
  const queue = await makeFull();
  queue.store.db.run("DELETE FROM meta");
  const { checks } = await verify(queue.host, queue.store);
  const by = (verdict: Check["verdict"]) =>
    checks.filter((check) => check.verdict === verdict).map(({ id }) => id);
  assertEquals(by("broken"), ["V-010"]);
  assertEquals(by("unknown").length, 11);
});

Deno.test("verify() tells how far it is, and leaves no transaction open", async () => {
  const queue = await makeFull();
  const seen: number[] = [];
  const { events } = await verify(queue.host, queue.store, {
    onStart: (total) => void seen.push(total),
    onDone: (count) => void seen.push(count),
  });
  assertEquals(seen, [events, events]);
  queue.store.db.transaction(() => {});
});

Deno.test("verify() names some faults and counts all", async () => {
  const queue = await makeFull();
  queue.store.db.run(
    "UPDATE events SET body = body || ' ' WHERE body NOT NULL",
  );
  const { checks } = await verify(queue.host, queue.store);
  const check = checks.find(({ id }) => id === "V-004");
  assertEquals(check?.examples.length, 5);
  assert(/^\d+ faults$/.test(check?.details ?? ""), check?.details);
});
