import { assertEquals } from "@std/assert";
import type { Host } from "../host/host.ts";
import type { Inspection, ProcessListing } from "../host/processes.ts";
import { type IdentityLook, lookAtIdentities } from "./identity_look.ts";

const ROW = {
  pid: 7,
  parentPid: 1,
  sessionId: 7,
  processGroup: 7,
  uid: 0,
  startStamp: "70",
  state: "running",
} as const;
const SHORT: IdentityLook = {
  kind: "found",
  facts: { startStamp: "70", state: "running" },
};
const UNREADABLE: Inspection = { kind: "unknown", reason: "it is hidden" };

Deno.test.each<{
  name: string;
  listing: ProcessListing;
  inspected: readonly number[];
  is: readonly (readonly [number, IdentityLook])[];
}>([
  {
    name: "all are in the table",
    listing: { kind: "table", rows: [ROW, { ...ROW, pid: 8 }] },
    inspected: [],
    is: [[7, SHORT], [8, SHORT]],
  },
  {
    name: "one has ended and one cannot be read",
    listing: { kind: "table", rows: [ROW] },
    inspected: [8, 9],
    is: [[7, SHORT], [8, { kind: "gone" }], [9, UNREADABLE]],
  },
  {
    name: "there is no table",
    listing: { kind: "unknown", reason: "no /proc" },
    inspected: [8, 9],
    is: [[8, { kind: "gone" }], [9, UNREADABLE]],
  },
])("lookAtIdentities() where $name", async ({ listing, inspected, is }) => {
  const asked: number[] = [];
  const processes = {
    table: () => Promise.resolve(listing),
    inspect(pids: readonly number[]) {
      asked.push(...pids);
      return Promise.resolve(
        new Map(
          pids.map((pid): [number, Inspection] => [
            pid,
            pid === 8 ? { kind: "gone" } : UNREADABLE,
          ]),
        ),
      );
    },
  } as Partial<Host["processes"]> as Host["processes"];
  const found = await lookAtIdentities({ processes }, is.map(([pid]) => pid));
  assertEquals([...found], [...is]);
  assertEquals(asked, [...inspected]);
});
