import { assertEquals, assertNotEquals } from "@std/assert";
import { wantedDependency, wantedService } from "#support/wanted_units.ts";
import type { EnvironmentSettings } from "./model.ts";
import {
  formatFingerprint,
  mergeFingerprints,
  parseFingerprint,
  startupIdentity,
} from "./startup_identity.ts";

const settings: EnvironmentSettings = {
  defaultMode: "main",
  treesDirectory: "trees",
  worktrees: { plansDirectory: "plans", links: [], runsHooks: false },
  services: [
    wantedService("web"),
    wantedService("api", { env: { B: "1", A: "2" } }),
  ],
  dependencies: [wantedDependency("postgres")],
  publicHost: "localhost",
  inheritedEnv: ["B", "A"],
};

Deno.test("startupIdentity has one field for each part, in one spelling", () => {
  const identity = startupIdentity(settings, "main");
  assertEquals([...identity.keys()], [
    "dependencies.postgres",
    "inherited_env",
    "mode",
    "public_host",
    "services.api",
    "services.web",
  ]);
  assertEquals(identity.get("inherited_env"), '["A","B"]');
  assertEquals(
    identity.get("services.api"),
    '{"command":["run","api"],"depends_on":[],"directory":".",' +
      '"env":{"A":"2","B":"1"},"only_if_path":null,"port_base":8000,' +
      '"ready":{"kind":"listen"}}',
  );
});

const [web = wantedService("web"), api = wantedService("api")] =
  settings.services;

Deno.test.each<
  { text: string; part: Partial<EnvironmentSettings>; is: string }
>([
  { text: "nothing", part: {}, is: "" },
  {
    text: "the order of services, keys and names",
    part: {
      services: [{ ...api, env: { A: "2", B: "1" } }, web],
      inheritedEnv: ["A", "B", "A"],
    },
    is: "",
  },
  {
    text: "names, waiting times and addresses for people",
    part: {
      services: [
        {
          ...web,
          displayName: "W",
          timeoutMs: 1,
          graceMs: 1,
          isCritical: false,
        },
        { ...api, healthUrl: "http://x", publicUrl: "http://y" },
      ],
      treesDirectory: "other",
      defaultMode: "trees",
    },
    is: "",
  },
  {
    text: "a command",
    part: { services: [{ ...web, command: ["a"] }, api] },
    is: "services.web",
  },
  {
    text: "an order of words",
    part: { services: [{ ...web, command: ["web", "run"] }, api] },
    is: "services.web",
  },
  {
    text: "a directory",
    part: { services: [{ ...web, directory: "a" }, api] },
    is: "services.web",
  },
  {
    text: "a port",
    part: { services: [{ ...web, portBase: undefined }, api] },
    is: "services.web",
  },
  {
    text: "a variable",
    part: { services: [web, { ...api, env: { A: "2", B: "2" } }] },
    is: "services.api",
  },
  {
    text: "a rule of readiness",
    part: { services: [{ ...web, ready: { kind: "http", path: "/" } }, api] },
    is: "services.web",
  },
  {
    text: "a need",
    part: { services: [{ ...web, dependsOn: ["api"] }, api] },
    is: "services.web",
  },
  {
    text: "a mode of a service",
    part: { services: [{ ...web, modes: ["trees"] }, api] },
    is: "services.web",
  },
  {
    text: "a dependency",
    part: { dependencies: [wantedDependency("postgres", { isShared: true })] },
    is: "dependencies.postgres",
  },
  { text: "a host", part: { publicHost: "x" }, is: "public_host" },
  {
    text: "inherited names",
    part: { inheritedEnv: ["A"] },
    is: "inherited_env",
  },
])("$text changes the fields: $is", ({ part, is }) => {
  const before = startupIdentity(settings, "main");
  const now = startupIdentity({ ...settings, ...part }, "main");
  const fields = new Set([...before.keys(), ...now.keys()]);
  assertEquals(
    [...fields].filter((field) => before.get(field) !== now.get(field))
      .join(" "),
    is,
  );
});

Deno.test("the mode is part of what decides", () => {
  assertNotEquals(
    startupIdentity(settings, "main").get("mode"),
    startupIdentity(settings, "trees").get("mode"),
  );
});

Deno.test("a fingerprint keeps its fields, sorted", () => {
  const text = formatFingerprint(
    new Map([["services.api", "b".repeat(64)], ["mode", "a1"]]),
  );
  assertEquals(text, "mode=a1 services.api=bbbbbbbbbbbbbbbb");
  assertEquals([...parseFingerprint(text)], [
    ["mode", "a1"],
    ["services.api", "bbbbbbbbbbbbbbbb"],
  ]);
  assertEquals([...parseFingerprint("0123abcd x=y")], []);
});

Deno.test("what was not started anew keeps the hash of its start", () => {
  assertEquals(
    mergeFingerprints(
      "mode=a1 services.api=b1 services.gone=c1 services.web=d1",
      "mode=a2 services.api=b2 services.new=e2 services.web=d2",
      new Set(["services.api"]),
    ),
    "mode=a1 services.api=b2 services.new=e2 services.web=d1",
  );
});
