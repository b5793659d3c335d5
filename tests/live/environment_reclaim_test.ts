/** What is left over is ended by its class, and strangers live on. */

import { assert, assertEquals, assertStringIncludes } from "@std/assert";
import { reeveCommand } from "#support/cli.ts";
import { PYTHON } from "#support/unit_world.ts";
import { waitUntil } from "#support/wait_until.ts";
import {
  type EnvironmentPlaceForTests,
  makeEnvironmentPlace,
  makeTree,
  twoServices,
  unitIn,
} from "../cli/environment_place.ts";
import type { Document } from "../cli/json_checker.ts";
import { takeLease } from "../../src/environment/lifecycle_lease.ts";
import { retireRun } from "../../src/environment/run_repository.ts";
import { denoHost } from "../../src/host/deno_host.ts";
import { environmentPaths } from "../../src/state/environment_paths.ts";

const UNIT = new URL("../programs/unit.py", import.meta.url).pathname;
const ANSWERS = new URL(
  "../programs/answers_at_a_terminal.py",
  import.meta.url,
).pathname;
const OTHER = `repo-00000000000b.run-1.api.${"0".repeat(32)}`;

type Place = EnvironmentPlaceForTests;

/** A process that this test has started, and ends. */
function begin(
  words: readonly string[],
  cwd: string,
  env: Readonly<Record<string, string>> = {},
) {
  const child = new Deno.Command(PYTHON, {
    args: ["-S", UNIT, ...words],
    cwd,
    env: { "PATH": "/usr/bin:/bin", ...env },
    clearEnv: true,
    stdin: "null",
    stdout: "null",
    stderr: "null",
  }).spawn();
  let hasEnded = false;
  child.status.then(() => hasEnded = true);
  return {
    pid: child.pid,
    get isAlive() {
      return !hasEnded;
    },
    async [Symbol.asyncDispose]() {
      if (!hasEnded) child.kill("SIGKILL");
      await child.status;
    },
  };
}

function isAlive(pid: number): boolean {
  try {
    return !/^State:\s+Z/m.test(Deno.readTextFileSync(`/proc/${pid}/status`));
  } catch {
    return false;
  }
}

async function isListening(port: number): Promise<boolean> {
  const range = { first: port, end: port + 1 };
  const table = await denoHost.processes.listeners(range, []);
  return table.kind === "table" && table.listeners.length > 0;
}

/** Declares the run over while its services run, as no command would. */
async function forgetRun(exam: Document, runId: string): Promise<void> {
  const paths = environmentPaths({ root: exam.state_root }, exam.scope);
  using lease = await takeLease(denoHost, paths, "a test");
  await retireRun(denoHost, paths, lease, runId);
}

/** Runs a line at a terminal and answers its first question. */
async function talk(place: Place, line: string, answer: string) {
  const output = await new Deno.Command(PYTHON, {
    args: [
      ANSWERS,
      JSON.stringify(answer),
      Deno.execPath(),
      ...reeveCommand(line.split(" ")),
    ],
    cwd: place.root,
    env: { ...place.env, TERM: "xterm" },
    stdin: "null",
  }).output();
  const shown = new TextDecoder().decode(output.stdout);
  return { code: output.code, shown };
}

function classOf(exam: Document, name: string): readonly string[] {
  const id = `orphans.${name}`;
  const check = exam.checks.find((one: Document) => one.id === id);
  return check.evidence.processes
    .map(({ pid, reason }: Document) => `${pid} ${reason}`);
}

Deno.test("each class of leftovers gets its own treatment", async () => {
  await using place = await makeEnvironmentPlace();
  await place.settings(twoServices(place.port));
  const first = await place.json("start", 0);
  const stale: readonly number[] = [
    unitIn(first, "api").pid,
    unitIn(first, "web").pid,
  ];
  await makeTree(place, "red");
  const second = await place.json("start --trees --project red", 0);
  await forgetRun(await place.json("doctor", 0), first.run_id);
  const active = unitIn(second, "api");
  assert(!stale.includes(active.pid));
  const [inside, outside, other] = [50, 51, 52].map((at) => place.port + at);
  await using server = begin(["listen", `${inside}`], place.root);
  await using stranger = begin(["listen", `${outside}`], "/");
  await using shell = begin(["work"], place.root);
  await using foreign = begin(["listen", `${other}`], place.root, {
    "REEVE_UNIT": OTHER,
  });
  for (const port of [inside, outside, other]) {
    await waitUntil("it listens", () => isListening(port ?? 0));
  }
  const mine = [server, stranger, shell, foreign];

  const exam = await place.json("doctor", 0);
  assertEquals(
    classOf(exam, "safe_auto").toSorted(),
    stale.map((pid) => `${pid} stale_same_scope`).sort(),
  );
  assertEquals(classOf(exam, "operator_required"), [
    `${server.pid} inside_repository`,
  ]);
  const never = classOf(exam, "never_touch");
  assert(never.includes(`${active.pid} active`), never.join());
  assert(never.includes(`${foreign.pid} other_scope`), never.join());

  const { reclaim } = await place.json("doctor --reclaim", 0);
  assertEquals(
    reclaim.swept.map((one: Document) => one.pid),
    stale.toSorted((a, b) => a - b),
  );
  assertEquals(
    reclaim.skipped.map((one: Document) => `${one.pid} ${one.skip_reason}`),
    [`${server.pid} inside_repository`],
  );
  assertEquals(stale.map(isAlive), [false, false]);
  assertEquals(mine.map((one) => one.isAlive), [true, true, true, true]);

  const no = await talk(place, "doctor --reclaim --force", "n\n");
  assertStringIncludes(no.shown, `${server.pid} (`);
  assertStringIncludes(no.shown, "End it as well? [y/N]");
  assertStringIncludes(no.shown, "skipped: 1 (1 operator_required)");
  assert(server.isAlive);
  const yes = await talk(place, "doctor --reclaim --force", "y\n");
  assertStringIncludes(yes.shown, "swept: 1 · skipped: 0 · failed: 0");
  assertEquals([no.code, yes.code], [0, 0]);
  await waitUntil("it has ended", () => !server.isAlive);
  assertEquals(mine.map((one) => one.isAlive), [false, true, true, true]);
  assert(isAlive(active.pid));
  const after = await place.json("doctor --strict", 0);
  assertEquals(after.counts.warn, 0);
});

Deno.test("a look changes nothing, and says what it does not know", async () => {
  await using place = await makeEnvironmentPlace();
  const nowhere = await Deno.makeTempDir({ prefix: "reeve-nowhere-" });
  try {
    const run = async (...words: readonly string[]) => {
      const output = await new Deno.Command(Deno.execPath(), {
        args: reeveCommand(words),
        cwd: nowhere,
        env: { ...place.env },
        stdin: "null",
      }).output();
      const decode = (bytes: Uint8Array) => new TextDecoder().decode(bytes);
      return {
        code: output.code,
        stdout: decode(output.stdout),
        stderr: decode(output.stderr),
      };
    };
    const exam = await run("doctor", "--install", "--json");
    assertEquals(exam.code, 0, exam.stdout);
    const told = place.checker.check(exam.stdout, "doctor");
    assertEquals([told.repository, told.left_out.length], [null, 1]);
    assertEquals([told.install.method, told.install.deno !== null], [
      "source",
      true,
    ]);
    assertEquals(await run("doctor", "--force").then(({ code }) => code), 64);
    const repair = await run("doctor", "--repair");
    assertEquals([repair.code, repair.stdout], [1, ""]);
    assertStringIncludes(repair.stderr, "is in no repository");
  } finally {
    await Deno.remove(nowhere, { recursive: true });
  }
});
