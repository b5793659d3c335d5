/** The state of an environment on a real disk, with real locks and kills. */

import { assert, assertEquals, assertRejects } from "@std/assert";
import {
  pathsBelow,
  runIdOf,
  runOf,
  SCOPE,
} from "#support/environment_runs.ts";
import { KnownError } from "../../src/errors.ts";
import { appendEvents, readEvents } from "../../src/environment/event_file.ts";
import { intend, readIntents } from "../../src/environment/intent_journal.ts";
import { takeLease } from "../../src/environment/lifecycle_lease.ts";
import { repairRuns } from "../../src/environment/run_repair.ts";
import { readRuns, saveRun } from "../../src/environment/run_repository.ts";
import { denoHost } from "../../src/host/deno_host.ts";

async function makeRoot() {
  const directory = await Deno.realPath(
    await Deno.makeTempDir({ prefix: "reeve-state-" }),
  );
  return {
    paths: pathsBelow(`${directory}/root`),
    directory,
    [Symbol.asyncDispose]: () => Deno.remove(directory, { recursive: true }),
  };
}

function startSaving(root: string): Deno.ChildProcess {
  return new Deno.Command(Deno.execPath(), {
    args: [
      "run",
      "--quiet",
      "--allow-all",
      new URL("../programs/saves_runs.ts", import.meta.url).pathname,
      root,
      SCOPE,
    ],
    stdin: "null",
    stdout: "piped",
    stderr: "inherit",
  }).spawn();
}

/** Lines of a program that is killed a while after its first save. */
async function linesUntilKilled(
  child: Deno.ChildProcess,
  ms: number,
): Promise<readonly string[]> {
  let text = "";
  let isKilled = false;
  for await (const part of child.stdout.pipeThrough(new TextDecoderStream())) {
    text += part;
    if (isKilled || !text.includes("saved")) continue;
    isKilled = true;
    setTimeout(() => child.kill("SIGKILL"), ms);
  }
  await child.status;
  return text.split("\n").slice(0, -1);
}

function lastOf(lines: readonly string[], word: string): number {
  const found = lines.findLast((line) => line.startsWith(`${word} `));
  return Number(found?.slice(word.length + 1));
}

Deno.test("a command that is killed while it saves loses nothing", async () => {
  await using place = await makeRoot();
  const { paths } = place;
  for (let round = 0; round < 12; round++) {
    const child = startSaving(paths.root);
    const lines = await linesUntilKilled(child, (round * 7) % 40);
    const { runs } = await readRuns(denoHost, paths);
    const state = Number(runs[0]?.run.fingerprint);
    const [saved, begun] = [lastOf(lines, "saved"), lastOf(lines, "begin")];
    assert(saved <= state && state <= begun, `${saved} ${state} ${begun}`);
    const { notes } = await readRuns(denoHost, paths);
    assertEquals(notes, []);
  }
});

Deno.test("a command that saves keeps the others out, and is named", async () => {
  await using place = await makeRoot();
  const { paths } = place;
  const child = startSaving(paths.root);
  const reader = child.stdout.getReader();
  await reader.read();
  const start = performance.now();
  const error = await assertRejects(
    () => takeLease(denoHost, paths, "reeve stop"),
    KnownError,
    `process ${child.pid} (saves_runs, since 20`,
  );
  assertEquals(error.code, "lock_busy");
  assert(performance.now() - start < 2000, "it does not wait");
  child.kill("SIGKILL");
  await child.status;
  await reader.cancel();
  using _ = await takeLease(denoHost, paths, "reeve stop");
});

Deno.test("what is written is private", async () => {
  await using place = await makeRoot();
  const { paths } = place;
  {
    using lease = await takeLease(denoHost, paths, "reeve start");
    await saveRun(denoHost, paths, lease, runOf(1));
  }
  await intend(denoHost, paths, [{
    intentId: "i1",
    runId: runIdOf(1),
    project: "Main",
    unit: "api",
    port: 8000,
    marker: "m",
    argvHash: "h",
  }]);
  await appendEvents(denoHost, paths, [{ name: "service.start", trace: "t" }]);
  assertEquals((await readIntents(denoHost, paths)).unresolved.length, 1);
  assertEquals(readEvents(denoHost, paths).events.length, 1);
  const seen: string[] = [];
  const walk = async (directory: string): Promise<void> => {
    for await (const { name, isDirectory } of Deno.readDir(directory)) {
      const path = `${directory}/${name}`;
      const { mode } = await Deno.stat(path);
      const wanted = isDirectory ? 0o700 : 0o600;
      assertEquals((mode ?? 0) & 0o777, wanted, path);
      seen.push(path);
      if (isDirectory) await walk(path);
    }
  };
  await walk(place.directory);
  assert(seen.length > 20);
});

Deno.test("broken copies are repaired on a real disk", async () => {
  await using place = await makeRoot();
  const { paths } = place;
  using lease = await takeLease(denoHost, paths, "reeve start");
  await saveRun(denoHost, paths, lease, runOf(1));
  await Deno.writeTextFile(paths.index, "broken");
  await Deno.truncate(paths.indexBackup, 10);
  await assertRejects(() => readRuns(denoHost, paths), KnownError);
  const report = await repairRuns(denoHost, paths, lease);
  assertEquals([report.kind, report.runIds], ["rebuilt", [runIdOf(1)]]);
  const { runs, notes } = await readRuns(denoHost, paths);
  assertEquals([runs.map(({ run }) => run), notes], [[runOf(1)], []]);
  assertEquals((await denoHost.files.list(paths.quarantine)).length, 2);
});

Deno.test("a state root that others may change is refused", async () => {
  await using place = await makeRoot();
  const { paths } = place;
  await Deno.mkdir(paths.root);
  await Deno.chmod(paths.root, 0o777);
  await assertRejects(
    () => takeLease(denoHost, paths, "reeve start"),
    KnownError,
    "other users may change it",
  );
  await Deno.chmod(paths.root, 0o700);
  await Deno.mkdir(`${place.directory}/elsewhere`, { mode: 0o700 });
  await Deno.symlink(
    `${place.directory}/elsewhere`,
    `${paths.root}/environments`,
  );
  await assertRejects(
    () => takeLease(denoHost, paths, "reeve start"),
    KnownError,
    "a link leads to",
  );
  assertEquals(await denoHost.files.list(`${place.directory}/elsewhere`), []);
});
