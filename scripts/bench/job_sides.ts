/** Those who take the same jobs: our backends, bare BullMQ, bare SQLite. */

import { Queue, Worker } from "bullmq";
import { Redis } from "ioredis";
import { DatabaseSync } from "node:sqlite";
import type { QueueBackend } from "../../src/jobs/backend.ts";

/** What each of them does with so many jobs. */
export interface Side {
  /** Adds them one call after the other. */
  one(count: number): Promise<void>;
  /** Adds them a thousand at a time. */
  many(count: number): Promise<void>;
  /** Does those that were added a thousand at a time, 50 at once. */
  work(count: number): Promise<void>;
}

/** A side that holds a connection. */
export type OpenSide = Side & AsyncDisposable;

const BULK_STEP = 1000;
const CONCURRENCY = 50;
const DATA = { to: "ada@example.test", text: "x".repeat(120) };

/** What is called for each job, and a promise for the last one. */
function countdown(count: number) {
  const { promise, resolve } = Promise.withResolvers<void>();
  let left = count;
  const handle = () => {
    if (--left === 0) resolve();
  };
  return { handle, done: promise };
}

/** One of our backends, which is started. */
export function oursSide(backend: QueueBackend): Side {
  return {
    async one(count) {
      for (let done = 0; done < count; done++) {
        await backend.enqueue("single", DATA);
      }
    },
    async many(count) {
      const drafts = Array.from({ length: BULK_STEP }, () => ({ data: DATA }));
      for (let done = 0; done < count; done += BULK_STEP) {
        await backend.enqueueMany("bulk", drafts);
      }
    },
    async work(count) {
      const { handle, done } = countdown(count);
      const options = { concurrency: CONCURRENCY };
      const worker = backend.process("bulk", handle, options);
      await done;
      await worker.stop();
    },
  };
}

/** A connection to a server on loopback. */
export function connect(port: number, retries: number | null): Redis {
  return new Redis({ host: "127.0.0.1", port, maxRetriesPerRequest: retries });
}

/** BullMQ as its guide has it, with the same retention as ours. */
export function bullSide(port: number): OpenSide {
  const connection = connect(port, 1);
  const single = new Queue("single", { connection, prefix: "bare" });
  const bulk = new Queue("bulk", { connection, prefix: "bare" });
  return {
    async one(count) {
      for (let done = 0; done < count; done++) await single.add("job", DATA);
    },
    async many(count) {
      const jobs = Array.from(
        { length: BULK_STEP },
        () => ({ name: "job", data: DATA }),
      );
      for (let done = 0; done < count; done += BULK_STEP) {
        await bulk.addBulk(jobs);
      }
    },
    async work(count) {
      const { handle, done } = countdown(count);
      const working = connect(port, null);
      const worker = new Worker("bulk", () => Promise.resolve(handle()), {
        connection: working,
        prefix: "bare",
        concurrency: CONCURRENCY,
        removeOnComplete: { count: 1000, age: 86_400 },
      });
      await done;
      await worker.close();
      working.disconnect();
    },
    async [Symbol.asyncDispose]() {
      await single.close();
      await bulk.close();
      connection.disconnect();
    },
  };
}

/** A table of `node:sqlite`, as one would write it in an afternoon. */
export function sqliteSide(path: string): OpenSide {
  const db = new DatabaseSync(path);
  db.exec(
    "PRAGMA journal_mode=WAL; PRAGMA synchronous=FULL;" +
      "CREATE TABLE jobs (id INTEGER PRIMARY KEY, queue TEXT, state TEXT," +
      " data TEXT); CREATE INDEX waiting ON jobs (queue, state, id)",
  );
  const add = db.prepare(
    "INSERT INTO jobs (queue, state, data) VALUES (?, 'waiting', ?)",
  );
  const claim = db.prepare(
    "UPDATE jobs SET state = 'active' WHERE id IN (SELECT id FROM jobs" +
      " WHERE queue = 'bulk' AND state = 'waiting' ORDER BY id LIMIT ?)" +
      " RETURNING id, data",
  );
  const finish = db.prepare("DELETE FROM jobs WHERE id = ?");
  const commit = (act: () => void) => {
    db.exec("BEGIN IMMEDIATE");
    act();
    db.exec("COMMIT");
  };
  const addMany = (queue: string, count: number) => {
    for (let done = 0; done < count; done++) {
      add.run(queue, JSON.stringify(DATA));
    }
  };
  return {
    async one(count) {
      for (let done = 0; done < count; done++) {
        await Promise.resolve(add.run("single", JSON.stringify(DATA)));
      }
    },
    many(count) {
      for (let done = 0; done < count; done += BULK_STEP) {
        commit(() => addMany("bulk", BULK_STEP));
      }
      return Promise.resolve();
    },
    async work(count) {
      const { handle, done } = countdown(count);
      for (let worked = 0; worked < count;) {
        const jobs = claim.all(CONCURRENCY);
        await Promise.all(jobs.map(async ({ data }) => {
          await JSON.parse(String(data));
          handle();
        }));
        commit(() => jobs.forEach(({ id }) => finish.run(Number(id))));
        worked += jobs.length;
      }
      await done;
    },
    [Symbol.asyncDispose]() {
      db.close();
      return Promise.resolve();
    },
  };
}
