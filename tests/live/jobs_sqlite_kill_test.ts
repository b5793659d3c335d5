/** Processes that end without warning while they add and run jobs. */

import { assert, assertEquals } from "@std/assert";
import { assertSound, openBeside, realJobs } from "#support/real_jobs.ts";
import { makeRoot, startQueueProgram } from "#support/real_queue.ts";

/** Lines of a program until it was killed. */
async function runUntilKilled(
  path: string,
  killAfterMs: number,
  completions = 30,
): Promise<readonly string[]> {
  const child = startQueueProgram("works_on_jobs_until_killed", {
    path,
    completions,
  });
  let text = "";
  for await (const part of child.stdout.pipeThrough(new TextDecoderStream())) {
    if (text === "") setTimeout(() => child.kill("SIGKILL"), killAfterMs);
    text += part;
  }
  const { signal } = await child.status;
  assertEquals(signal, "SIGKILL");
  return text.split("\n").slice(0, -1);
}

function after(lines: readonly string[], word: string): readonly string[] {
  return lines.filter((line) => line.startsWith(`${word} `))
    .map((line) => line.slice(word.length + 1));
}

function statesIn(path: string): ReadonlyMap<string, string> {
  using db = openBeside(path);
  const rows = db.all<{ id: string; state: string }>(
    "SELECT id, state FROM jobs",
  );
  return new Map(rows.map(({ id, state }) => [id, state]));
}

/** What has been acknowledged holds, whatever came afterwards. */
function check(path: string, lines: readonly string[]): void {
  assertSound(path);
  const states = statesIn(path);
  for (const id of after(lines, "kept")) {
    assert(states.has(id), `${id} was acknowledged and is lost`);
  }
  for (const id of after(lines, "done")) {
    assertEquals(states.get(id), "completed", `${id} was done`);
  }
}

function assertNoneAfterItsEnd(lines: readonly string[]): void {
  const done = new Set<string>();
  for (const line of lines) {
    const [word, id = ""] = line.split(" ");
    if (word === "done") done.add(id);
    assert(word !== "run" || !done.has(id), `${id} was run after its end`);
  }
}

Deno.test("a process that is killed 24 times loses no job that it has acknowledged", async () => {
  await using root = await makeRoot();
  const path = `${root.path}/jobs/_default.db`;
  const lines: string[] = [];
  for (let n = 0; n < 24; n++) {
    lines.push(...await runUntilKilled(path, 3 + (n * 37) % 200));
    check(path, lines);
  }
  assertNoneAfterItsEnd(lines);
  assert(after(lines, "kept").length > 100);
  assert(after(lines, "done").length > 100);

  // The next process runs what is left, and what the dead have held.
  const backend = realJobs(path);
  await backend.start();
  try {
    const wish = { queue: "mail", limit: 100_000, leaseMs: 60_000 };
    const isLeft = async () => {
      const [stats] = await backend.stats();
      return stats?.counts.ready !== 0 || stats.counts.active !== 0;
    };
    while (await isLeft()) {
      const claims = await backend.claim(wish);
      await backend.settle(claims.map((claim) => ({
        kind: "dead",
        claim,
        error: { name: "Error", message: "the test is over" },
        reason: "failed",
      })));
    }
    const [stats] = await backend.stats();
    const { completed, dead, ...others } = stats?.counts ?? {};
    assertEquals(others, { ready: 0, scheduled: 0, active: 0 });
    assertEquals((completed ?? 0) + (dead ?? 0), statesIn(path).size);
  } finally {
    await backend.stop();
  }
  assertSound(path);
});

Deno.test("three processes on one file that are killed at any time lose nothing", async () => {
  await using root = await makeRoot();
  const path = `${root.path}/jobs/_default.db`;
  const lines: string[] = [];
  for (let round = 0; round < 6; round++) {
    const told = await Promise.all(
      [40, 90, 170].map((ms, n) =>
        runUntilKilled(path, ms + round * 13 + n, 20)
      ),
    );
    lines.push(...told.flat());
    check(path, lines);
  }
  // Those of one round overlap, so only later rounds tell of a second run.
  const done = after(lines, "done");
  assertEquals(new Set(done).size, done.length, "a job was done twice");
  assert(done.length > 50);
});
