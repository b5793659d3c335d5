import { assert, assertEquals } from "@std/assert";
import { denoHost } from "../../src/host/deno_host.ts";
import type { Host } from "../../src/host/host.ts";
import { optIn } from "../../src/queue/consent.ts";
import { spill } from "../../src/queue/overflow.ts";
import {
  openStore,
  openStoreToRead,
  type Store,
} from "../../src/queue/store.ts";
import { projectPaths } from "../../src/state/project_paths.ts";
import { watchQueue } from "../../src/sync/queue_watch.ts";
import { queueHost } from "../../src/cli/sync_project.ts";
import { makeSandbox } from "#support/sandbox.ts";
import { sandboxHost } from "#support/sandbox_host.ts";
import { draftOf, PROJECT_ID } from "#support/tasks.ts";

// The C library stays loaded for as long as the process lives.
denoHost.blocking.isRemote("/");

interface Watched extends AsyncDisposable {
  readonly host: Host;
  /** The queue as another process has it. */
  readonly other: Store;
  /** Whether there is news. */
  readonly look: () => boolean;
}

async function watched(): Promise<Watched> {
  const sandbox = await makeSandbox();
  const host = sandboxHost(sandbox);
  const queue = await queueHost(host);
  const paths = projectPaths({ root: sandbox.root }, PROJECT_ID);
  const project = { projectId: PROJECT_ID, paths };
  const opening = openStore(queue, { root: sandbox.root, ...project });
  assert(opening.kind === "open");
  const other = opening.store;
  optIn(other, "ada", 0);
  const reading = openStoreToRead(queue, project);
  assert(reading.kind === "open");
  const { store } = reading;
  return {
    host,
    other,
    look: watchQueue(host, store),
    async [Symbol.asyncDispose]() {
      store.db.close();
      other.db.close();
      await sandbox[Symbol.asyncDispose]();
    },
  };
}

/** What capturing, claiming, settling and an idle pass write. */
const WRITES: readonly {
  readonly name: string;
  readonly sql: string;
  readonly isNews: boolean;
}[] = [
  {
    name: "an idle pass",
    sql: "UPDATE target SET last_pass_at = 5",
    isNews: false,
  },
  { name: "a captured event", sql: captureSql(1), isNews: true },
  {
    name: "a claimed event",
    sql: `UPDATE meta SET claimed_seq = 1; INSERT INTO deliveries
      (seq, lane, state, epoch) VALUES (1, 'x', 'inflight', 1)`,
    isNews: false,
  },
  {
    name: "an event that could not be sent",
    sql: "UPDATE deliveries SET state = 'ready'",
    isNews: false,
  },
  {
    name: "an event that is given up",
    sql: "UPDATE deliveries SET state = 'dead'",
    isNews: false,
  },
  {
    name: "an event that a person wants to be sent again",
    sql: "UPDATE deliveries SET state = 'ready'",
    isNews: true,
  },
  {
    name: "a delivered event",
    sql: "UPDATE deliveries SET state = 'delivered', is_open = 0",
    isNews: false,
  },
  {
    name: "a new consent",
    sql: "UPDATE meta SET open_epoch = 2",
    isNews: true,
  },
];

function captureSql(seq: number): string {
  return `UPDATE meta SET seq = ${seq}; INSERT INTO events (seq, event_id, type,
    class, lane, order_role, lamport, clock_epoch, occurred_at, captured_at,
    bytes, sha256, consent_epoch)
    VALUES (${seq}, '${seq}', 'T', 'fact', 'x', 'none', 1, 1, '', 1, 1, '', 1)`;
}

Deno.test("watchQueue() tells what others add, and nothing else", async (t) => {
  await using queue = await watched();
  assert(!queue.look());
  for (const { name, sql, isNews } of WRITES) {
    await t.step(`${name}: ${isNews}`, () => {
      queue.other.db.exec(`BEGIN; ${sql}; COMMIT;`);
      assertEquals([queue.look(), queue.look()], [isNews, false]);
    });
  }
});

Deno.test("watchQueue() sees the overflow file grow", async () => {
  await using queue = await watched();
  const { overflow } = queue.other.paths;
  spill(queue.host, overflow, [draftOf()]);
  assertEquals([queue.look(), queue.look()], [true, false]);
  queue.host.blocking.takeLocked(overflow, () => {});
  assert(!queue.look(), "taking it in is no news");
  spill(queue.host, overflow, [draftOf()]);
  assert(queue.look());
});
