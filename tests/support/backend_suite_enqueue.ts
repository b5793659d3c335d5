/**
 * What every backend promises about adding jobs.
 *
 * @module
 */

import { assert, assertEquals, assertRejects } from "@std/assert";
import { KnownError } from "../../src/errors.ts";
import { type JobOptions, MAX_BODY_BYTES } from "../../src/jobs/job.ts";
import { isUlid } from "../../src/state/ulid.ts";
import type { JsonValue } from "../../src/state/json_value.ts";
import { type CheckBackend, QUEUE } from "./backend_world.ts";

/** Registers the tests about adding jobs. */
export function enqueueSuite(check: CheckBackend): void {
  idTests(check);
  dataTests(check);
  optionTests(check);
  bulkTests(check);
}

function idTests(check: CheckBackend): void {
  check("a job gets an id of its own that grows with time", async (world) => {
    const ids = [await world.add(1), await world.add(2), await world.add(3)];
    assert(ids.every(isUlid));
    assertEquals(ids.toSorted(), ids);
    assertEquals(new Set(ids).size, 3);
  });

  check("a job has the id that was given", async (world) => {
    const id = "Mail.7_of-9";
    assertEquals(await world.addAs(id), { id, status: "enqueued" });
    assertEquals((await world.claimOne()).id, id);
  });

  check("an id that is there is a duplicate in every state", async (world) => {
    const duplicate = { id: "a", status: "duplicate" } as const;
    await world.addAs("a", { delayMs: 3_600_000 });
    assertEquals(await world.addAs("a"), duplicate);
    assert(await world.backend.promote(QUEUE, "a"));
    assertEquals(await world.addAs("a"), duplicate);
    const claim = await world.claimOne();
    assertEquals(await world.addAs("a"), duplicate);
    await world.complete(claim);
    assertEquals(await world.addAs("a"), duplicate);
    await world.addDead("b");
    assertEquals((await world.addAs("b")).status, "duplicate");
    assertEquals(await world.claim(), []);
    assertEquals((await world.job("a")).data, "a");
  });

  check("a duplicate changes nothing about the job", async (world) => {
    await world.backend.enqueue(QUEUE, "old", { id: "a", priority: 3 });
    await world.backend.enqueue(QUEUE, "new", {
      id: "a",
      priority: 9,
      delayMs: 3_600_000,
    });
    const { data, priority, state } = await world.job("a");
    assertEquals([data, priority, state], ["old", 3, "ready"]);
  });

  check("the id of a cancelled job is free again", async (world) => {
    await world.addAs("a");
    assertEquals(await world.backend.cancel(QUEUE, "a"), "cancelled");
    assertEquals(await world.addAs("a"), { id: "a", status: "enqueued" });
  });

  check("an id belongs to one queue", async (world) => {
    await world.addAs("a");
    const other = await world.backend.enqueue("other", 2, { id: "a" });
    assertEquals(other, { id: "a", status: "enqueued" });
    assertEquals((await world.backend.get("other", "a"))?.data, 2);
    assertEquals((await world.job("a")).data, "a");
  });

  check("of equal ids at the same time one is added", async (world) => {
    const other = await world.another();
    const added = await Promise.all(
      [1, 2, 3, 4, 5, 6].map((n) =>
        (n % 2 === 0 ? other : world.backend).enqueue(QUEUE, n, { id: "a" })
      ),
    );
    const statuses = added.map(({ status }) => status).toSorted();
    assertEquals(statuses, [...Array(5).fill("duplicate"), "enqueued"]);
    assertEquals((await world.claim(10)).length, 1);
  });
}

const DATA: readonly JsonValue[] = [
  null,
  true,
  false,
  0,
  -1.5,
  1e21,
  Number.MAX_SAFE_INTEGER,
  "",
  'ä 日本語 👩‍🚀 \u0000 " \\ \n \u2028',
  [],
  {},
  [1, [2, [3, { deep: [null] }]]],
  { "": 1, "__key__": { "a.b": "c" }, constructor: "x", "ключ": [true] },
];

function dataTests(check: CheckBackend): void {
  check("data comes back as it was", async (world) => {
    for (const data of DATA) {
      const id = await world.add(data);
      assertEquals((await world.job(id)).data, data);
      const claim = await world.claimOne();
      assertEquals([claim.id, JSON.parse(claim.body)], [id, data]);
    }
  });

  check("data may have 1 MiB as text and not a byte more", async (world) => {
    const quotes = 2;
    const most = "x".repeat(MAX_BODY_BYTES - quotes);
    const id = await world.add(most);
    assertEquals((await world.claimOne()).body.length, MAX_BODY_BYTES);
    assertEquals((await world.job(id)).data, most);
    const twoBytes = "é".repeat(MAX_BODY_BYTES / 2 - 1);
    await world.add(twoBytes);
    assertEquals(JSON.parse((await world.claimOne()).body), twoBytes);
    for (const data of [`${most}x`, `${twoBytes}x`]) {
      const error = await assertRejects(
        () => world.backend.enqueue(QUEUE, data),
        KnownError,
        "data",
      );
      assertEquals(error.code, "usage");
    }
    assertEquals((await world.stats()).counts.ready, 0);
  });
}

const BAD_OPTIONS: readonly (readonly [string, JobOptions])[] = [
  ["id", { id: "a b" }],
  ["id", { id: "12" }],
  ["priority", { priority: 101 }],
  ["priority", { priority: -1 }],
  ["priority", { priority: 0.5 }],
  ["delayMs", { delayMs: -1 }],
  ["delayMs", { delayMs: NaN }],
  ["runAt", { runAt: Infinity }],
  ["runAt", { runAt: 1, delayMs: 1 }],
  ["attempts", { attempts: 0 }],
  ["attempts", { attempts: 101 }],
  ["backoff", { backoff: { baseMs: -1 } }],
  ["timeoutMs", { timeoutMs: -1 }],
  ["expiresAt", { expiresAt: NaN }],
  ["dedupe", { dedupe: { key: "" } }],
  ["dedupe", { dedupe: { key: "x".repeat(257) } }],
  ["dedupe", { dedupe: { key: "k", ttlMs: 0 } }],
];

function optionTests(check: CheckBackend): void {
  check("wrong options are refused by their name", async (world) => {
    for (const [name, options] of BAD_OPTIONS) {
      const error = await assertRejects(
        () => world.backend.enqueue(QUEUE, 1, options),
        KnownError,
        name,
        JSON.stringify(options),
      );
      assertEquals(error.code, "usage");
    }
    assertEquals(await world.backend.list(QUEUE), []);
    assertEquals(await world.backend.stats(), []);
  });

  check("a name that no queue may have is refused", async (world) => {
    for (const name of ["", "Work", "a b", "a/b", "x".repeat(64)]) {
      const error = await assertRejects(
        () => world.backend.enqueue(name, 1),
        KnownError,
        "queue",
      );
      assertEquals(error.code, "usage");
    }
    assertEquals(await world.backend.stats(), []);
  });

  check("a worker gets the rules of a job", async (world) => {
    const expiresAt = Date.now() + 3_600_000;
    await world.add(1, {
      attempts: 7,
      timeoutMs: 1234,
      expiresAt,
      backoff: { type: "fixed", baseMs: 10, capMs: 20, jitter: "none" },
    });
    await world.add(2);
    const [one, two] = await world.claim(2);
    assertEquals(one?.rules, {
      attempts: 7,
      timeoutMs: 1234,
      expiresAt,
      backoff: { type: "fixed", baseMs: 10, capMs: 20, jitter: "none" },
    });
    assertEquals(two?.rules, {
      attempts: 5,
      timeoutMs: 0,
      expiresAt: 0,
      backoff: {
        type: "exponential",
        baseMs: 1000,
        capMs: 300_000,
        jitter: "full",
      },
    });
  });
}

function bulkTests(check: CheckBackend): void {
  check("many jobs are added in their order", async (world) => {
    const drafts = Array.from({ length: 250 }, (_, n) => ({ data: n }));
    const added = await world.backend.enqueueMany(QUEUE, drafts);
    assert(added.every(({ status }) => status === "enqueued"));
    assertEquals(
      (await world.claim(1000)).map(({ id, body }) => [id, Number(body)]),
      added.map(({ id }, n) => [id, n]),
    );
  });

  check("a bulk with a wrong draft adds nothing", async (world) => {
    const bulk = [
      { data: 1, options: { id: "a" } },
      { data: 2, options: { priority: 101 } },
      { data: 3 },
    ];
    await assertRejects(
      () => world.backend.enqueueMany(QUEUE, bulk),
      KnownError,
      "priority",
    );
    assertEquals(await world.backend.list(QUEUE), []);
    assertEquals((await world.addAs("a")).status, "enqueued");
  });

  check("equal jobs within a bulk are added once", async (world) => {
    const dedupe = { key: "k" };
    const replace = { key: "r", mode: "replace" } as const;
    const added = await world.backend.enqueueMany(QUEUE, [
      { data: 1, options: { id: "a" } },
      { data: 2, options: { id: "a" } },
      { data: 3, options: { id: "b", dedupe } },
      { data: 4, options: { id: "c", dedupe } },
      { data: 5, options: { id: "d", dedupe: replace } },
      { data: 6, options: { id: "e", dedupe: replace } },
    ]);
    assertEquals(added, [
      { id: "a", status: "enqueued" },
      { id: "a", status: "duplicate" },
      { id: "b", status: "enqueued" },
      { id: "b", status: "duplicate" },
      { id: "d", status: "enqueued" },
      { id: "d", status: "duplicate" },
    ]);
    const claims = await world.claim(9);
    assertEquals(claims.map(({ body }) => body), ["1", "3", "5"]);
  });

  check("an empty bulk is fine", async (world) => {
    assertEquals(await world.backend.enqueueMany(QUEUE, []), []);
    assertEquals(await world.claim(), []);
  });
}
