import { assert, assertEquals } from "@std/assert";
import { startReceiver } from "#support/receiver.ts";
import { waitUntil } from "#support/wait_until.ts";
import {
  makeSyncPlace,
  type Running,
  type SyncPlace,
  toward,
} from "./sync_place.ts";

interface News {
  readonly schema: string;
  readonly at: string;
  readonly kind: string;
  readonly state?: string;
  readonly reason?: string;
  readonly accepted?: number;
  readonly delivered?: number;
}

function newsOf({ out }: Running): readonly News[] {
  return out().split("\n").filter((line) => line !== "")
    .map((line) => JSON.parse(line));
}

function sum(news: readonly News[]): number {
  return news.reduce((total, { accepted = 0 }) => total + accepted, 0);
}

async function until(
  watch: Running,
  what: string,
  isThere: (news: readonly News[]) => boolean,
): Promise<void> {
  await waitUntil(what, () => isThere(newsOf(watch)), 20_000);
}

/** A project whose events may go to the receiver's workspace. */
async function makeWatched(workspace: string): Promise<SyncPlace> {
  const place = await makeSyncPlace();
  await place.run(`config set sync.workspace ${workspace}`);
  return place;
}

Deno.test("reeve sync watch delivers what other processes capture", async () => {
  await using receiver = await startReceiver();
  await using place = await makeWatched(receiver.workspace);
  await place.emit("before");
  await using watch = place.start("sync watch --json", toward(receiver));
  await until(watch, "the first event is delivered", (news) => sum(news) === 1);
  await until(
    watch,
    "it is connected",
    (news) => news.some(({ state }) => state === "Connected"),
  );
  const startedAt = performance.now();
  await place.emit("during");
  await until(watch, "the second is delivered", (news) => sum(news) === 2);
  assert(performance.now() - startedAt < 5000, "it does not wait its turn");
  assertEquals(await watch.end(), 0);
  const news = newsOf(watch);
  assertEquals(news[0]?.kind, "started");
  assertEquals([news.at(-1)?.kind, news.at(-1)?.delivered], ["stopped", 2]);
  for (const { schema, at } of news) {
    assertEquals(schema, "sync_watch");
    assert(!Number.isNaN(Date.parse(at)), at);
  }
  const { json } = await place.run("sync status --json");
  assertEquals([json.queue.delivered, json.queue.residue], [2, 0]);
});

Deno.test("reeve sync watch lives through a server that goes and comes back", async () => {
  await using place = await makeWatched("ada-private");
  const first = await startReceiver();
  const { port } = first;
  await using watch = place.start("sync watch --json", toward(first));
  await until(
    watch,
    "it is connected",
    (news) => news.some(({ state }) => state === "Connected"),
  );
  await first[Symbol.asyncDispose]();
  await place.emit("meanwhile");
  await until(
    watch,
    "the trouble is told",
    (news) => news.some(({ kind }) => kind === "trouble"),
  );
  await using _second = await startReceiver({ port });
  await until(watch, "the event is delivered", (news) => sum(news) === 1);
  assertEquals(await watch.end(), 0);
  const kinds = newsOf(watch).map(({ kind }) => kind);
  assertEquals(
    kinds.filter((kind) => kind === "trouble").length,
    1,
    "one trouble is one line",
  );
  assert(kinds.includes("recovered"), kinds.join());
});

Deno.test("reeve sync watch goes on by HTTP without a WebSocket", async () => {
  await using receiver = await startReceiver();
  await using place = await makeWatched(receiver.workspace);
  await place.emit("one");
  const env = { ...toward(receiver), REEVE_SYNC_WS: "false" };
  await using watch = place.start("sync watch", env);
  await waitUntil(
    "the event is delivered",
    () => watch.out().includes("Delivered 1 event; nothing waits.\n"),
    20_000,
  );
  assertEquals(await watch.end(), 0);
  assertEquals(
    watch.out(),
    [
      `Delivering app to ${receiver.url}; Ctrl-C ends it.`,
      "Delivered 1 event; nothing waits.",
      "Stopped after 1 event.",
      "",
    ].join("\n"),
  );
});

Deno.test("reeve sync watch delivers although programs may not start it", async () => {
  await using receiver = await startReceiver();
  await using place = await makeWatched(receiver.workspace);
  await place.run("config set --project sync.auto_start false");
  await place.emit("one");
  await using watch = place.start("sync watch --json", toward(receiver));
  await until(watch, "the event is delivered", (news) => sum(news) === 1);
  assertEquals(await watch.end(), 0);
});

Deno.test.each<
  {
    readonly name: string;
    readonly before?: string;
    readonly env: Readonly<Record<string, string>>;
    readonly code: number;
    readonly error: string;
    readonly hint: string;
  }
>([
  {
    name: "a sign-in",
    env: { REEVE_SERVER_URL: "http://127.0.0.1:9" },
    code: 4,
    error: "not_signed_in",
    hint: "Try: reeve auth login",
  },
  {
    name: "a consent",
    before: "sync optout",
    env: {},
    code: 1,
    error: "unusable",
    hint: "Let its events leave: reeve sync optin",
  },
  {
    name: "a mode in which anything leaves",
    before: "config set sync.mode local",
    env: {},
    code: 1,
    error: "unusable",
    hint: "Change it: reeve config set sync.mode teamspace",
  },
])("reeve sync watch without $name ends with $code", async (row) => {
  await using place = await makeSyncPlace();
  if (row.before !== undefined) await place.run(row.before);
  const { code, json } = await place.run("sync watch --json", row.env);
  assertEquals(
    [code, json.error.code, json.error.hint],
    [row.code, row.error, row.hint],
  );
});

Deno.test("reeve sync watch keeps to REEVE_SYNC_DISABLE", async () => {
  await using receiver = await startReceiver();
  await using place = await makeWatched(receiver.workspace);
  const env = { ...toward(receiver), REEVE_SYNC_DISABLE: "1" };
  const { code, stderr } = await place.run("sync watch", env);
  assertEquals(code, 1);
  assert(stderr.includes("REEVE_SYNC_DISABLE is set"), stderr);
});
