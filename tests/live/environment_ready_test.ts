/** Units are seen to be ready, or to have failed, as soon as it is true. */

import { assert, assertEquals, assertMatch, assertRejects } from "@std/assert";
import {
  freePort,
  freePorts,
  makeUnitWorld,
  NO_JOURNAL,
  type TestUnit,
} from "#support/unit_world.ts";
import { waitUntil } from "#support/wait_until.ts";
import { denoHost } from "../../src/host/deno_host.ts";
import { KnownError } from "../../src/errors.ts";
import { launchUnit } from "../../src/environment/launch.ts";
import {
  openReadiness,
  type ReadyOutcome,
  type StartingUnit,
} from "../../src/environment/readiness.ts";

function starting(
  unit: TestUnit,
  port: number | undefined,
  given: Partial<StartingUnit> = {},
): StartingUnit {
  return {
    name: "Main unit",
    identity: unit.identity,
    exited: unit.exited,
    ready: port === undefined ? { kind: "running" } : { kind: "listen" },
    port,
    logPath: unit.plan.logPath,
    logFrom: 0,
    timeoutMs: 10_000,
    allowsRebound: true,
    ...given,
  };
}

function wait(unit: StartingUnit): Promise<ReadyOutcome> {
  return openReadiness(denoHost).wait(unit);
}

function assertReady(outcome: ReadyOutcome, port?: number): number {
  assert(outcome.kind === "ready", JSON.stringify(outcome));
  assertEquals(outcome.port, port);
  return outcome.afterMs;
}

Deno.test.each([
  { name: "itself", words: (port: string) => ["listen", port] },
  {
    name: "after a while",
    words: (port: string) => ["listen", port, "delay=300"],
  },
  { name: "on IPv6", words: (port: string) => ["listen", port, "ipv6"] },
  {
    name: "through a child",
    words: (port: string) => ["wrap", "listen", port],
  },
  {
    name: "and its starter ends",
    words: (port: string) => ["forget", "listen", port],
  },
])("a unit that listens $name is ready", async ({ words }) => {
  await using world = await makeUnitWorld();
  const port = freePort();
  const unit = await world.start(...words(String(port)));
  assertReady(await wait(starting(unit, port)), port);
});

Deno.test("a unit that takes another port is found on it", async () => {
  await using world = await makeUnitWorld();
  const port = freePort();
  const unit = await world.start("listen", String(port), "delta=3");
  const outcome = await wait(starting(unit, port));
  assert(assertReady(outcome, port + 3) < 2000);
  const truth = await world.truth(unit, port);
  assertEquals([truth.status, truth.actualPort], ["running", port + 3]);
});

Deno.test("a port that may not change is waited for, and named", async () => {
  await using world = await makeUnitWorld();
  const port = freePort();
  const unit = await world.start("listen", String(port), "delta=3");
  const outcome = await wait(
    starting(unit, port, { allowsRebound: false, timeoutMs: 600 }),
  );
  assert(outcome.kind === "failed");
  assertEquals<string>(outcome.reason, "timeout");
  assertMatch(
    outcome.message,
    new RegExp(`listens on port ${port + 3} and not on ${port}`),
  );
});

Deno.test("a stranger on its port makes no unit ready", async () => {
  await using world = await makeUnitWorld();
  using stranger = Deno.listen({ hostname: "127.0.0.1", port: 0 });
  const { port } = stranger.addr;
  const unit = await world.start("work");
  const outcome = await wait(starting(unit, port, { timeoutMs: 600 }));
  assert(outcome.kind === "failed");
});

Deno.test("a unit that crashes fails with its last error line", async () => {
  await using world = await makeUnitWorld();
  const unit = await world.start("crash", "ModuleNotFoundError: flask", "3");
  const outcome = await wait(starting(unit, freePort()));
  assert(outcome.kind === "failed");
  assertEquals(
    [outcome.reason, outcome.exitCode, outcome.lastWords],
    ["ended", 3, "ModuleNotFoundError: flask"],
  );
});

Deno.test("a silent unit fails at its own timeout", async () => {
  await using world = await makeUnitWorld();
  const unit = await world.start("work");
  const start = performance.now();
  const outcome = await wait(starting(unit, freePort(), { timeoutMs: 400 }));
  assert(outcome.kind === "failed");
  assertEquals<string>(outcome.reason, "timeout");
  assertMatch(outcome.message, /after 400 ms: it does not listen .* nothing$/);
  assert(performance.now() - start >= 400);
});

Deno.test.each([
  { name: "IPv4", words: [] },
  { name: "IPv6", words: ["ipv6"] },
])("a unit is ready when it answers well on $name", async ({ words }) => {
  await using world = await makeUnitWorld();
  const port = freePort();
  const unit = await world.start("listen", String(port), "http=204", ...words);
  const ready = { kind: "http", path: "/health" } as const;
  const afterMs = assertReady(
    await wait(starting(unit, port, { ready })),
    port,
  );
  assert(afterMs >= 150);
});

Deno.test("a unit is ready when its log says so", async () => {
  await using world = await makeUnitWorld();
  const unit = await world.start("say", "2000");
  const ready = { kind: "log", pattern: "^line 1999$" } as const;
  assertReady(await wait(starting(unit, undefined, { ready })));
});

Deno.test.each([
  { code: "0", kind: "ready" },
  { code: "1", kind: "failed" },
])("a step that ends with $code is $kind", async ({ code, kind }) => {
  await using world = await makeUnitWorld();
  const unit = await world.start("crash", "done", code);
  const ready = { kind: "exit" } as const;
  const outcome = await wait(starting(unit, undefined, { ready }));
  assertEquals<string>(outcome.kind, kind);
});

Deno.test("a unit reads nothing of what we read", async () => {
  await using world = await makeUnitWorld();
  const unit = await world.start("read");
  await waitUntil(
    "it has read its input",
    async () => (await Deno.readTextFile(unit.plan.logPath)) === "input: ''\n",
  );
});

Deno.test("thirty units are waited for together", async () => {
  await using world = await makeUnitWorld();
  const readiness = openReadiness(denoHost);
  const outcomes = await Promise.all(
    freePorts(30).map(async (port) => {
      const unit = await world.start("listen", String(port));
      return await readiness.wait(starting(unit, port));
    }),
  );
  assert(outcomes.every(({ kind }) => kind === "ready"));
});

Deno.test("an interrupted wait ends at once", async () => {
  await using world = await makeUnitWorld();
  const unit = await world.start("work");
  const abort = new AbortController();
  const outcome = openReadiness(denoHost, abort.signal)
    .wait(starting(unit, freePort()));
  abort.abort();
  const result = await outcome;
  assert(result.kind === "failed");
  assertEquals<string>(result.reason, "interrupted");
});

Deno.test.each([
  { what: "program", given: { command: ["no-such-program"] as const } },
  { what: "directory", given: { cwd: "/no/such/directory" } },
])("a missing $what is named before anything runs", async ({ given }) => {
  await using world = await makeUnitWorld();
  const seen: string[] = [];
  const note = (word: string) => () => {
    seen.push(word);
    return Promise.resolve();
  };
  const journal = {
    ...NO_JOURNAL,
    intended: note("intended"),
    refused: note("refused"),
  };
  const plan = { ...world.plan("work"), ...given };
  const error = await assertRejects(
    () => launchUnit(denoHost, plan, journal),
    KnownError,
  );
  assertEquals(error.code, "start_failed");
  assertMatch(error.message, /no-such-program in \/|in \/no\/such\/directory/);
  assertEquals(seen, ["intended", "refused"]);
});
