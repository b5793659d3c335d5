import { assertEquals } from "@std/assert";
import { createFakeHost } from "#support/fake_host.ts";
import { type EnvironmentPlace, openEnvironment } from "./place.ts";
import { pidsIn, secretsOfUnits } from "./debug_unit_secrets.ts";

async function settingsOf(
  text: string,
): Promise<EnvironmentPlace["loaded"]["settings"]> {
  const host = createFakeHost();
  host.world.disk.put("/home/ada/code/.reeve", text);
  const { loaded } = await openEnvironment(host, { cwd: "/home/ada/code" });
  return loaded.settings;
}

Deno.test("pids of units are found at any depth, and nothing else", () => {
  assertEquals(
    pidsIn({
      services: [{ identity: { pid: 7 } }, { identity: null, pid: 8 }],
      more: { deeper: { identity: { pid: 9 } } },
      odd: [{ identity: { pid: -1 } }, { identity: { pid: "10" } }],
    }),
    [7, 9],
  );
  assertEquals(pidsIn("text"), []);
});

Deno.test("units tell the secrets that they were given", async () => {
  const settings = await settingsOf("REEVE_INHERIT_ENV=A_TOKEN,LANG\n");
  const values = new Map([
    ["A_TOKEN", "abcdefgh"],
    ["LANG", "C.UTF-8"],
    ["DATABASE_URL", "a://b:secret-word@c"],
  ]);
  const host = createFakeHost();
  const processes = {
    ...host.processes,
    readVariable: (name: string, pids: readonly number[]) => {
      const value = values.get(name);
      const [pid = 0] = pids;
      return Promise.resolve(
        new Map(value === undefined ? [] : [[pid, value] as const]),
      );
    },
  };
  const found = await secretsOfUnits({ processes }, settings, [7]);
  assertEquals(
    [...new Set(found.map(({ value }) => value))].toSorted(),
    ["abcdefgh", "secret-word"],
  );
  assertEquals(await secretsOfUnits({ processes }, settings, []), []);
});
