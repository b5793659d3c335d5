import { assertEquals } from "@std/assert";
import { isAlive, type PortOwner } from "./port_entry.ts";

const HERE = { host: "ada", bootId: "boot-1", pidNamespace: "pid:[1]" };
const OWNER: PortOwner = { kind: "unit", pid: 7, startStamp: "s", ...HERE };
const SAME = {
  kind: "found",
  facts: {
    pid: 7,
    parentPid: 1,
    uid: 1000,
    startStamp: "s",
    startedAt: 0,
    state: "running",
    argv: undefined,
    executable: undefined,
  },
} as const;
const GONE = { kind: "gone" } as const;
const UNKNOWN = { kind: "unknown", reason: "denied" } as const;

Deno.test.each([
  { title: "the same process", is: true, owner: {}, seen: SAME },
  { title: "one that is gone", is: false, owner: {}, seen: GONE },
  { title: "one that cannot be seen", is: true, owner: {}, seen: UNKNOWN },
  { title: "one nobody looked for", is: true, owner: {}, seen: undefined },
  {
    title: "a reused pid",
    is: false,
    owner: { startStamp: "other" },
    seen: SAME,
  },
  {
    title: "one of an earlier boot",
    is: false,
    owner: { bootId: "boot-0" },
    seen: SAME,
  },
  {
    title: "one of another machine",
    is: true,
    owner: { bootId: "boot-0", host: "bob" },
    seen: GONE,
  },
  {
    title: "one of another namespace",
    is: true,
    owner: { pidNamespace: "pid:[2]" },
    seen: GONE,
  },
  {
    title: "one without a boot",
    is: false,
    owner: { bootId: undefined },
    seen: GONE,
  },
  {
    title: "one without a boot elsewhere",
    is: true,
    owner: { bootId: undefined, host: "bob" },
    seen: GONE,
  },
])("a port of $title is kept: $is", ({ is, owner, seen }) => {
  assertEquals(isAlive({ ...OWNER, ...owner }, HERE, seen), is);
});
