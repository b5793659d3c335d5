import { assertEquals } from "@std/assert";
import { type Files, HostError } from "../host/host.ts";
import type { Inspection, Machine } from "../host/processes.ts";
import { statePaths } from "../state/paths.ts";
import {
  placeOf,
  pruneOwners,
  readOwner,
  readOwners,
  removeOwner,
  writeOwner,
} from "./owner_record.ts";
import type { OwnerRecord } from "./schema.ts";

const paths = statePaths("/r");
const here: Machine = { host: "moon", bootId: "b1", pidNamespace: "n1" };
const record: OwnerRecord = {
  "schema_version": 1,
  "product": "reeve",
  "daemon_family": "sync",
  "auth_principal": null,
  "auth_scope": null,
  "auth_team": null,
  "executable_path": "/bin/reeve",
  "package_version": "0.1.0",
  "protocol_version": 1,
  "pid": 5001,
  "port": 9401,
  "queue_db_path": null,
  "server_url": null,
  "source_checkout_path": "/src",
  "singleton_scope_id": "/r",
  "started_at": "2026-01-01T00:00:00.000Z",
  "start_stamp": "77",
  "host": "moon",
  "boot_id": "b1",
  "pid_namespace": "n1",
  "token": "36aeeaca1c580397e4a535a311ab974f",
};

/** Owner records in memory, and what the process table says of their pids. */
function openHost(now: Inspection = { kind: "gone" }) {
  const disk = new Map<string, string>();
  const unused = (): never => {
    throw new TypeError("Cannot be used here");
  };
  const files: Files = {
    readText: (path) => {
      const text = disk.get(path);
      return text === undefined
        ? Promise.reject(new HostError("not_found", path))
        : Promise.resolve(text);
    },
    writeAtomic: (path, text) =>
      Promise.resolve(void disk.set(path, String(text))),
    append: unused,
    remove: (path) => Promise.resolve(void disk.delete(path)),
    list: (path) =>
      Promise.resolve(
        [...disk.keys()].filter((name) => name.startsWith(path))
          .map((name) => name.slice(path.length + 1)),
      ),
    stat: unused,
    realPath: unused,
    tryLock: unused,
  };
  const processes = {
    inspect: (pids: readonly number[]) =>
      Promise.resolve(new Map(pids.map((pid) => [pid, now]))),
    listeners: unused,
    hold: unused,
    spawn: unused,
    machine: unused,
    onTermination: unused,
    table: unused,
    readVariable: unused,
    spawnService: unused,
    dropRights: unused,
  };
  return { disk, host: { files, processes } };
}

Deno.test("writeOwner() is read back by readOwner()", async () => {
  const { disk, host } = openHost();
  await writeOwner(host, paths, record);
  assertEquals([...disk.keys()], ["/r/sync/daemon/owner-9401.json"]);
  assertEquals(await readOwner(host, paths, 9401), {
    kind: "found",
    value: record,
  });
  assertEquals(await readOwner(host, paths, 9402), { kind: "missing" });
});

Deno.test.each([
  { key: "token", value: "short" },
  { key: "token", value: "36AEEACA1C580397E4A535A311AB974F" },
  { key: "pid", value: 1 },
  { key: "pid", value: -5001 },
  { key: "port", value: 0 },
  { key: "port", value: 65536 },
  { key: "start_stamp", value: 77 },
])("readOwner() calls $key = $value damaged", async ({ key, value }) => {
  const { disk, host } = openHost();
  const path = "/r/sync/daemon/owner-9401.json";
  disk.set(path, JSON.stringify({ ...record, [key]: value }));
  assertEquals(await readOwner(host, paths, 9401), {
    kind: "damaged",
    reason: `these keys are wrong: ${key}`,
  });
});

Deno.test("readOwners() reads owner records and nothing else", async () => {
  const { disk, host } = openHost();
  await writeOwner(host, paths, record);
  disk.set("/r/sync/daemon/owner-9402.json", "{");
  disk.set("/r/sync/daemon/owner-9403.json.tmp", "{");
  disk.set("/r/sync/daemon/notes.txt", "{");
  const found = await readOwners(host, paths);
  assertEquals(found.map(({ path, read }) => `${path} ${read.kind}`), [
    "/r/sync/daemon/owner-9401.json found",
    "/r/sync/daemon/owner-9402.json damaged",
  ]);
});

Deno.test("readOwners() takes a closed directory as empty", async () => {
  const { host } = openHost();
  const list = () => Promise.reject(new HostError("permission_denied", "/r"));
  const files = { ...host.files, list };
  assertEquals(await readOwners({ files }, paths), []);
});

Deno.test.each([
  { name: "its own", change: {}, is: "removed" },
  { name: "another pid's", change: { pid: 6002 }, is: "not_ours" },
  {
    name: "another token's",
    change: { token: "0".repeat(32) },
    is: "not_ours",
  },
  { name: "another port's", change: { port: 9402 }, is: "not_ours" },
])("removeOwner() of $name record: $is", async ({ change, is }) => {
  const { disk, host } = openHost();
  await writeOwner(host, paths, record);
  const outcome = await removeOwner(host, paths, { ...record, ...change });
  assertEquals<string>(outcome, is);
  assertEquals(disk.size, is === "removed" ? 0 : 1);
});

Deno.test("placeOf() takes unknown boots as unknown", () => {
  assertEquals(placeOf(record, here), "here");
  assertEquals(placeOf({ ...record, "boot_id": null }, here), "unknown");
  assertEquals(
    placeOf({ ...record, "boot_id": "b0" }, here),
    "earlier_boot",
  );
  assertEquals(
    placeOf({ ...record, "host": "sun", "boot_id": "b0" }, here),
    "other_host",
  );
  assertEquals(
    placeOf({ ...record, "pid_namespace": null }, here),
    "other_namespace",
  );
});

const gone: Inspection = { kind: "gone" };
const unknown: Inspection = { kind: "unknown", reason: "x" };

function running(startStamp: string, state: "running" | "zombie"): Inspection {
  return {
    kind: "found",
    facts: {
      pid: 5001,
      parentPid: 1,
      uid: 1000,
      startStamp,
      startedAt: undefined,
      state,
      argv: undefined,
      executable: undefined,
    },
  };
}

Deno.test.each([
  { name: "of a gone process", now: gone, change: {}, left: 0 },
  {
    name: "of a reused pid",
    now: running("78", "running"),
    change: {},
    left: 0,
  },
  { name: "of a zombie", now: running("77", "zombie"), change: {}, left: 0 },
  {
    name: "of a living process",
    now: running("77", "running"),
    change: {},
    left: 1,
  },
  { name: "of an unseen process", now: unknown, change: {}, left: 1 },
  {
    name: "of an earlier boot",
    now: running("77", "running"),
    change: { "boot_id": "b0" },
    left: 0,
  },
  {
    name: "of another host",
    now: gone,
    change: { "host": "sun", "boot_id": "b0" },
    left: 1,
  },
  {
    name: "of another namespace",
    now: gone,
    change: { "pid_namespace": "n2" },
    left: 1,
  },
  {
    name: "of an unknown boot",
    now: gone,
    change: { "boot_id": null },
    left: 1,
  },
])("pruneOwners() leaves $left record $name", async (row) => {
  const { disk, host } = openHost(row.now);
  await writeOwner(host, paths, { ...record, ...row.change });
  await pruneOwners(host, paths, here);
  assertEquals(disk.size, row.left);
});

Deno.test("pruneOwners() leaves records that it cannot read", async () => {
  const { disk, host } = openHost();
  disk.set("/r/sync/daemon/owner-9402.json", "{");
  await pruneOwners(host, paths, here);
  assertEquals(disk.size, 1);
});
