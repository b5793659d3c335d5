import { assert, assertEquals } from "@std/assert";
import { faultOfFile } from "../config/fault.ts";
import type { SyncFacts } from "./sync_facts.ts";
import { placeFindings } from "./sync_place_findings.ts";
import { FACTS, QUEUE, SETTINGS } from "#support/sync_facts.ts";

const { disk } = FACTS;
const GIB = 1024 ** 3;
const notIn = {
  ...QUEUE,
  consent: { ...QUEUE.consent, openEpoch: 0 },
};
const fault = faultOfFile("bad_value", "/r/config.json", "it is odd", 7);
const projectFault = faultOfFile("bad_value", "/app/.reeve", "no UUID", 2);
const project = { slug: "app", root: "/app", id: "p", fault: undefined };

Deno.test.each<
  {
    readonly name: string;
    readonly change: Partial<SyncFacts>;
    readonly is: readonly string[];
  }
>([
  { name: "all well", change: {}, is: [] },
  {
    name: "no project",
    change: { project: undefined, queue: { kind: "none" } },
    is: ["S-001 info cd DIRECTORY"],
  },
  {
    name: "a project without an identity",
    change: { project: { ...project, id: undefined }, queue: { kind: "none" } },
    is: ["S-002 info reeve sync optin"],
  },
  {
    name: "a project that has not opted in",
    change: { queue: notIn },
    is: ["S-003 info reeve sync optin"],
  },
  {
    name: "a wrong identity",
    change: { project: { ...project, fault: projectFault } },
    is: ["S-004 error ${EDITOR:-vi} +2 '/app/.reeve'"],
  },
  {
    name: "a project file that is a fault of the settings too",
    change: {
      project: { ...project, fault: projectFault },
      faults: [projectFault],
    },
    is: ["S-005 error ${EDITOR:-vi} +2 '/app/.reeve'"],
  },
  {
    name: "a file that is wrong",
    change: { faults: [fault] },
    is: ["S-005 error ${EDITOR:-vi} +7 '/r/config.json'"],
  },
  {
    name: "a key that decides where events go",
    change: { faults: [{ ...fault, key: "sync.mode" }] },
    is: ["S-005 error ${EDITOR:-vi} +7 '/r/config.json'"],
  },
  {
    name: "another key",
    change: { faults: [{ ...fault, key: "sync.dead_days" }] },
    is: ["S-005 warn ${EDITOR:-vi} +7 '/r/config.json'"],
  },
  {
    name: "a variable",
    change: {
      faults: [{
        ...fault,
        file: undefined,
        where: "REEVE_SYNC_WS",
        key: "sync.websocket",
      }],
    },
    is: ["S-005 warn unset REEVE_SYNC_WS"],
  },
  {
    name: "a file that cannot be read",
    change: { faults: [faultOfFile("unreadable", "/it's", "no")] },
    is: ["S-005 error ls -ld '/it'\\''s'"],
  },
  {
    name: "a file of a newer reeve",
    change: { faults: [faultOfFile("too_new", "/r/config.json", "no")] },
    is: ["S-005 error reeve --version"],
  },
  {
    name: "an unknown key",
    change: { warnings: ["/r/config.json: sync.mod is not known"] },
    is: ["S-006 info reeve config show"],
  },
  {
    name: "REEVE_SYNC_DISABLE",
    change: { isDisabled: true },
    is: ["S-007 warn unset REEVE_SYNC_DISABLE"],
  },
  {
    name: "sync.mode local",
    change: { settings: { ...SETTINGS, mode: "local" } },
    is: ["S-008 info reeve config set sync.mode teamspace"],
  },
  {
    name: "sync.mode off",
    change: { settings: { ...SETTINGS, mode: "off", serverUrl: undefined } },
    is: ["S-008 info reeve config set sync.mode teamspace"],
  },
  {
    name: "no server and a consent",
    change: { settings: { ...SETTINGS, serverUrl: undefined } },
    is: ["S-009 warn reeve config set sync.server_url URL"],
  },
  {
    name: "no server and no queue",
    change: {
      settings: { ...SETTINGS, serverUrl: undefined },
      queue: { kind: "missing" },
    },
    is: ["S-009 info reeve config set sync.server_url URL"],
  },
  {
    name: "no receiver of the person's own",
    change: {
      settings: { ...SETTINGS, mode: "external", serverUrl: undefined },
    },
    is: ["S-009 warn reeve config set sync.external.endpoint URL"],
  },
  {
    name: "sync.auto_start false",
    change: { settings: { ...SETTINGS, autoStart: false } },
    is: ["S-010 info reeve sync now"],
  },
  {
    name: "a file that others may read",
    change: {
      disk: {
        ...disk,
        looseModes: [{ path: "/r", mode: 0o755, expected: 0o700 }],
      },
    },
    is: ["S-011 warn chmod 700 '/r'"],
  },
  {
    name: "a network file system",
    change: { disk: { ...disk, isRemote: true } },
    is: ["S-012 warn export REEVE_HOME=DIRECTORY"],
  },
  {
    name: "a file system that is not known",
    change: { disk: { ...disk, isRemote: undefined, freeBytes: undefined } },
    is: [],
  },
  { name: "1 GiB", change: { disk: { ...disk, freeBytes: GIB } }, is: [] },
  {
    name: "less than 1 GiB",
    change: { disk: { ...disk, freeBytes: GIB - 1 } },
    is: ["S-013 warn df -h '/r/projects/p'"],
  },
  {
    name: "half a GiB",
    change: { disk: { ...disk, freeBytes: GIB / 2 } },
    is: ["S-013 warn df -h '/r/projects/p'"],
  },
  {
    name: "less than half a GiB",
    change: { disk: { ...disk, freeBytes: GIB / 2 - 1 } },
    is: ["S-013 error df -h '/r/projects/p'"],
  },
  {
    name: "a log of 64 MiB",
    change: { disk: { ...disk, walBytes: 64 * 1024 ** 2 } },
    is: [],
  },
  {
    name: "a larger log",
    change: { disk: { ...disk, walBytes: 64 * 1024 ** 2 + 1 } },
    is: ["S-014 info reeve sync now"],
  },
  {
    name: "a queue that was put aside",
    change: { disk: { ...disk, setAside: ["/r/queue.corrupt-1.db"] } },
    is: ["S-015 warn reeve sync salvage"],
  },
  {
    name: "events from before",
    change: { unassignedBytes: 1 },
    is: ["S-016 warn reeve sync optin"],
  },
])("placeFindings() with $name: $is", ({ change, is }) => {
  const found = placeFindings({ ...FACTS, ...change });
  assertEquals(
    found.map(({ id, severity, remediation }) =>
      `${id} ${severity} ${remediation.command}`
    ),
    [...is],
  );
  for (const { summary } of found) assert(summary.endsWith("."), summary);
});
