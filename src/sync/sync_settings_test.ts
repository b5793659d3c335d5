import { assert, assertEquals } from "@std/assert";
import { readConfig } from "../config/read_config.ts";
import { createFakeHost } from "#support/fake_host.ts";
import { ROOT } from "#support/tasks.ts";
import { GATE_KEYS, syncSettings } from "./sync_settings.ts";

function settingsFor(sync: Readonly<Record<string, unknown>>) {
  const host = createFakeHost();
  const text = JSON.stringify({ "schema_version": 1, sync });
  host.world.disk.put(`${ROOT}/config.json`, text);
  return syncSettings(readConfig(host, { root: ROOT }));
}

Deno.test("syncSettings() has a default for everything but the server", () => {
  const settings = settingsFor({});
  const { serverUrl, workspace, autoStart, ...rest } = settings;
  assertEquals([serverUrl, workspace, autoStart], [
    undefined,
    undefined,
    undefined,
  ]);
  assert(Object.values(rest).every((value) => value !== undefined));
  assertEquals([rest.mode, rest.durability, rest.finalFlush], [
    "teamspace",
    "full",
    "auto",
  ]);
  assertEquals(rest.size, { maxEvents: 1000, maxBytes: 235_929 });
  assertEquals([rest.intervalMs, rest.stallWarningMs], [300_000, 3_600_000]);
});

Deno.test("syncSettings() takes the server that the mode names", () => {
  const both = {
    "server_url": "https://team.example",
    external: { endpoint: "https://own.example" },
  };
  assertEquals(settingsFor(both).serverUrl, "https://team.example");
  const external = { ...both, mode: "external" };
  assertEquals(settingsFor(external).serverUrl, "https://own.example");
  const { external: _, ...alone } = external;
  assertEquals(settingsFor(alone).serverUrl, undefined);
});

Deno.test("GATE_KEYS are those that say whether and where events go", () => {
  assertEquals(GATE_KEYS, ["sync.auto_start", "sync.mode", "sync.server_url"]);
});
