import { assert, assertEquals, assertRejects } from "@std/assert";
import { type Env, type Files, HostError } from "../host/host.ts";
import { FAMILIES, type FamilyFiles, familyOf } from "./family.ts";
import { canonical, readScopes, rootOf, scopeDirectory } from "./scope.ts";

const TOKEN = "36aeeaca1c580397e4a535a311ab974f";

function filesOf(product: "reeve" | "spec-kitty"): FamilyFiles {
  const { files } = familyOf(FAMILIES, product, "sync");
  if (files === undefined) throw new TypeError("Cannot be without files");
  return files;
}

function envOf(
  values: Readonly<Record<string, string>>,
  os: Env["os"] = "linux",
): Env {
  return {
    get: (name) => values[name],
    os,
    home: values["HOME"],
    cwd: "/",
    pid: 1,
    uid: 1000,
    self: { executable: "reeve", args: [] },
  };
}

Deno.test.each(
  [
    {
      name: "the variable",
      values: { "REEVE_HOME": "x" },
      os: "linux",
      is: "x",
    },
    {
      name: "the variable as it is",
      values: { "REEVE_HOME": "~/x/", "HOME": "/h" },
      os: "linux",
      is: "~/x/",
    },
    {
      name: "the home",
      values: { "HOME": "/h" },
      os: "darwin",
      is: "/h/.reeve",
    },
    {
      name: "local data",
      values: { "HOME": "C:\\h", "LOCALAPPDATA": "C:\\l" },
      os: "windows",
      is: "C:\\l\\reeve",
    },
    {
      name: "the home without local data",
      values: { "HOME": "C:\\h" },
      os: "windows",
      is: "C:\\h\\.reeve",
    },
    {
      name: "no Windows variable elsewhere",
      values: { "LOCALAPPDATA": "/l" },
      os: "linux",
      is: undefined,
    },
  ] as const,
)("rootOf() takes $name: $is", ({ values, os, is }) => {
  assertEquals(rootOf(envOf({ ...values }, os), filesOf("reeve")), is);
});

Deno.test.each(
  [
    { product: "reeve", os: "linux", root: "/r", is: "/r" },
    { product: "reeve", os: "windows", root: "C:\\r", is: "C:\\r" },
    { product: "spec-kitty", os: "linux", root: "/r", is: "/r" },
    {
      product: "spec-kitty",
      os: "windows",
      root: "C:\\r",
      is: "C:\\r\\daemon",
    },
  ] as const,
)("scopeDirectory() of $product on $os is $is", (row) => {
  const files = filesOf(row.product);
  assertEquals(scopeDirectory({ os: row.os }, files, row.root), row.is);
});

/** Files in memory; a path in `refused` fails with its code. */
function hostOf(
  texts: Readonly<Record<string, string>>,
  env: Env,
  refused: Readonly<Record<string, HostError["code"]>> = {},
) {
  const unused = (): never => {
    throw new TypeError("Cannot be used here");
  };
  const refuse = (path: string) => {
    const code = refused[path];
    return code && new HostError(code, path);
  };
  const files: Files = {
    readText: (path) => {
      const text = texts[path];
      const error = refuse(path) ?? new HostError("not_found", path);
      return text === undefined || refuse(path)
        ? Promise.reject(error)
        : Promise.resolve(text);
    },
    writeAtomic: unused,
    append: unused,
    remove: unused,
    list: unused,
    stat: (path) =>
      Promise.resolve(
        path in texts
          ? { kind: "file", size: 1, mode: 0o600, modifiedAt: 5, uid: 1 }
          : undefined,
      ),
    realPath: (path) => {
      const error = refuse(path);
      return error ? Promise.reject(error) : Promise.resolve(`/real${path}`);
    },
    tryLock: unused,
  };
  return { env, files };
}

const home = envOf({ "HOME": "/h" });
const STATE = `http://localhost:9400\n9400\n${TOKEN}\n42\n`;

Deno.test("readScopes() reads each product's own root", async () => {
  const host = hostOf({
    "/h/.reeve/sync-daemon": STATE,
    "/h/.spec-kitty/sync/daemon/owner.json": "{}",
    "/h/.reeve/sync/daemon/owner.json": "{}",
  }, home);
  const { reeve, "spec-kitty": kitty } = await readScopes(
    host,
    FAMILIES,
    "sync",
  );
  assertEquals(reeve.view, {
    scope: "/real/h/.reeve",
    singleton: { port: 9400, pid: 42 },
    stateWrittenAt: 5,
  });
  assertEquals([reeve.root, reeve.sharedOwner], ["/h/.reeve", undefined]);
  assertEquals(reeve.state?.token, TOKEN);
  assertEquals(kitty.view, { scope: "/real/h/.spec-kitty" });
  assertEquals([kitty.state, kitty.sharedOwner], [undefined, "{}"]);
});

Deno.test("readScopes() puts no secret into a view", async () => {
  const host = hostOf({ "/h/.reeve/sync-daemon": STATE }, home);
  const { reeve } = await readScopes(host, FAMILIES, "sync");
  assert(!JSON.stringify(reeve.view).includes(TOKEN));
});

Deno.test.each([
  {
    name: "damaged",
    texts: { "/h/.reeve/sync-daemon": "\n" },
    refused: {},
  },
  {
    name: "unreadable",
    texts: {},
    refused: { "/h/.reeve/sync-daemon": "permission_denied" as const },
  },
  { name: "missing", texts: {}, refused: {} },
])("readScopes() with a $name state file names no daemon", async (row) => {
  const host = hostOf({ ...row.texts }, home, { ...row.refused });
  const { reeve } = await readScopes(host, FAMILIES, "sync");
  assertEquals([reeve.view.singleton, reeve.state], [undefined, undefined]);
});

Deno.test("readScopes() leaves a scope unknown that has no path", async () => {
  const host = hostOf({}, home, { "/h/.reeve": "io" });
  const { reeve } = await readScopes(host, FAMILIES, "sync");
  assertEquals(reeve.view.scope, undefined);
});

Deno.test.each(
  [
    {
      name: "without a home",
      env: envOf({}),
      families: FAMILIES,
      kind: "sync",
    },
    {
      name: "for dashboards",
      env: home,
      families: FAMILIES,
      kind: "dashboard",
    },
    { name: "without families", env: home, families: [], kind: "sync" },
  ] as const,
)("readScopes() $name knows no scope", async (row) => {
  const scopes = await readScopes(
    hostOf({}, row.env),
    row.families,
    row.kind,
  );
  assertEquals([scopes.reeve.view, scopes["spec-kitty"].view], [{}, {}]);
});

Deno.test("canonical() takes only refusals as unknown", async () => {
  const host = hostOf({}, home, { "/loop": "io" });
  assertEquals(await canonical(host, "/a"), "/real/a");
  assertEquals(await canonical(host, "/loop"), undefined);
  const realPath = () => Promise.reject(new TypeError("bug"));
  const broken = { files: { ...host.files, realPath } };
  await assertRejects(() => canonical(broken, "/a"), TypeError);
});
