import { assert, assertEquals, assertRejects } from "@std/assert";
import { createFakeHost } from "#support/fake_host.ts";
import { KnownError } from "../errors.ts";
import type { KeyName } from "./keys.ts";
import { readConfig } from "./read_config.ts";
import {
  setProjectValue,
  setUserValue,
  unsetProjectValue,
  unsetUserValue,
} from "./write_config.ts";

const ROOT = "/home/ada/.reeve";
const USER = `${ROOT}/config.json`;
const PROJECT = { root: "/p", slug: "p" };

function hostWith(user?: string) {
  const host = createFakeHost();
  if (user !== undefined) host.world.disk.put(USER, user);
  return host;
}

Deno.test("setUserValue() makes the file with its version", async () => {
  const host = hostWith();
  await setUserValue(host, ROOT, "sync.batch.max_events", "5");
  assertEquals(
    host.world.disk.textOf(USER),
    '{\n  "schema_version": 1,\n  "sync": {\n    "batch": {\n' +
      '      "max_events": 5\n    }\n  }\n}\n',
  );
});

Deno.test.each([
  { key: "sync.max_bytes", value: "1 gib", stored: "1GiB" },
  { key: "sync.max_bytes", value: "1048577", stored: 1_048_577 },
  { key: "sync.websocket", value: "no", stored: false },
  { key: "sync.mode", value: "OFF", stored: "off" },
  { key: "sync.stall_warning", value: "0", stored: 0 },
  { key: "sync.stall_warning", value: "60m", stored: "1h" },
  {
    key: "sync.privacy.include",
    value: "repo,paths",
    stored: ["repo", "paths"],
  },
  { key: "sync.privacy.include", value: "none", stored: [] },
  { key: "sync.server_url", value: "https://A.b/", stored: "https://a.b" },
])("setUserValue() stores $key as $stored", async ({ key, value, stored }) => {
  const host = hostWith();
  await setUserValue(host, ROOT, key as KeyName, value);
  let at = JSON.parse(host.world.disk.textOf(USER) ?? "");
  for (const name of key.split(".")) at = at[name];
  assertEquals(at, stored);
  assertEquals(readConfig(host, { root: ROOT }).faults, []);
});

Deno.test("setUserValue() keeps all other keys and their order", async () => {
  const before = '{"later":[1],"sync":{"odd":{"a":null},"mode":"off","z":1}}';
  const host = hostWith(before);
  await setUserValue(host, ROOT, "sync.mode", "local");
  assertEquals(
    JSON.stringify(JSON.parse(host.world.disk.textOf(USER) ?? "")),
    '{"schema_version":1,' + before.slice(1).replace("off", "local"),
  );
});

Deno.test("setUserValue() writes nothing when all is as asked", async () => {
  const host = hostWith('{"sync":{"mode":"off"}}');
  assertEquals(await setUserValue(host, ROOT, "sync.mode", "off"), "unchanged");
  assertEquals(host.world.disk.textOf(USER), '{"sync":{"mode":"off"}}');
});

Deno.test.each(
  [
    { key: "sync.max_rows", value: "many" },
    { key: "sync.mode", value: "" },
    { key: "sync.daemon", value: "sometimes" },
    { key: "sync.server_url", value: "http://a.b" },
  ] as const,
)("setUserValue() refuses '$value' for $key", async ({ key, value }) => {
  const host = hostWith();
  const error = await assertRejects(
    () => setUserValue(host, ROOT, key, value),
    KnownError,
    `Cannot set ${key}: it must be`,
  );
  assertEquals(error.code, "usage");
  assertEquals(host.world.writes, []);
});

Deno.test.each([
  { name: "no JSON", user: '{"sync": {', code: "damaged_file" },
  { name: "nothing in it", user: "", code: "damaged_file" },
  { name: "a list", user: "[]", code: "damaged_file" },
  { name: "a wrong section", user: '{"sync":1}', code: "damaged_file" },
  { name: "a later version", user: '{"schema_version":2}', code: "newer_file" },
])("setUserValue() refuses a file with $name", async ({ user, code }) => {
  const host = hostWith(user);
  for (
    const change of [
      () => setUserValue(host, ROOT, "sync.mode", "off"),
      () => unsetUserValue(host, ROOT, "sync.mode"),
    ]
  ) {
    const error = await assertRejects(change, KnownError, USER);
    assertEquals<string>(error.code, code);
  }
  assertEquals(host.world.disk.textOf(USER), user);
});

Deno.test("setUserValue() mends a wrong value", async () => {
  const host = hostWith('{"sync":{"mode":5,"max_rows":"x"}}');
  await setUserValue(host, ROOT, "sync.mode", "off");
  const { faults } = readConfig(host, { root: ROOT });
  assertEquals(faults.map(({ key }) => key), ["sync.max_rows"]);
});

Deno.test("unsetUserValue() takes out a key and what is empty then", async () => {
  const host = hostWith(
    '{"a":{},"sync":{"batch":{"max_events":5},"mode":"off"}}',
  );
  await unsetUserValue(host, ROOT, "sync.batch.max_events");
  assertEquals(JSON.parse(host.world.disk.textOf(USER) ?? ""), {
    schema_version: 1,
    a: {},
    sync: { mode: "off" },
  });
});

Deno.test.each([undefined, '{"sync":{}}', "{}"])(
  "unsetUserValue() leaves a file without the key as it is: %s",
  async (user) => {
    const host = hostWith(user);
    assertEquals(await unsetUserValue(host, ROOT, "sync.mode"), "unchanged");
    assertEquals(host.world.disk.textOf(USER), user);
  },
);

Deno.test("setProjectValue() changes one line", async () => {
  const host = hostWith();
  host.world.disk.put("/p/.reeve", "# a\nREEVE_SYNC_AUTO_START=true # b\nodd");
  await setProjectValue(host, PROJECT, "sync.auto_start", "off");
  assertEquals(
    host.world.disk.textOf("/p/.reeve"),
    "# a\nREEVE_SYNC_AUTO_START=false # b\nodd",
  );
  await unsetProjectValue(host, PROJECT, "sync.auto_start");
  assertEquals(host.world.disk.textOf("/p/.reeve"), "# a\nodd");
});

Deno.test("setProjectValue() makes the file, unsetProjectValue() does not", async () => {
  const host = hostWith();
  const unset = () => unsetProjectValue(host, PROJECT, "sync.auto_start");
  assertEquals(await unset(), "unchanged");
  assertEquals(host.world.disk.textOf("/p/.reeve"), undefined);
  await setProjectValue(host, PROJECT, "sync.auto_start", "1");
  assertEquals(
    host.world.disk.textOf("/p/.reeve"),
    "REEVE_SYNC_AUTO_START=true\n",
  );
});

Deno.test("setProjectValue() refuses keys of a person, and damaged files", async () => {
  const host = hostWith();
  for (const change of [setProjectValue, unsetProjectValue]) {
    const error = await assertRejects(
      () => change(host, PROJECT, "sync.mode", "off"),
      KnownError,
      "it belongs to your own settings",
    );
    assertEquals(error.code, "usage");
  }
  host.world.disk.put("/p/.reeve", "=======\n");
  await assertRejects(
    () => setProjectValue(host, PROJECT, "sync.auto_start", "1"),
    KnownError,
    "/p/.reeve line 1: it is a merge conflict",
  );
  assert(!host.world.writes.includes("/p/.reeve"));
});
