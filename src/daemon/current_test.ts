import { assert, assertEquals } from "@std/assert";
import { createAnswerer } from "./challenge.ts";
import { daemonContext } from "./context.ts";
import { challenge, readCurrent } from "./current.ts";
import {
  type FakeProcessSpec,
  FakeWorld,
  healthReply,
  type Respond,
} from "#support/fake_host.ts";

const SCOPE = "/home/ada/.reeve";
const STATE = `${SCOPE}/sync-daemon`;
const TOKEN = "36aeeaca1c580397e4a535a311ab974f";
const WRONG = "00000000000000000000000000000000";
const HEALTH = {
  status: "ok",
  product: "reeve",
  "daemon_family": "sync",
  "singleton_scope_id": SCOPE,
  "protocol_version": 1,
  "package_version": "3.2.4",
  owner: { pid: 5001, port: 9401 },
};

/** Answers as our daemon does, with some changes. */
function answer(change: object = {}, token = TOKEN): Respond {
  return async ({ path }) => {
    const nonce = /\?nonce=(.*)$/.exec(path)?.[1] ?? "";
    const proof = await createAnswerer(token)(nonce);
    return healthReply({ ...HEALTH, proof, ...change });
  };
}

function stateOf(...lines: readonly unknown[]): string {
  return ["http://127.0.0.1:9401", ...lines].join("\n") + "\n";
}

function open(text?: string, spec?: FakeProcessSpec) {
  const world = new FakeWorld();
  if (text !== undefined) world.disk.put(STATE, text);
  if (spec !== undefined) {
    world.addProcess({ pid: 5001, ports: [9401], ...spec });
  }
  return { world, host: world.host({ pid: 900 }) };
}

async function read(
  { world, host }: ReturnType<typeof open>,
  limitsMs?: readonly number[],
) {
  const current = await readCurrent(host, await daemonContext(host), limitsMs);
  assertEquals([world.signals, world.writes], [[], []]);
  return {
    current,
    limits: world.requests.map(({ timeoutMs }) => timeoutMs),
    ms: world.clock.elapsed(),
  };
}

const COMPLETE = stateOf(9401, TOKEN, 5001);

Deno.test("readCurrent() takes the daemon that proves its token for healthy", async () => {
  const opened = open(COMPLETE, { respond: answer() });
  const { current, limits } = await read(opened);
  assert(current.kind === "healthy");
  assertEquals(current.state.pid, 5001);
  assertEquals(current.health.packageVersion, "3.2.4");
  assertEquals(limits, [100]);
  const path = opened.world.requests[0]?.path ?? "";
  assert(/^\/api\/health\?nonce=[0-9a-f]{32}$/.test(path), path);
});

const ANOTHER = "another program answers on its port";
const unhealthy: Readonly<Record<string, readonly [Respond, string]>> = {
  "another token": [answer({}, WRONG), "it does not know its token"],
  "no proof": [answer({ proof: undefined }), "it does not know its token"],
  "its token instead": [answer({ proof: TOKEN }), "it does not know its token"],
  "another scope": [answer({ "singleton_scope_id": "/other" }), ANOTHER],
  "no scope": [answer({ "singleton_scope_id": undefined }), ANOTHER],
  "another product": [answer({ product: "spec-kitty" }), ANOTHER],
  "another family": [answer({ "daemon_family": "dashboard" }), ANOTHER],
  "another status": [answer({ status: "starting" }), ANOTHER],
  "its coming end": [answer({ status: "stopping" }), "it is stopping"],
  "the end of one without a proof": [
    answer({ status: "stopping" }, WRONG),
    "it does not know its token",
  ],
  "another pid": [
    answer({ owner: { pid: 5002, port: 9401 } }),
    "another daemon answers on its port",
  ],
  "another port": [
    answer({ owner: { pid: 5001, port: 9402 } }),
    "another daemon answers on its port",
  ],
  "an error": [
    () => healthReply({}, 500),
    "its health answer is status 500",
  ],
  "no JSON": [
    () => ({ kind: "reply", status: 200, body: "hello" }),
    "its health answer is not json",
  ],
  "no HTTP": [() => ({ kind: "not_http" }), "its health answer is not http"],
};

Deno.test.each(
  Object.entries(unhealthy).map(([name, row]) => ({ name, row })),
)("readCurrent() asks once whoever answers with $name", async ({ row }) => {
  const [respond, reason] = row;
  const { current, limits } = await read(open(COMPLETE, { respond }));
  assert(current.kind === "unhealthy");
  assertEquals([current.reason, current.isSilent], [reason, false]);
  assertEquals(current.isStopping, reason === "it is stopping");
  assertEquals(limits, [100]);
});

Deno.test.each<{ name: string; spec: FakeProcessSpec; reason: string }>([
  { name: "answers nothing", spec: {}, reason: "no answer" },
  {
    name: "accepts nothing",
    spec: { acceptQueueFull: true },
    reason: "not accepting",
  },
  { name: "is stopped", spec: { state: "stopped" }, reason: "no answer" },
])("readCurrent() asks three times whoever $name", async ({ spec, reason }) => {
  const { current, limits, ms } = await read(open(COMPLETE, spec));
  assert(current.kind === "unhealthy" && current.isSilent);
  assertEquals(current.reason, `its health answer is ${reason}`);
  assertEquals([limits, ms], [[100, 400, 1500], 2000]);
});

Deno.test("readCurrent() calls a daemon that breaks the connection silent", async () => {
  const respond: Respond = () => ({ kind: "reset" });
  const { current, limits } = await read(open(COMPLETE, { respond }));
  assert(current.kind === "unhealthy" && current.isSilent);
  assertEquals(limits, [100, 400, 1500]);
});

Deno.test("readCurrent() does not call a closed port silent", async () => {
  const { current, limits } = await read(open(COMPLETE));
  assert(current.kind === "unhealthy" && !current.isSilent);
  assertEquals(current.reason, "its health answer is refused");
  assertEquals(limits, [100]);
});

Deno.test("readCurrent() gives a slow daemon its time", async () => {
  let asked = 0;
  const opened = open(COMPLETE, {
    async respond(request) {
      asked++;
      await opened.world.clock.sleep(450);
      return await answer()(request);
    },
  });
  const { current, limits, ms } = await read(opened);
  assertEquals([current.kind, asked], ["healthy", 3]);
  assertEquals([limits, ms], [[100, 400, 1500], 950]);
});

Deno.test("readCurrent() keeps to the limits that it is given", async () => {
  const { limits } = await read(open(COMPLETE, {}), [30, 70]);
  assertEquals(limits, [30, 70]);
  const { current } = await read(open(COMPLETE, {}), []);
  assert(current.kind === "unhealthy" && !current.isSilent);
  assertEquals(current.reason, "it was not asked");
});

Deno.test.each([
  { name: "no port", text: stateOf("", TOKEN, 5001) },
  { name: "no token", text: stateOf(9401, 5001) },
  { name: "no pid", text: stateOf(9401, TOKEN) },
  { name: "nothing", text: stateOf() },
])(
  "readCurrent() asks nobody when the state file names $name",
  async ({ text }) => {
    const { current, limits } = await read(open(text, { respond: answer() }));
    assert(current.kind === "unhealthy");
    assertEquals(
      [current.reason, current.isSilent],
      ["the state file does not name port, token and pid", false],
    );
    assertEquals(limits, []);
  },
);

Deno.test("readCurrent() knows of none without a usable state file", async () => {
  const missing = await read(open());
  assertEquals(missing.current, { kind: "none", read: { kind: "missing" } });
  const damaged = await read(open("nonsense\n"));
  assert(damaged.current.kind === "none");
  assertEquals(damaged.current.read.kind, "damaged");
  const opened = open(COMPLETE, { respond: answer() });
  opened.world.failFiles(STATE, "permission_denied");
  const unreadable = await read(opened);
  assert(unreadable.current.kind === "none");
  assertEquals(unreadable.current.read.kind, "unreadable");
  assertEquals([damaged.limits, unreadable.limits], [[], []]);
});

Deno.test("challenge() never asks with the same nonce twice", async () => {
  const { world, host } = open(COMPLETE, { respond: answer() });
  const context = await daemonContext(host);
  const state = { url: "", port: 9401, token: TOKEN, pid: 5001 };
  for (const timeoutMs of [100, 200]) {
    assert("health" in await challenge(host, context, state, timeoutMs));
  }
  const paths = world.requests.map(({ path }) => path);
  assertEquals(new Set(paths).size, 2);
});
