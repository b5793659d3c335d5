import { assert, assertEquals } from "@std/assert";
import { optIn } from "../queue/consent.ts";
import { spill } from "../queue/overflow.ts";
import { changeTarget } from "../queue/target.ts";
import {
  describeStalls,
  explainStall,
  findStalls,
  isFailure,
  type Stall,
  type StallFacts,
} from "./stall.ts";
import { STOP_REASONS } from "./stop_text.ts";
import { FakeWorld } from "#support/fake_host.ts";
import { type FakeQueue, fakeQueue } from "#support/fake_queue.ts";
import { TARGET } from "#support/sync_facts.ts";
import { draftOf, PROJECT_ID, ROOT } from "#support/tasks.ts";

const HOUR = 3_600_000;
const OTHER_ID = "7f1c3c1e-6c2b-4f0e-9a55-0d6f3a1b2c3d";

/** A queue that has opted in, with events, after so long. */
async function openStalled(
  waitMs: number,
  world: FakeWorld = new FakeWorld(),
): Promise<FakeQueue> {
  const queue = await fakeQueue({ world });
  optIn(queue.store, "ada", world.clock.now());
  queue.change("t1");
  queue.change("t2");
  await world.advance(waitMs);
  return queue;
}

async function find(
  { host, world }: FakeQueue,
  env: Readonly<Record<string, string>> = {},
  projectId = PROJECT_ID,
): Promise<readonly Stall[]> {
  for (const [name, value] of Object.entries(env)) {
    host.env.variables.set(name, value);
  }
  const before = [...world.writes];
  const at = host.clock.now() - 61_000;
  const found = await findStalls(host, ROOT, [{ projectId, at }]);
  assertEquals(world.writes, before, "it only reads");
  return found;
}

const SERVER = { REEVE_SERVER_URL: "https://sync.example" };
const SIGNED = { ...SERVER, REEVE_TOKEN: "t" };

Deno.test.each([
  { name: "an hour", waitMs: HOUR, found: 0 },
  { name: "more than an hour", waitMs: HOUR + 1, found: 1 },
])("findStalls() after $name finds $found", async ({ waitMs, found }) => {
  const stalls = await find(await openStalled(waitMs), SIGNED);
  assertEquals(stalls.length, found);
});

Deno.test("findStalls() tells name, number, age and reason", async () => {
  const stalls = await find(await openStalled(2 * HOUR), SIGNED);
  assertEquals(stalls, [{
    name: "reeve",
    count: 2,
    ageMs: 2 * HOUR,
    reason: "nothing has tried to deliver them",
  }]);
});

Deno.test.each([
  { limit: "0s", found: 0 },
  { limit: "3h", found: 0 },
  { limit: "1m", found: 1 },
])("findStalls() keeps to sync.stall_warning $limit", async (row) => {
  const queue = await openStalled(2 * HOUR);
  const settings = { sync: { "stall_warning": row.limit } };
  queue.world.disk.put(
    `${ROOT}/config.json`,
    JSON.stringify({ "schema_version": 1, ...settings }),
  );
  assertEquals((await find(queue, SIGNED)).length, row.found);
});

Deno.test.each<
  {
    readonly env: Readonly<Record<string, string>>;
    readonly reason: string;
  }
>([
  {
    env: { ...SIGNED, REEVE_SYNC_DISABLE: "1" },
    reason: "REEVE_SYNC_DISABLE is set",
  },
  { env: {}, reason: "no server is configured" },
  { env: SERVER, reason: "you are not signed in" },
  {
    env: { ...SIGNED, REEVE_SERVER_URL: "ftp://x" },
    reason: "the settings are wrong in REEVE_SERVER_URL",
  },
])("findStalls() with $env says: $reason", async ({ env, reason }) => {
  const [stall] = await find(await openStalled(2 * HOUR), env);
  assertEquals(stall?.reason, reason);
});

Deno.test("findStalls() is silent about what may not leave", async () => {
  const queue = await fakeQueue();
  queue.change("t1");
  await queue.world.advance(2 * HOUR);
  assertEquals(await find(queue, SIGNED), []);
});

Deno.test("findStalls() is silent about what is delivered", async () => {
  const queue = await openStalled(2 * HOUR);
  const lease = queue.takeLease();
  const batch = queue.claim(lease);
  assert(batch !== undefined);
  queue.settle(lease, batch, { kind: "delivered" });
  assertEquals(await find(queue, SIGNED), []);
});

Deno.test("findStalls() counts what waits in the overflow file", async () => {
  const queue = await fakeQueue();
  const { world, host } = queue;
  optIn(queue.store, "ada", world.clock.now());
  const drafts = [draftOf(), draftOf()];
  spill(queue.queueHost, queue.paths.overflow, drafts);
  await world.advance(2 * HOUR);
  for (const [name, value] of Object.entries(SIGNED)) {
    host.env.variables.set(name, value);
  }
  const at = host.clock.now() - 2 * HOUR;
  const marks = [{ projectId: PROJECT_ID, at }];
  const [stall] = await findStalls(host, ROOT, marks);
  assertEquals([stall?.count, stall?.ageMs, stall?.name], [
    2,
    2 * HOUR,
    "project 6f1c3c1e",
  ]);
});

Deno.test("findStalls() knows why a refused event waits", async () => {
  const queue = await openStalled(2 * HOUR);
  const lease = queue.takeLease();
  const batch = queue.claim(lease);
  assert(batch !== undefined);
  queue.settle(lease, batch, { kind: "retry", reason: "schema_mismatch" });
  const [stall] = await find(queue, SIGNED);
  assertEquals(
    [stall?.count, stall?.reason],
    [2, "the server refuses them, they are tried again"],
  );
});

Deno.test("findStalls() tells the word of the project", async () => {
  const queue = await openStalled(2 * HOUR);
  queue.store.db.run("UPDATE meta SET allows_background = 0");
  const [stall] = await find(queue, SIGNED);
  assertEquals(stall?.reason, "sync.auto_start is false");
});

Deno.test("findStalls() skips a mark without a queue, and a busy one", async () => {
  const queue = await openStalled(2 * HOUR);
  assertEquals(await find(queue, SIGNED, OTHER_ID), []);
  queue.world.failFiles(queue.paths.queue, "busy", {
    operation: "openDatabase",
  });
  assertEquals(await find(queue, SIGNED), []);
});

Deno.test("findStalls() tells of a queue that cannot be used", async () => {
  const queue = await openStalled(2 * HOUR);
  queue.world.failFiles(queue.paths.queue, "damaged", {
    operation: "openDatabase",
  });
  const { host } = queue;
  const marks = [{ projectId: PROJECT_ID, at: host.clock.now() - 2 * HOUR }];
  assertEquals(await findStalls(host, ROOT, marks), [{
    name: "project 6f1c3c1e",
    count: undefined,
    ageMs: 2 * HOUR,
    reason: "their queue cannot be used (damaged)",
  }]);
});

const facts: StallFacts = {
  nowMs: 0,
  isSignedIn: true,
  mayStart: true,
  isRefused: false,
};
const none = { "last_pass": null, "last_pass_at": null };

Deno.test.each([
  {
    target: { "paused_reason": "forbidden", circuit: "open" },
    is: "the server does not allow it",
  },
  {
    target: { circuit: "open", "last_error_code": "gateway" },
    is: "the server is unavailable; your events are safe",
  },
  {
    target: { circuit: "open", "last_error_code": null },
    is: "the server was not reachable",
  },
  {
    target: { "last_pass": `{"stoppedBecause":"auth_required"}` },
    is: "you are not signed in",
  },
  {
    target: { "last_pass": `{"stoppedBecause":"interrupted"}` },
    is: "nothing tries to deliver them any more",
  },
  { target: none, is: "nothing has tried to deliver them" },
  {
    target: none,
    change: { isSignedIn: false, mayStart: false },
    is: "you are not signed in",
  },
  {
    target: none,
    change: { mayStart: false, isRefused: true },
    is: "sync.auto_start is false",
  },
  {
    target: {},
    change: { isRefused: true },
    is: "the server refuses them, they are tried again",
  },
])("explainStall() of $target $change: $is", ({ target, change, is }) => {
  assertEquals(
    explainStall({ ...TARGET, ...target }, { ...facts, ...change }),
    is,
  );
});

Deno.test("changeTarget() and explainStall() agree on the columns", async () => {
  const queue = await openStalled(2 * HOUR);
  changeTarget(queue.store, {
    "paused_reason": "workspace_missing",
    "paused_at": 1,
  });
  const [stall] = await find(queue, SIGNED);
  assertEquals(stall?.reason, "no workspace is chosen");
});

Deno.test("isFailure() takes most reasons for a failure", () => {
  const good = STOP_REASONS.filter((reason) => !isFailure(reason));
  assertEquals(good.length, 7);
});

const stall: Stall = {
  name: "app",
  count: 321,
  ageMs: 35 * 24 * HOUR,
  reason: "you are not signed in",
};

Deno.test.each<
  { readonly stalls: readonly Stall[]; readonly says: string | undefined }
>([
  { stalls: [], says: undefined },
  {
    stalls: [stall],
    says:
      "321 events of app have not been delivered for 35 d: you are not signed in.",
  },
  {
    stalls: [{ ...stall, count: 1, ageMs: HOUR }, stall],
    says: "1 event of app has not been delivered for 1 h: you are not signed " +
      "in; and 1 more project.",
  },
  {
    stalls: [{ ...stall, count: 1200, ageMs: HOUR - 1 }, stall, stall],
    says: "1,200 events of app have not been delivered for 59 min: you are " +
      "not signed in; and 2 more projects.",
  },
  {
    stalls: [{ ...stall, count: undefined }],
    says:
      "Events of app have not been delivered for 35 d: you are not signed in.",
  },
])("describeStalls() says: $says", ({ stalls, says }) => {
  assertEquals(describeStalls(stalls), says);
});
