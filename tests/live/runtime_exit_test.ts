// deno-lint-ignore-file no-console -- figures for whoever runs the test
/** However a program ends, what it has emitted is on disk, and it ends. */

import { assert, assertEquals } from "@std/assert";
import { type LiveProject, liveProject } from "#support/live_project.ts";
import { waitUntil } from "#support/wait_until.ts";

const PROGRAM = "tests/programs/emits_then_ends.ts";
const NOBODY = { REEVE_TOKEN: "" };
const LIMIT_MS = 10_000;

/** A server that takes connections and never says a word. */
function blackHole() {
  const listener = Deno.listen({ hostname: "127.0.0.1", port: 0 });
  const url = `http://127.0.0.1:${listener.addr.port}`;
  return { url, [Symbol.dispose]: () => listener.close() };
}

/** Runs the program; one that does not end is ended, and told apart. */
async function run(
  project: LiveProject,
  args: readonly string[],
  env: Readonly<Record<string, string>> = {},
) {
  const { child, ended } = project.start(PROGRAM, args, env);
  let isHanging = false;
  const timer = setTimeout(() => {
    isHanging = true;
    child.kill("SIGKILL");
  }, LIMIT_MS);
  const { code, signal, stdout, stderr } = await ended;
  const endedAt = performance.timeOrigin + performance.now();
  clearTimeout(timer);
  assert(!isHanging, `it did not end: ${args} ${stdout} ${stderr}`);
  const [kind, doneAt] = stdout.split(/\s/);
  return { code, signal, kind, stderr, exitMs: endedAt - Number(doneAt) };
}

Deno.test.each(
  ["short", "long"].flatMap((lifetime) =>
    [
      { way: "ends", code: 0 },
      { way: "exits", code: 7 },
      { way: "throws", code: 1 },
      { way: "rejects", code: 1 },
      { way: "stops", code: 0 },
    ].map((row) => ({ lifetime, ...row }))
  ),
)("a $lifetime program that $way leaves its event on disk", async (row) => {
  await using project = await liveProject({ sync: { websocket: false } });
  for (const env of [{}, NOBODY]) {
    const before = project.counts().captured;
    const { code, kind } = await run(project, [row.way, row.lifetime], env);
    assertEquals([code, kind], [row.code, "captured"]);
    assertEquals(project.counts().captured, before + 1);
  }
  // What one could not deliver, the next command does.
  const { code, stderr } = await project.reeve(["sync", "now"]);
  assertEquals(code, 0, stderr);
  assertEquals(project.stored.length, 2);
  assertEquals(new Set(project.stored).size, 2);
});

Deno.test.each(
  [
    { way: "waits", signal: "SIGTERM" },
    { way: "waits", signal: "SIGINT" },
    { way: "waits", signal: "SIGKILL" },
    { way: "spins", signal: "SIGKILL" },
    { way: "spins", signal: "SIGTERM" },
  ] as const,
)(
  "a program that $way and gets $signal leaves its event on disk",
  async (row) => {
    await using project = await liveProject();
    const { child, ended } = project.start(PROGRAM, [row.way, "short"]);
    await waitUntil("it has emitted", () => project.counts().captured === 1);
    child.kill(row.signal);
    assertEquals((await ended).signal, row.signal);
    const { code, stderr } = await project.reeve(["sync", "now"]);
    assertEquals(code, 0, stderr);
    assertEquals(project.stored.length, 1);
  },
);

Deno.test("a short program delivers when it ends, a signed-out one does not", async () => {
  await using project = await liveProject();
  await run(project, ["ends", "short"]);
  assertEquals(project.counts().delivered, 1);
  await run(project, ["ends", "short"], NOBODY);
  const { ready, delivered, inflight } = project.counts();
  assertEquals([ready, delivered, inflight], [1, 1, 0]);
  assertEquals(project.server.receiver.log.batches().length, 1);
});

Deno.test("a long program with a socket ends when it is told to", async () => {
  await using project = await liveProject();
  const { receiver } = project.server;
  const { code, stderr } = await run(project, ["stops", "long"]);
  assertEquals([code, stderr], [0, ""]);
  assertEquals(receiver.countEvents(), 1);
  await waitUntil("the socket is closed", () => receiver.countSockets() === 0);
  const killed = await run(project, ["exits", "long"]);
  assertEquals(killed.code, 7);
  assertEquals(project.counts().captured, 2);
});

Deno.test("a server that says nothing costs a program less than 3 seconds", async () => {
  await using project = await liveProject();
  using hole = blackHole();
  const silent = { REEVE_SERVER_URL: hole.url };
  const figures: string[] = [];
  const rows = [
    { name: "signed out", lifetime: "short", env: NOBODY },
    { name: "delivering", lifetime: "short", env: {} },
    { name: "black hole", lifetime: "short", env: silent },
    { name: "black hole, long", lifetime: "long", env: silent },
  ];
  for (const { name, lifetime, env } of rows) {
    const way = lifetime === "long" ? "stops" : "ends";
    const { exitMs, kind, code } = await run(project, [way, lifetime], env);
    assertEquals([code, kind], [0, "captured"]);
    assert(exitMs < 3000, `${name}: ${exitMs} ms`);
    figures.push(`${name} ${Math.round(exitMs)} ms`);
  }
  console.log(`from the last words to the end: ${figures.join(", ")}`);
  // Nothing is left in flight that nobody knows of.
  assertEquals(project.counts().inflight, 0);
  assertEquals((await project.reeve(["sync", "now"])).code, 0);
  assertEquals(project.stored.length, rows.length);
});

Deno.test("after a failure a program does not ask the server again", async () => {
  await using project = await liveProject();
  project.server.receiver.faults.set("error=503");
  await run(project, ["ends", "short"]);
  project.server.receiver.log.clear();
  await run(project, ["ends", "short"]);
  assertEquals(project.server.receiver.log.all(), []);
});

Deno.test("programs that end at the same time deliver each event once", async () => {
  await using project = await liveProject();
  const runs = Array.from(
    { length: 6 },
    () => run(project, ["ends", "short"]),
  );
  for (const { code } of await Promise.all(runs)) assertEquals(code, 0);
  assertEquals((await project.reeve(["sync", "now"])).code, 0);
  assertEquals(project.stored.length, 6);
  const sent = project.server.receiver.log.batches().flatMap(({ ids }) => ids);
  assertEquals(new Set(sent).size, sent.length);
});
