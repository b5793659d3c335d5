import { assertEquals } from "@std/assert";
import type { Inspection } from "../host/processes.ts";
import {
  decodeLedger,
  EMPTY_LEDGER,
  formatLedger,
  isAlive,
  isOwnedBy,
  isSameUnit,
  LEDGER_VERSION,
  type PortEntry,
  type PortLedger,
  type PortOwner,
  resourceUnit,
} from "./port_entry.ts";
import type { LedgerDocument } from "./port_schema.ts";

const HERE = { host: "ada", bootId: "boot", pidNamespace: "pid:[1]" };
const OWNER: PortOwner = {
  kind: "unit",
  pid: 7,
  startStamp: "100",
  ...HERE,
};
const ENTRY: PortEntry = {
  scope: "repo",
  project: "Main",
  unit: "api",
  port: 8000,
  owner: OWNER,
  since: Date.UTC(2026, 0, 2),
};
const RUNNING: Inspection = {
  kind: "found",
  facts: {
    pid: 7,
    parentPid: 1,
    uid: 1000,
    startStamp: "100",
    startedAt: undefined,
    state: "running",
    argv: undefined,
    executable: undefined,
  },
};
const GONE: Inspection = { kind: "gone" };

Deno.test.each([
  { change: {}, is: true },
  { change: { scope: "other" }, is: false },
  { change: { project: "a" }, is: false },
  { change: { unit: "web" }, is: false },
])("isSameUnit() with $change is $is", ({ change, is }) => {
  assertEquals(isSameUnit(ENTRY, { ...ENTRY, ...change }), is);
});

Deno.test.each([
  { change: {}, is: true },
  { change: { pid: 8 }, is: false },
  { change: { startStamp: "101" }, is: false },
  { change: { bootId: "another" }, is: false },
])("isOwnedBy() with $change is $is", ({ change, is }) => {
  assertEquals(isOwnedBy(ENTRY, { ...OWNER, ...change }), is);
});

Deno.test.each<{
  name: string;
  owner?: Partial<PortOwner>;
  seen: Inspection | undefined;
  is: boolean;
}>([
  { name: "that runs", seen: RUNNING, is: true },
  { name: "that is gone", seen: GONE, is: false },
  { name: "that nobody sees", seen: undefined, is: true },
  {
    name: "whose pid has another",
    owner: { startStamp: "9" },
    seen: RUNNING,
    is: false,
  },
  {
    name: "of an earlier boot",
    owner: { bootId: "old" },
    seen: RUNNING,
    is: false,
  },
  {
    name: "of another host",
    owner: { host: "bob", bootId: "old" },
    seen: GONE,
    is: true,
  },
  {
    name: "of this boot under another host name",
    owner: { host: "bob" },
    seen: GONE,
    is: false,
  },
  {
    name: "of another namespace",
    owner: { pidNamespace: "pid:[2]" },
    seen: GONE,
    is: true,
  },
  {
    name: "of an unknown boot here",
    owner: { bootId: undefined },
    seen: GONE,
    is: false,
  },
  {
    name: "of an unknown boot elsewhere",
    owner: { host: "bob", bootId: undefined },
    seen: GONE,
    is: true,
  },
])("isAlive() of a process $name is $is", ({ owner, seen, is }) => {
  assertEquals(isAlive({ ...OWNER, ...owner }, HERE, seen), is);
});

/** The text without its seal. */
function documentOf(ledger: PortLedger): LedgerDocument {
  return JSON.parse(formatLedger(ledger)) as LedgerDocument;
}

Deno.test("a ledger without anything is empty", () => {
  assertEquals(EMPTY_LEDGER, { slots: [], entries: [] });
});

Deno.test("a ledger is written in order of ports, and read as it was", () => {
  const other: PortEntry = {
    ...ENTRY,
    unit: "web",
    port: 3000,
    owner: {
      ...OWNER,
      kind: "command",
      bootId: undefined,
      pidNamespace: undefined,
    },
  };
  const slots = [{ scope: "repo", project: "a", slot: 1 }];
  const document = documentOf({ slots, entries: [ENTRY, other] });
  assertEquals<unknown>(
    { ...document, "_seal": undefined },
    {
      schema: "port_ledger",
      "schema_version": LEDGER_VERSION,
      slots,
      entries: [{
        port: 3000,
        scope: "repo",
        project: "Main",
        unit: "web",
        since: "2026-01-02T00:00:00.000Z",
        owner: {
          kind: "command",
          pid: 7,
          "start_stamp": "100",
          host: "ada",
          "boot_id": null,
          "pid_namespace": null,
        },
      }, {
        port: 8000,
        scope: "repo",
        project: "Main",
        unit: "api",
        since: "2026-01-02T00:00:00.000Z",
        owner: {
          kind: "unit",
          pid: 7,
          "start_stamp": "100",
          host: "ada",
          "boot_id": "boot",
          "pid_namespace": "pid:[1]",
        },
      }],
      "_seal": undefined,
    },
  );
  assertEquals(decodeLedger(document), { slots, entries: [other, ENTRY] });
});

Deno.test("resourceUnit() names a resource as ports are asked for", () => {
  assertEquals(resourceUnit("supabase", "studio"), "supabase.studio");
});
