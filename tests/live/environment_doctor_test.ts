/** The doctor finds what crashes and other hands have left, and mends it. */

import { assert, assertEquals, assertStringIncludes } from "@std/assert";
import { reeve } from "#support/cli.ts";
import { canMount, mountSmallDisk } from "#support/small_disk.ts";
import { waitUntil } from "#support/wait_until.ts";
import {
  type EnvironmentPlaceForTests,
  makeEnvironmentPlace,
  twoServices,
  unitIn,
} from "../cli/environment_place.ts";
import type { Document } from "../cli/json_checker.ts";

type Place = EnvironmentPlaceForTests;
const isRoot = Deno.uid() === 0;
const mayMount = await canMount();
const NOBODY = 65_534;

function checkIn({ checks }: Document, id: string): Document {
  const found = checks.find((one: Document) => one.id === id);
  assert(found !== undefined, `${id} is in ${JSON.stringify(checks)}`);
  return found;
}

function troublesIn({ checks }: Document): readonly string[] {
  return checks
    .filter(({ status }: Document) => status === "warn" || status === "fail")
    .map(({ id, status }: Document) => `${id} ${status}`);
}

/** A zombie has ended. */
function isAlive(pid: number): boolean {
  try {
    return !/^State:\s+Z/m.test(Deno.readTextFileSync(`/proc/${pid}/status`));
  } catch {
    return false;
  }
}

async function directoryOf(place: Place): Promise<string> {
  const exam = await place.json("doctor", 0);
  return `${exam.state_root}/environments/${exam.scope}`;
}

function pidsIn(exam: Document, name = "safe_auto"): readonly number[] {
  return checkIn(exam, `orphans.${name}`).evidence.processes
    .map(({ pid }: Document) => pid);
}

Deno.test("a start that is killed is found, listed and cleaned up", async () => {
  await using place = await makeEnvironmentPlace();
  const settings = twoServices(place.port);
  const slow = `${settings["SERVICE_WEB_CMD"]} delay=600000`;
  await place.settings({ ...settings, SERVICE_WEB_CMD: slow });
  const directory = await directoryOf(place);
  const child = place.begin("start");
  const spawned = () =>
    Deno.readTextFile(`${directory}/intents.jsonl`).catch(() => "");
  await waitUntil(
    "both are started",
    async () => (await spawned()).split('"spawned"').length === 3,
  );
  const busy = await place.json("doctor", 0);
  assertEquals(checkIn(busy, "state.lease").evidence.pid, child.pid);
  assertEquals(checkIn(busy, "state.intents").status, "info");
  assertEquals([pidsIn(busy), troublesIn(busy)], [[], []]);
  const early = await place.run("doctor --reclaim");
  assertEquals([early.code, early.stdout], [1, ""]);
  assertStringIncludes(early.stderr, `process ${child.pid} (reeve start`);
  child.kill("SIGKILL");
  await child.output();

  const found = await place.json("doctor", 0);
  assertEquals(
    troublesIn(found),
    [
      "state.intents warn",
      "ports.ledger warn",
      "orphans.safe_auto warn",
    ],
  );
  const pids = pidsIn(found);
  assertEquals(pids.length, 2);
  const strict = await place.json("doctor --strict", 1);
  assertEquals(strict.gates.orphans, "fail");

  const mended = await place.json("doctor --repair", 0);
  const outcomes = mended.repair.map((one: Document) => one.outcome);
  assertEquals(outcomes.filter((one: string) => one === "left").length, 2);
  assertEquals(pids.map(isAlive), [true, true]);
  const plan = await place.json("doctor --reclaim --dry-run", 0);
  assertEquals(plan.reclaim.planned.map((one: Document) => one.pid), pids);
  assertEquals(pids.map(isAlive), [true, true]);
  const done = await place.json("doctor --reclaim", 0);
  assertEquals(done.reclaim.swept.map((one: Document) => one.pid), pids);
  assertEquals(pids.map(isAlive), [false, false]);
  const journal = await Deno.readTextFile(`${directory}/../../signals.jsonl`);
  for (const pid of pids) assertStringIncludes(journal, `"pid":${pid}`);

  assertEquals(troublesIn(await place.json("doctor", 0)), []);
  const after = await place.json("doctor --strict", 0);
  assertEquals(Object.values(after.gates), Array(5).fill("pass"));
  const { stdout } = await place.run("doctor --reclaim");
  assertStringIncludes(stdout, "--reclaim: nothing is left over; no-op.");
  await place.settings(settings);
  const started = await place.json("start", 0);
  assertEquals(unitIn(started, "api").port, place.port);
});

function namesIn(path: string): readonly string[] {
  return [...Deno.readDirSync(path)].map(({ name }) => name).sort();
}

/** Requires that only we may use what is below; gives how much that is. */
function requirePrivate(path: string): number {
  return namesIn(path).reduce((sum, name) => {
    const below = `${path}/${name}`;
    const { isDirectory, mode } = Deno.statSync(below);
    assertEquals((mode ?? 0) & 0o777, isDirectory ? 0o700 : 0o600, below);
    return sum + 1 + (isDirectory ? requirePrivate(below) : 0);
  }, 0);
}

/** Makes a file say something else. */
async function spoil(path: string, text = "spoilt"): Promise<void> {
  await Deno.writeTextFile(path, text);
}

Deno.test("damaged records are explained by every command and mended", async () => {
  await using place = await makeEnvironmentPlace();
  await place.settings(twoServices(place.port));
  const directory = await directoryOf(place);
  const started = await place.json("start", 0);
  const pids = ["api", "web"].map((id) => unitIn(started, id).pid);
  const look = async (exit: number) => await place.json("doctor", exit);
  const repair = async () => await place.json("doctor --repair", 0);
  assertEquals(troublesIn(await look(0)), []);

  await spoil(`${directory}/index.json`);
  assertEquals(troublesIn(await look(0)), ["state.index warn"]);
  await repair();

  await spoil(`${directory}/index.json`);
  await spoil(`${directory}/index.backup.json`);
  for (const line of ["status", "start", "stop-all", "health", "logs"]) {
    const { code, stderr } = await place.run(line);
    assertEquals(code, 1, line);
    assertStringIncludes(stderr, "hint: Build it again", line);
    assertStringIncludes(stderr, "reeve doctor --repair", line);
  }
  const blind = await look(1);
  assertEquals([blind.gates.lifecycle, blind.gates.runtime_truth], [
    "fail",
    "fail",
  ]);
  assertEquals(checkIn(blind, "orphans.marked").evidence.pids, pids);
  const refused = await place.run("doctor --reclaim --force");
  assertEquals(refused.code, 1);
  await repair();
  assertEquals(pids.map(isAlive), [true, true]);
  const status = await place.json("status", 0);
  assertEquals(["api", "web"].map((id) => unitIn(status, id).pid), pids);

  const [run = ""] = namesIn(`${directory}/runs`);
  const revisions = `${directory}/runs/${run}/revisions`;
  const newest = namesIn(revisions).at(-1);
  await spoil(`${revisions}/${newest}/run_state.json`);
  assertEquals(troublesIn(await look(0)), ["state.runs warn"]);
  await repair();

  const alias = `${directory}/run_state.json`;
  const whole = await Deno.readTextFile(alias);
  await spoil(alias, whole.replace(run, "run-20000101000000-00000000"));
  assertEquals(troublesIn(await look(0)), ["state.runs warn"]);
  await repair();
  assertEquals(await Deno.readTextFile(alias), whole);

  const events = await Deno.readTextFile(`${directory}/events.jsonl`);
  await spoil(`${directory}/events.jsonl`, events.slice(0, -20));
  const torn = checkIn(await look(0), "state.events");
  assertEquals([torn.status, torn.evidence.damaged_lines], ["info", 1]);

  await spoil(`${directory}/../ports.json`);
  assertEquals(troublesIn(await look(1)), ["ports.ledger fail"]);
  await repair();
  const ledger = checkIn(await look(0), "ports.ledger");
  const ports = ledger.evidence.own.map((one: Document) => one.port);
  assertEquals(ports, [place.port, place.port + 1]);

  // Nothing is left to go by but the marks of the processes themselves.
  await spoil(`${directory}/index.json`);
  await spoil(`${directory}/index.backup.json`);
  for (const name of namesIn(revisions)) {
    await spoil(`${revisions}/${name}/run_state.json`);
  }
  await repair();
  const doubtful = await look(0);
  assertEquals(troublesIn(doubtful), ["orphans.operator_required warn"]);
  assertEquals(pidsIn(doubtful, "operator_required"), pids);
  const kept = await place.json("doctor --reclaim", 0);
  assertEquals([kept.reclaim.swept, kept.reclaim.skipped.length], [[], 2]);
  await place.json("doctor --reclaim --force", 0);
  assertEquals(pids.map(isAlive), [false, false]);
  assertEquals(troublesIn(await look(0)), []);
});

Deno.test("units that died and strangers on their ports are named", async () => {
  await using place = await makeEnvironmentPlace();
  const settings = twoServices(place.port);
  await place.settings({ ...settings, SERVICE_ODD_CMD: "true" });
  const started = await place.json("start", 0);
  const { pid } = unitIn(started, "web");
  Deno.kill(pid, "SIGKILL");
  await waitUntil("it has ended", () => !isAlive(pid));
  const stranger = Deno.listen({ hostname: "127.0.0.1", port: place.port + 1 });
  const exam = await place.json("doctor", 1);
  stranger.close();
  assertEquals(exam.gates.runtime_truth, "fail");
  const { status, evidence } = checkIn(exam, "runtime.unit.Main.web");
  assertEquals([status, evidence.foreign_owner.pid], ["fail", Deno.pid]);
  assertEquals(checkIn(exam, "settings.odd").status, "warn");
  await place.settings({ ...settings, SERVICE_WEB_CMD: "no-such-program" });
  const missing = await place.json("doctor", 1);
  assertStringIncludes(
    checkIn(missing, "needs.command.web").summary,
    "no-such-program, which is not in PATH",
  );
  await place.settings({ ...settings, SERVICE_WEB_PORT: "many" });
  const faulty = checkIn(await place.json("doctor", 1), "settings.fault_1");
  assertEquals([faulty.status, faulty.evidence.line], ["fail", 5]);
  await place.settings(settings);
});

Deno.test({
  name: "a state root that is not ours alone is refused",
  ignore: !isRoot,
  async fn() {
    await using place = await makeEnvironmentPlace();
    await place.settings(twoServices(place.port));
    await place.json("start", 0);
    const { state_root: root } = await place.json("doctor", 0);
    const environments = `${root}/environments`;
    assert(requirePrivate(environments) > 10);
    const refused = async (id: string, ...lines: readonly string[]) => {
      const sick = await place.json("doctor", 1);
      assertEquals(checkIn(sick, id).status, "fail");
      assertEquals(sick.gates.lifecycle, "fail");
      for (const line of [...lines, "status"]) {
        const { code, stderr } = await place.run(line);
        assertEquals([code, stderr.includes("Cannot use")], [1, true], line);
      }
    };
    await Deno.chown(root, NOBODY, NOBODY);
    await refused("place.root", "start", "stop-all", "doctor --repair");
    await Deno.chown(root, 0, 0);
    await Deno.chmod(root, 0o777);
    await refused("place.root");
    await Deno.chmod(root, 0o700);
    await Deno.chmod(environments, 0o755);
    await refused("place.private");
    await Deno.chmod(environments, 0o700);
    await Deno.rename(environments, `${root}/elsewhere`);
    await Deno.symlink(`${root}/elsewhere`, environments);
    await refused("place.private");
    await Deno.remove(environments);
    await Deno.rename(`${root}/elsewhere`, environments);
    assertEquals(troublesIn(await place.json("doctor", 0)), []);
  },
});

Deno.test({
  name: "a disk that takes no writes keeps nobody from looking",
  ignore: !mayMount,
  async fn() {
    await using place = await makeEnvironmentPlace();
    await using disk = await mountSmallDisk(300_000);
    await place.settings(twoServices(place.port));
    const env = { REEVE_HOME: disk.path };
    const run = async (...words: readonly string[]) =>
      await reeve({ env: place.env }, words, env, { cwd: place.root });
    assertEquals((await run("start")).code, 0);
    // A disk with an open log cannot be made read-only.
    assertEquals((await run("stop-all")).code, 0);
    assert(await disk.remount("ro"));
    const exam = await run("doctor", "--json");
    assertEquals(exam.code, 1);
    place.checker.check(exam.stdout, "doctor");
    assertEquals(troublesIn(exam.json), [
      "place.disk fail",
      "jobs.readiness fail",
      "sync.delivery warn",
    ]);
    const mending = await run("doctor", "--repair");
    assertEquals([mending.code, mending.stdout], [1, ""]);
    assertStringIncludes(mending.stderr, "read only");
    assert(await disk.remount("rw"));
  },
});
