import { assertEquals, assertThrows } from "@std/assert";
import { KnownError } from "../errors.ts";
import { ownerPath, statePaths, stateRoot } from "./paths.ts";

Deno.test.each(
  [
    {
      name: "REEVE_HOME",
      os: "linux",
      home: "/h",
      values: { "REEVE_HOME": "/r" },
      is: "/r",
    },
    {
      name: "REEVE_HOME as it is",
      os: "darwin",
      home: "/h",
      values: { "REEVE_HOME": "~/r/" },
      is: "~/r/",
    },
    { name: "the home", os: "linux", home: "/h", values: {}, is: "/h/.reeve" },
    {
      name: "a Mac's home",
      os: "darwin",
      home: "/h",
      values: {},
      is: "/h/.reeve",
    },
    {
      name: "local data",
      os: "windows",
      home: "C:\\h",
      values: { "LOCALAPPDATA": "C:\\l" },
      is: "C:\\l\\reeve",
    },
    {
      name: "REEVE_HOME on Windows",
      os: "windows",
      home: "C:\\h",
      values: { "LOCALAPPDATA": "C:\\l", "REEVE_HOME": "D:\\r" },
      is: "D:\\r",
    },
    {
      name: "the home on Windows",
      os: "windows",
      home: "C:\\h",
      values: {},
      is: "C:\\h\\.reeve",
    },
    {
      name: "the home, not local data",
      os: "linux",
      home: "/h",
      values: { "LOCALAPPDATA": "/l" },
      is: "/h/.reeve",
    },
  ] as const,
)("stateRoot() takes $name: $is", ({ os, home, values, is }) => {
  const known: Readonly<Record<string, string>> = values;
  assertEquals(stateRoot({ os, home, get: (name) => known[name] }), is);
});

Deno.test("stateRoot() needs a home", () => {
  const error = assertThrows(
    () => stateRoot({ os: "linux", home: undefined, get: () => undefined }),
    KnownError,
  );
  assertEquals(error.code, "no_home");
  assertEquals(typeof error.hint, "string");
});

Deno.test("stateRoot() is resolved at each use", () => {
  const values = new Map([["REEVE_HOME", "/a"]]);
  const env = {
    os: "linux",
    home: undefined,
    get: (name: string) => values.get(name),
  } as const;
  assertEquals(stateRoot(env), "/a");
  values.set("REEVE_HOME", "/b");
  assertEquals(stateRoot(env), "/b");
});

Deno.test("statePaths() names every file below the root", () => {
  assertEquals(statePaths("/r"), {
    root: "/r",
    daemonState: "/r/sync-daemon",
    daemonLock: "/r/sync-daemon.lock",
    daemonLog: "/r/sync-daemon.log",
    owners: "/r/sync/daemon",
    journal: "/r/signals.jsonl",
    auth: "/r/auth",
    session: "/r/auth/session.json",
    sessionSummary: "/r/auth/session.summary.json",
    authAudit: "/r/auth/audit.jsonl",
    refreshLock: "/r/auth/refresh.lock",
    config: "/r/config.json",
  });
  const { refreshLock } = statePaths("C:\\r");
  assertEquals(refreshLock, "C:\\r\\auth\\refresh.lock");
});

Deno.test("ownerPath() has one file for each port", () => {
  assertEquals(
    ownerPath(statePaths("/r"), 9401),
    "/r/sync/daemon/owner-9401.json",
  );
});
