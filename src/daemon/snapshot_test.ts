import { assert, assertEquals, assertRejects } from "@std/assert";
import { KnownError } from "../errors.ts";
import { type Files, HostError } from "../host/host.ts";
import type { Candidate } from "./candidate.ts";
import { SYNC_PORTS } from "./family.ts";
import { toRecord } from "./identity_record.ts";
import type { Scan } from "./scan.ts";
import { readSnapshot, toSnapshot } from "./snapshot.ts";

const candidate: Candidate = {
  port: 9401,
  pid: 5001,
  process: {
    startStamp: "77",
    startedAt: Date.UTC(2026, 0, 1),
    executable: "/home/ann/bin/reeve",
    state: "running",
  },
  spawn: {
    shape: "marked",
    product: "reeve",
    family: "sync",
    isProofWithoutMarker: false,
    scope: "/home/ann/.reeve",
    argv: ["/home/ann/bin/reeve", "daemon", "run"],
  },
  health: {
    responded: true,
    outcome: "ok",
    status: "ok",
    daemonFamily: "sync",
    protocolVersion: 1,
    ownerPid: 5001,
    ownerPort: 9401,
    hasOwner: true,
    serverUrl: "https://moon.example",
    isDashboardShaped: false,
  },
  credentials: { ownerBlock: "not_read" },
  ownerPresent: true,
};
const found: Scan = {
  machine: { host: "moon", bootId: "b", pidNamespace: undefined },
  viewpoint: {
    takenAt: Date.UTC(2026, 0, 2),
    family: "sync",
    ports: SYNC_PORTS,
    scopes: {
      reeve: { scope: "/home/ann/.reeve", singleton: { port: 9400 } },
      "spec-kitty": {},
    },
  },
  candidates: [candidate],
};
const redaction = { home: "/home/ann", host: "moon" };

function hostOf(readText: Files["readText"]) {
  const unused = (): never => {
    throw new TypeError("Cannot be used here");
  };
  const files: Files = {
    readText,
    writeAtomic: unused,
    append: unused,
    remove: unused,
    list: unused,
    stat: unused,
    realPath: unused,
    tryLock: unused,
  };
  return { files };
}

function reread(value: unknown) {
  const text = JSON.stringify(value);
  return readSnapshot(hostOf(() => Promise.resolve(text)), "/f.json");
}

Deno.test("toSnapshot() shows neither home nor host", () => {
  const snapshot = toSnapshot(found, "0.1.0", redaction);
  const text = JSON.stringify(snapshot);
  assert(!text.includes("ann") && !text.includes("moon"), text);
  assertEquals(snapshot.viewpoint.scopes.reeve.scope, "~/.reeve");
  assertEquals(snapshot.candidates[0]?.spawn.scope, "~/.reeve");
  assertEquals(
    snapshot.candidates[0]?.health.serverUrl,
    "https://<host>.example",
  );
  assertEquals(
    [snapshot.recorded_at, snapshot.package_version],
    ["2026-01-02T00:00:00.000Z", "0.1.0"],
  );
});

Deno.test("toSnapshot() is judged as the scan was", async () => {
  const before = toRecord(candidate, found.viewpoint);
  const snapshot = await reread(toSnapshot(found, "0.1.0", redaction));
  const [row] = snapshot.candidates;
  assert(row);
  const after = toRecord(row, snapshot.viewpoint);
  assertEquals(
    [after.row, after.cleanup_class, after.pid],
    [before.row, before.cleanup_class, before.pid],
  );
});

Deno.test.each([
  { name: "no home", redaction: { home: undefined, host: "moon" } },
  { name: "the root as home", redaction: { home: "/", host: "moon" } },
  { name: "a short host", redaction: { home: "/home/ann", host: "a" } },
  { name: "a host like a family", redaction: { ...redaction, host: "sync" } },
  { name: "a host like a product", redaction: { ...redaction, host: "reeve" } },
  { name: "a host like a shape", redaction: { ...redaction, host: "marked" } },
])("toSnapshot() with $name can be read back", async ({ redaction }) => {
  const snapshot = toSnapshot(found, "0.1.0", redaction);
  assertEquals(await reread(snapshot), snapshot);
});

const good = toSnapshot(found, "0.1.0", redaction);

Deno.test.each([
  { name: "another document", change: { "schema": "reset_plan" } },
  { name: "no candidates", change: { "candidates": undefined } },
  {
    name: "a port that is no number",
    change: { "candidates": [{ port: "x" }] },
  },
  {
    name: "an unknown shape",
    change: {
      "candidates": [{
        ...candidate,
        spawn: { ...candidate.spawn, shape: "odd" },
      }],
    },
  },
  {
    name: "an unknown product",
    change: {
      "candidates": [{
        ...candidate,
        spawn: { ...candidate.spawn, product: "odd" },
      }],
    },
  },
  {
    name: "a time that no calendar has",
    change: { "viewpoint": { ...good.viewpoint, takenAt: 1e20 } },
  },
])("readSnapshot() calls $name damaged", async ({ change }) => {
  const error = await assertRejects(
    () => reread({ ...good, ...change }),
    KnownError,
  );
  assertEquals(error.code, "damaged_file");
  assert(error.hint?.includes("reeve auth doctor --record"));
});

Deno.test("readSnapshot() leaves unknown keys out", async () => {
  const read = await reread({ ...good, "extra": 1 });
  assertEquals(read, good);
});

Deno.test.each(
  [
    { code: "not_found", is: "not_found" },
    { code: "permission_denied", is: "unreadable" },
    { code: "too_large", is: "unreadable" },
  ] as const,
)("readSnapshot() of a file that is $code", async ({ code, is }) => {
  const refuse = () => Promise.reject(new HostError(code, "/f.json"));
  const error = await assertRejects(
    () => readSnapshot(hostOf(refuse), "/f.json"),
    KnownError,
    "/f.json",
  );
  assertEquals<string>(error.code, is);
});

Deno.test("readSnapshot() asks for an upgrade for a newer file", async () => {
  const error = await assertRejects(
    () => reread({ ...good, "schema_version": 2 }),
    KnownError,
  );
  assertEquals(error.code, "newer_file");
});
