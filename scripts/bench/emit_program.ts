// deno-lint-ignore-file no-console -- a script talks to its parent
/**
 * Emits events in a process of its own and prints what that took, as JSON.
 *
 * Arguments: state root, project id, events before measuring, events measured.
 */

import { DatabaseSync } from "node:sqlite";
import { denoBlockingFiles } from "../../src/host/deno_blocking_files.ts";
import { denoDatabases } from "../../src/host/deno_databases.ts";
import { denoHost } from "../../src/host/deno_host.ts";
import { DEFAULT_LIMITS } from "../../src/queue/capacity.ts";
import { Emitter } from "../../src/queue/emitter.ts";
import { createRegistry } from "../../src/queue/registry.ts";
import { ProjectSink } from "../../src/queue/sink.ts";
import { projectPaths } from "../../src/state/project_paths.ts";

const [root = "", projectId = "", prefill = "0", count = "0"] = Deno.args;
const { clock, random, env } = denoHost;
const host = {
  clock,
  random,
  env,
  blocking: denoBlockingFiles,
  databases: denoDatabases,
};
const limits = { ...DEFAULT_LIMITS, maxRows: 1_000_000, minFreeBytes: 0 };
const paths = projectPaths({ root }, projectId);

function payload(index: number) {
  return { text: `note ${index} ${"x".repeat(120)}` };
}

function open(durability: "full" | "relaxed") {
  const sink = new ProjectSink(host, {
    root,
    projectId,
    paths,
    limits,
    overflow: "refuse",
    durability,
  });
  const emitter = new Emitter(host, {
    registry: createRegistry(),
    sink,
    origin: () => ({
      projectId,
      projectSlug: "bench",
      gitBranch: null,
      headCommitSha: null,
      repoSlug: "bench",
    }),
    isOff: false,
    warn: (message) => console.error(message),
  });
  return { emitter, sink };
}

function emitMany(emitter: Emitter, total: number): void {
  const step = 1000;
  for (let done = 0; done < total; done += step) {
    emitter.emitBatch(
      Array.from({ length: Math.min(step, total - done) }, (_, index) => ({
        type: "NoteRecorded",
        aggregateId: `note-${(done + index) % 500}`,
        payload: payload(done + index),
      })),
    );
  }
}

if (Number(prefill) > 0) {
  const filling = open("relaxed");
  emitMany(filling.emitter, Number(prefill));
  filling.sink.close();
}
const { emitter, sink } = open("full");
const bare = new DatabaseSync(`${root}/bare.db`);
bare.exec(
  "PRAGMA journal_mode=WAL; PRAGMA synchronous=FULL;" +
    "CREATE TABLE IF NOT EXISTS rows (id INTEGER PRIMARY KEY, body TEXT)",
);
const insert = bare.prepare("INSERT INTO rows (body) VALUES (?)");
const body = "x".repeat(750);
const took: { emit: number[]; bare: number[] } = { emit: [], bare: [] };
const time = (act: () => unknown) => {
  const start = performance.now();
  act();
  return performance.now() - start;
};
const first = time(() =>
  emitter.emit("NoteRecorded", { aggregateId: "first", payload: payload(0) })
);
// Turn and turn about, so that both meet the same disk.
for (let index = 0; index < Number(count); index++) {
  took.emit.push(time(() => {
    const outcome = emitter.emit("NoteRecorded", {
      aggregateId: `note-${index % 500}`,
      payload: payload(index),
    });
    if (outcome.kind !== "captured") throw new Error(outcome.kind);
  }));
  took.bare.push(time(() => insert.run(body)));
}
sink.close();
bare.close();
console.log(JSON.stringify({ first, ...took }));
