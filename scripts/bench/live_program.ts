// deno-lint-ignore-file no-console -- a script talks to its parent
/**
 * Emits events with a long-lived runtime and prints how long each took until
 * the server had it, as JSON.
 *
 * Arguments: directory of a project.
 */

import { getRuntime } from "../../mod.ts";
import { denoDatabases } from "../../src/host/deno_databases.ts";
import { optIn } from "../../src/queue/consent.ts";
import { openStore } from "../../src/queue/store.ts";
import { denoHost } from "../../src/host/deno_host.ts";
import { findPlace } from "../../src/sync/project_sync.ts";

const EVENTS = 100;
const WAIT_MS = 3000;

const [cwd = ""] = Deno.args;
Deno.chdir(cwd);
const place = findPlace(denoHost);
const { project, projectPaths: paths } = place;
if (project?.id === undefined || paths === undefined) throw new Error("none");
const opening = openStore({ ...denoHost, databases: denoDatabases }, {
  root: place.paths.root,
  projectId: project.id,
  paths,
});
if (opening.kind !== "open") throw new Error(opening.kind);
const { db } = opening.store;
optIn(opening.store, "bench", Date.now());
await Deno.writeTextFile(
  `${place.paths.root}/config.json`,
  JSON.stringify({
    "schema_version": 1,
    sync: { workspace: "ada-private" },
  }),
  { mode: 0o600 },
);

const sleep = (ms: number) => new Promise((resolve) => setTimeout(resolve, ms));
const runtime = getRuntime({ lifetime: "long" });
await runtime.start();
const emitter = runtime.emitter;
emitter.emit("NoteRecorded", { aggregateId: "a", payload: { text: "first" } });
await sleep(1500);
const ms: number[] = [];
for (let index = 0; index < EVENTS; index++) {
  const start = performance.now();
  const outcome = emitter.emit("NoteRecorded", {
    aggregateId: `a${index}`,
    payload: { text: `note ${index}` },
  });
  if (outcome.kind !== "captured") throw new Error(outcome.kind);
  while (performance.now() - start < WAIT_MS) {
    const row = db.get<{ state: string }>(
      "SELECT state FROM deliveries WHERE seq = ?",
      outcome.seq,
    );
    if (row?.state === "delivered") break;
    await sleep(1);
  }
  ms.push(performance.now() - start);
  await sleep(10);
}
console.log(JSON.stringify({ ms, state: runtime.state }));
await runtime.stop();
db.close();
