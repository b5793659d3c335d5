import { assert, assertEquals } from "@std/assert";
import { makeJobsPlace } from "./jobs_place.ts";

const FAILS = `
export const queue = "letters";
export function run() { throw new Error("no stamp"); }
`;

Deno.test("reeve queue status tells of no jobs without making a file", async () => {
  await using place = await makeJobsPlace();
  const { code, json } = await place.queue(["status", "--json"]);
  assertEquals([code, json.queues], [0, []]);
  const { code: shown, stderr } = await place.queue(["list", "letters"]);
  assertEquals(shown, 1);
  assert(stderr.includes("No job has been added here yet"), stderr);
  const names = await Array.fromAsync(Deno.readDir(place.sandbox.root));
  assertEquals(names.map(({ name }) => name), []);
});

Deno.test("a job can be added, seen, held back and cancelled", async () => {
  await using place = await makeJobsPlace();
  const flags = ["--id", "l-1", "--delay", "1h", "--priority", "7"];
  assertEquals(await place.add("letters", { to: "ada" }, flags), "l-1");
  const again = await place.queue(["enqueue", "letters", "1", "--id", "l-1"]);
  assert(again.stdout.includes("is there already"), again.stdout);
  const { json: { job } } = await place.queue([
    ...["show", "letters", "l-1", "--json"],
  ]);
  assertEquals(
    [job.state, job.priority, job.data],
    ["scheduled", 7, { to: "ada" }],
  );
  await place.queue(["pause", "letters"]);
  const { paused } = await place.counts("letters");
  await place.queue(["resume", "letters"]);
  const resumed = await place.counts("letters");
  assertEquals([paused, resumed.paused], [true, false]);
  const cancelled = await place.queue(["cancel", "letters", "l-1"]);
  assertEquals(cancelled.code, 0, cancelled.stderr);
  const gone = await place.queue(["cancel", "letters", "l-1", "--json"]);
  assertEquals([gone.code, gone.json.error.code], [1, "not_found"]);
});

Deno.test("reeve queue drain ends with 0 when all is done, and else with what is left", async () => {
  await using place = await makeJobsPlace();
  await place.add("letters", 1);
  await place.add("other", 1);
  const busy = await place.queue(["drain", "--timeout", "1s", "--json"]);
  assertEquals([busy.code, busy.json.left], [1, 2]);
  const late = await place.queue(["drain", "letters", "--timeout", "6s"]);
  assertEquals(late.code, 1);
  assert(late.stdout.includes("letters has 1 ready"), late.stdout);
  assert(late.stderr.includes("No worker seems to be at it"), late.stderr);
  const handler = await place.handler("l.ts", FAILS);
  const draining = place.queue(["drain", "letters"]);
  await place.queue(["worker", "--handler", handler, "--until-empty"]);
  await place.queue(["cancel", "letters", "none"]);
  assertEquals((await draining).code, 0);
});

Deno.test("dead jobs can be listed, run again and deleted", async () => {
  await using place = await makeJobsPlace();
  const handler = await place.handler("l.ts", FAILS);
  const work = ["worker", "--handler", handler, "--until-empty"];
  const id = await place.add("letters", 1, ["--attempts", "1"]);
  const { code, stdout } = await place.queue(work);
  assertEquals(code, 1);
  assert(stdout.includes(`reeve queue dead show letters ${id}`), stdout);
  const status = await place.queue(["status"]);
  assertEquals(status.code, 0);
  assert(status.stdout.includes("reeve queue dead list letters"));
  const list = await place.queue(["dead", "list", "letters", "--json"]);
  assertEquals(list.json.jobs[0].error.message, "no stamp");
  const nothing = await place.queue(["dead", "replay", "letters"]);
  assertEquals(nothing.code, 64);
  const replay = await place.queue([
    ...["dead", "replay", "letters", "--id", id, "--json"],
  ]);
  assertEquals(replay.json.replayed, 1);
  await place.queue(work);
  const purge = ["dead", "purge", "letters", "--all"];
  const asked = await place.queue(purge);
  assertEquals(asked.code, 0, asked.stdout);
  assert(asked.stdout.includes("--apply"), asked.stdout);
  assertEquals((await place.counts("letters")).dead, 1);
  const purged = await place.queue([...purge, "--apply", "--yes", "--json"]);
  assertEquals(purged.json.deleted, 1);
  assertEquals((await place.counts("letters")).dead, 0);
});

Deno.test("a slip in one of many lines adds nothing", async () => {
  await using place = await makeJobsPlace();
  await Deno.writeTextFile(`${place.directory}/lines`, '{"a":1}\n\nno\n');
  const { code, stderr } = await place.queue([
    ...["enqueue", "letters", "--lines", "lines"],
  ]);
  assertEquals(code, 64);
  assert(stderr.includes("Cannot read line 3 of lines"), stderr);
  assertEquals(await place.counts("letters"), undefined);
});

Deno.test("a full queue says how many of many were added", async () => {
  await using place = await makeJobsPlace();
  await Deno.writeTextFile(
    `${place.sandbox.root}/config.json`,
    JSON.stringify({ "queue": { "max_jobs": 1500 } }),
  );
  const lines = "1\n".repeat(2500);
  await Deno.writeTextFile(`${place.directory}/lines`, lines);
  const { code, json } = await place.queue([
    ...["enqueue", "letters", "--lines", "lines", "--json"],
  ]);
  assertEquals([code, json.error.code], [1, "queue_full"]);
  assert(json.error.message.includes("the first 1,000 jobs of 2500"));
  assertEquals((await place.counts("letters")).ready, 1000);
  const doctor = await place.queue(["doctor", "--json"]);
  assertEquals([doctor.code, doctor.json.ok], [0, true]);
});

Deno.test("reeve queue doctor finds what a person has to look at", async () => {
  await using place = await makeJobsPlace();
  const ids = async () => {
    const { code, json } = await place.queue(["doctor", "--json"]);
    const found = json.findings.map((one: { id: string }) => one.id);
    return [code, ...found];
  };
  assertEquals(await ids(), [0]);
  const handler = await place.handler("l.ts", FAILS);
  await place.add("letters", 1, ["--attempts", "1"]);
  await place.queue(["worker", "--handler", handler, "--until-empty"]);
  await place.queue(["pause", "letters"]);
  assertEquals(await ids(), [0, "Q-013", "Q-020"]);
  const file = `${place.sandbox.root}/jobs/_default.db`;
  await Deno.writeTextFile(file, "no database".repeat(500));
  assertEquals(await ids(), [1, "Q-002"]);
  const { code, json } = await place.queue(["status", "--json"]);
  assertEquals([code, json.error.code], [3, "not_ready"]);
});
