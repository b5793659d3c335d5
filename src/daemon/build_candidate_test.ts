import { assert, assertEquals } from "@std/assert";
import { type Files, HostError } from "../host/host.ts";
import type { Inspection } from "../host/processes.ts";
import {
  buildCandidate,
  type CandidateContext,
  type ListenerReading,
} from "./build_candidate.ts";
import { FAMILIES } from "./family.ts";
import type { ScopeReading } from "./scope.ts";

const TOKEN = "36aeeaca1c580397e4a535a311ab974f";
const OTHER = "00000000000000000000000000000000";

function unused(): never {
  throw new TypeError("Cannot be used here");
}

const files: Files = {
  readText: unused,
  writeAtomic: unused,
  append: unused,
  remove: unused,
  list: unused,
  stat: unused,
  realPath: (path) =>
    path === "/loop"
      ? Promise.reject(new HostError("io", path))
      : Promise.resolve(path.replace(/^\/link/, "/own")),
  tryLock: unused,
};

const noScope: ScopeReading = {
  view: {},
  root: undefined,
  state: undefined,
  sharedOwner: undefined,
};
const owner = { pid: 5001, port: 9401, token: TOKEN };
const shown = { port: 9401, pid: 5001, token: "<redacted>" };

function contextOf(change: Partial<CandidateContext> = {}): CandidateContext {
  return {
    families: FAMILIES,
    scopes: { reeve: noScope, "spec-kitty": noScope },
    ownersOnDisk: new Set(),
    ...change,
  };
}

function kittyWith(change: Partial<ScopeReading>): CandidateContext {
  const scopes = { reeve: noScope, "spec-kitty": { ...noScope, ...change } };
  return contextOf({ scopes });
}

function found(argv: readonly string[] | undefined): Inspection {
  return {
    kind: "found",
    facts: {
      pid: 5001,
      parentPid: 1,
      uid: 1000,
      startStamp: "77",
      startedAt: undefined,
      state: "running",
      argv,
      executable: "/usr/bin/python3",
    },
  };
}

const call = `run_sync_daemon(9401, '${TOKEN}')`;
const script = ["python3", "-c", call];
const marked = [...script, "--spec-kitty-daemon-root=/link"];

function replyOf(payload: unknown): ListenerReading["reply"] {
  return { kind: "reply", status: 200, body: JSON.stringify(payload) };
}

const payload = {
  "status": "ok",
  "protocol_version": 1,
  "token": TOKEN,
  "singleton_scope_id": "/link",
  "owner": shown,
};
const reading: ListenerReading = {
  port: 9401,
  owner: { kind: "one", pid: 5001, uid: 1000 },
  reply: replyOf(payload),
  inspection: found(marked),
};

function build(
  change: Partial<ListenerReading> = {},
  context = contextOf(),
) {
  return buildCandidate({ files }, { ...reading, ...change }, context);
}

Deno.test("buildCandidate() gathers the facts of one port", async () => {
  const candidate = await build();
  assertEquals([candidate.port, candidate.pid], [9401, 5001]);
  assertEquals(candidate.process, {
    startStamp: "77",
    state: "running",
    uid: 1000,
    executable: "/usr/bin/python3",
  });
  const { argv: _, ...spawn } = candidate.spawn;
  assertEquals(spawn, {
    shape: "marked",
    isProofWithoutMarker: true,
    product: "spec-kitty",
    family: "sync",
    scope: "/own",
    port: 9401,
  });
  assertEquals(candidate.health.scope, "/own");
  assert(!("ownerProblem" in candidate));
});

Deno.test("buildCandidate() keeps no secret", async () => {
  const sharedOwner = JSON.stringify(owner);
  const state = { url: "http://localhost:9401", token: TOKEN };
  const candidate = await build({}, kittyWith({ sharedOwner, state }));
  assert(!JSON.stringify(candidate).includes(TOKEN));
});

Deno.test.each([
  { name: "of two words", argv: ["reeve", "daemon", "run"], is: "unmarked" },
  {
    name: "of two words with a marker",
    argv: ["reeve", "daemon", "run", "--reeve-daemon-root=/own"],
    is: "marked",
  },
  { name: "of a script", argv: script, is: "unmarked" },
  { name: "of a stranger", argv: ["nginx"], is: "none" },
  { name: "without words", argv: [], is: "none" },
  { name: "that nobody can read", argv: undefined, is: "unknown" },
])("buildCandidate() of an argv $name is $is", async ({ argv, is }) => {
  const { spawn, pid } = await build({ inspection: found(argv) });
  assertEquals<string>(spawn.shape, is);
  assertEquals(pid, 5001);
  assertEquals(spawn.isProofWithoutMarker, argv === script);
});

Deno.test("buildCandidate() drops a scope that has no path", async () => {
  const argv = [...script, "--spec-kitty-daemon-root=/loop"];
  const { spawn, health } = await build({
    inspection: found(argv),
    reply: replyOf({ ...payload, "singleton_scope_id": "/loop" }),
  });
  assertEquals([spawn.shape, spawn.scope], ["marked", undefined]);
  assertEquals(health.scope, undefined);
});

Deno.test.each(
  [
    {
      name: "several owners",
      change: {
        owner: { kind: "several", pids: [1, 2] },
        inspection: undefined,
      },
      problem: "several",
    },
    {
      name: "an unseen owner",
      change: { owner: { kind: "unseen", uid: 0 }, inspection: undefined },
      problem: "unseen",
    },
    {
      name: "an owner that ended",
      change: { inspection: { kind: "gone" } },
      problem: "gone",
    },
    {
      name: "an unreadable owner",
      change: { inspection: { kind: "unknown", reason: "x" } },
      problem: "unknown",
    },
    {
      name: "an owner nobody looked at",
      change: { inspection: undefined },
      problem: "unknown",
    },
  ] as const,
)("buildCandidate() with $name has no pid", async (row) => {
  const candidate = await build(row.change);
  assertEquals(candidate.pid, undefined);
  assertEquals<unknown>(candidate.ownerProblem, row.problem);
  assertEquals(candidate.spawn.shape, "unknown");
  assertEquals(candidate.process, undefined);
});

Deno.test.each([
  { name: "the same", token: TOKEN, is: true },
  { name: "another", token: OTHER, is: false },
  { name: "no", token: undefined, is: undefined },
])("buildCandidate() compares $name health token", async ({ token, is }) => {
  const state = { url: "http://localhost:9401", token: TOKEN };
  const reply = replyOf({ ...payload, token });
  const { credentials } = await build({ reply }, kittyWith({ state }));
  assertEquals(credentials.argvTokenIsHealthToken, is);
  assertEquals(credentials.stateTokenIsHealthToken, is);
});

Deno.test("buildCandidate() compares with its product's state", async () => {
  const state = { url: "http://localhost:9401", token: TOKEN };
  const scopes = { reeve: { ...noScope, state }, "spec-kitty": noScope };
  const { credentials } = await build({}, contextOf({ scopes }));
  assertEquals(credentials.stateTokenIsHealthToken, undefined);
});

Deno.test.each([
  { name: "equal", disk: JSON.stringify(owner), is: "is_on_disk" },
  {
    name: "equal but for the token",
    disk: JSON.stringify({ ...owner, token: OTHER }),
    is: "is_on_disk",
  },
  {
    name: "of another pid",
    disk: JSON.stringify({ ...owner, pid: 6002 }),
    is: "not_on_disk",
  },
  {
    name: "with one more key",
    disk: JSON.stringify({ ...owner, more: 1 }),
    is: "not_on_disk",
  },
  { name: "damaged", disk: "{", is: "not_on_disk" },
  { name: "no object", disk: "null", is: "not_on_disk" },
  { name: "not there", disk: undefined, is: "not_read" },
])("buildCandidate() calls a record that is $name $is", async (row) => {
  const context = kittyWith({ sharedOwner: row.disk });
  const { credentials } = await build({}, context);
  assertEquals<string>(credentials.ownerBlock, row.is);
});

Deno.test("buildCandidate() knows that health has no owner block", async () => {
  const { owner: _, ...rest } = payload;
  const context = kittyWith({ sharedOwner: JSON.stringify(owner) });
  const { credentials } = await build({ reply: replyOf(rest) }, context);
  assertEquals(credentials.ownerBlock, "absent");
});

Deno.test.each([
  { name: "its port", port: 9401, is: true },
  { name: "another port", port: 9402, is: false },
])("buildCandidate() looks for a record of $name", async ({ port, is }) => {
  const context = contextOf({ ownersOnDisk: new Set([port]) });
  const reply = { kind: "refused" } as const;
  assertEquals((await build({ reply }, context)).ownerPresent, is);
  assert((await build({}, context)).ownerPresent, "health shows one");
});
