import { assertEquals, assertRejects } from "@std/assert";
import { KnownError } from "../errors.ts";
import type { Env, Files } from "../host/host.ts";
import { daemonContext, markerFor, neutralDirectory } from "./context.ts";
import { FAMILIES, familyOf } from "./family.ts";

function hostOf(values: Readonly<Record<string, string>>, home?: string) {
  const unused = (): never => {
    throw new TypeError("Cannot be used here");
  };
  const files: Files = {
    readText: unused,
    writeAtomic: unused,
    append: unused,
    remove: unused,
    list: unused,
    stat: unused,
    realPath: (path) => Promise.resolve(`/real${path}`),
    tryLock: unused,
  };
  const env: Env = {
    get: (name) => values[name],
    os: "linux",
    home,
    cwd: "/",
    pid: 1,
    uid: 1000,
    self: { executable: "reeve", args: [] },
  };
  return { env, files };
}

Deno.test("daemonContext() resolves the root once and for all", async () => {
  const context = await daemonContext(hostOf({
    "REEVE_HOME": "/r",
    "REEVE_CLI_VERSION": "9.9.9",
    "REEVE_SYNC_PORTS": "2000-2009",
  }));
  assertEquals(context.scope, "/real/r");
  assertEquals(context.paths.daemonState, "/real/r/sync-daemon");
  assertEquals(context.version, "9.9.9");
  assertEquals([context.family.product, context.family.name], [
    "reeve",
    "sync",
  ]);
  assertEquals(context.family.ports, { first: 2000, end: 2010 });
  assertEquals(context.families.length, FAMILIES.length);
});

Deno.test("daemonContext() needs a root and sound ranges", async () => {
  const homeless = await assertRejects(
    () => daemonContext(hostOf({})),
    KnownError,
  );
  assertEquals(homeless.code, "no_home");
  const wrong = await assertRejects(
    () => daemonContext(hostOf({ "REEVE_SYNC_PORTS": "x" }, "/home/me")),
    KnownError,
  );
  assertEquals(wrong.code, "usage");
});

Deno.test.each(
  [
    { product: "reeve", name: "sync", is: "--reeve-daemon-root=/a b" },
    {
      product: "spec-kitty",
      name: "sync",
      is: "--spec-kitty-daemon-root=/a b",
    },
    { product: "spec-kitty", name: "dashboard", is: "/a b" },
  ] as const,
)("markerFor() of $product/$name", ({ product, name, is }) => {
  assertEquals(markerFor(familyOf(FAMILIES, product, name), "/a b"), is);
});

Deno.test.each(
  [
    { os: "linux", drive: undefined, is: "/" },
    { os: "darwin", drive: "D:", is: "/" },
    { os: "windows", drive: undefined, is: "C:\\" },
    { os: "windows", drive: "D:", is: "D:\\" },
  ] as const,
)("neutralDirectory() on $os is $is", ({ os, drive, is }) => {
  const get = (name: string) => name === "SystemDrive" ? drive : undefined;
  assertEquals(neutralDirectory({ os, get }), is);
});
