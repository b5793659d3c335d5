import { assertEquals } from "@std/assert";
import type { Listener } from "../host/processes.ts";
import { ownerOf } from "./listener.ts";

const row = (address: string, ...pids: number[]): Listener => ({
  port: 9401,
  address,
  pids,
  uid: 1000,
});

Deno.test.each([
  { name: "nothing", rows: [], owner: { kind: "none" } },
  { name: "only ::1", rows: [row("::1", 5)], owner: { kind: "none" } },
  {
    name: "only a LAN address",
    rows: [row("10.0.0.1", 5)],
    owner: { kind: "none" },
  },
  {
    name: "loopback",
    rows: [row("127.0.0.1", 5)],
    owner: { kind: "one", pid: 5, uid: 1000 },
  },
  {
    name: "any address",
    rows: [row("0.0.0.0", 5)],
    owner: { kind: "one", pid: 5, uid: 1000 },
  },
  {
    name: "dual stack",
    rows: [row("::", 5)],
    owner: { kind: "one", pid: 5, uid: 1000 },
  },
  {
    name: "loopback before any",
    rows: [row("0.0.0.0", 6), row("127.0.0.1", 5)],
    owner: { kind: "one", pid: 5, uid: 1000 },
  },
  {
    name: "a shared socket",
    rows: [row("127.0.0.1", 5, 6)],
    owner: { kind: "several", pids: [5, 6] },
  },
  {
    name: "two sockets",
    rows: [row("127.0.0.1", 5), row("127.0.0.1", 6)],
    owner: { kind: "several", pids: [5, 6] },
  },
  {
    name: "a hidden twin",
    rows: [row("127.0.0.1", 5), row("127.0.0.1")],
    owner: { kind: "several", pids: [5] },
  },
  {
    name: "another user",
    rows: [row("127.0.0.1")],
    owner: { kind: "unseen", uid: 1000 },
  },
])("ownerOf() with $name", ({ rows, owner }) => {
  assertEquals<unknown>(
    ownerOf({ kind: "table", listeners: rows, isComplete: true }, 9401),
    owner,
  );
});

Deno.test("ownerOf() looks at its own port only", () => {
  const table = {
    kind: "table",
    listeners: [row("127.0.0.1", 5)],
    isComplete: true,
  } as const;
  assertEquals(ownerOf(table, 9402), { kind: "none" });
});

Deno.test("ownerOf() keeps unknown unknown", () => {
  const table = { kind: "unknown", reason: "no table" } as const;
  assertEquals(ownerOf(table, 9401), table);
});
