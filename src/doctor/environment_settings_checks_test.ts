import { assertEquals } from "@std/assert";
import { readEnvironmentSettings } from "../environment/settings_read.ts";
import { settingsChecks } from "./environment_settings_checks.ts";

const GOOD = "REEVE_SERVICES=api\nREEVE_SERVICE_API_CMD='deno task dev'\n";

Deno.test.each<{
  readonly name: string;
  readonly text: string;
  readonly is: readonly string[];
}>([
  { name: "no settings", text: "", is: ["read info"] },
  { name: "sound settings", text: GOOD, is: ["read pass", "round_trip pass"] },
  {
    name: "an unknown key",
    text: `${GOOD}REEVE_SERVICE_API_PROT=1\n`,
    is: ["read pass", "odd warn", "round_trip pass"],
  },
  {
    name: "two faults",
    text: `${GOOD}REEVE_SERVICE_API_PORT=x\nREEVE_DEFAULT_MODE=y\n`,
    is: ["read fail", "fault_1 fail", "fault_2 fail"],
  },
])("settingsChecks() of $name", ({ text, is }) => {
  const read = readEnvironmentSettings({
    env: { get: () => undefined },
    file: { path: "/r/.reeve", text },
  });
  const checks = settingsChecks({ ...read, notes: [] });
  assertEquals(
    checks.map(({ id, status }) => `${id.replace("settings.", "")} ${status}`),
    [...is],
  );
  const fault = checks.find(({ id }) => id === "settings.fault_1");
  if (fault !== undefined) {
    assertEquals(typeof fault.evidence["line"], "number");
  }
});
