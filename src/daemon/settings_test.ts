import { assert, assertEquals, assertThrows } from "@std/assert";
import { createFakeHost } from "#support/fake_host.ts";
import { KnownError } from "../errors.ts";
import { readSettings } from "./settings.ts";

const ROOT = "/r";
const FILE = "/r/config.json";

function hostWith(text?: string, env: Readonly<Record<string, string>> = {}) {
  const host = createFakeHost({ env });
  if (text !== undefined) host.world.disk.put(FILE, text);
  return host;
}

Deno.test.each([
  { text: undefined, policy: "auto", serverUrl: undefined },
  { text: "{}", policy: "auto", serverUrl: undefined },
  {
    text: '{"sync":{"daemon":" Manual ","server_url":"https://a.b"}}',
    policy: "manual",
    serverUrl: "https://a.b",
  },
  { text: '{"sync":{"daemon":"off"}}', policy: "off", serverUrl: undefined },
])("readSettings() of $text: $policy", ({ text, policy, serverUrl }) => {
  assertEquals<unknown>(readSettings(hostWith(text), { root: ROOT }), {
    policy,
    serverUrl,
    warnings: [],
  });
});

Deno.test("readSettings() lets variables win", () => {
  const text = '{"sync":{"daemon":"auto","server_url":"https://a.b"}}';
  const host = hostWith(text, {
    REEVE_SYNC_DAEMON: "manual",
    REEVE_SERVER_URL: "http://127.0.0.1:8080",
  });
  const { policy, serverUrl } = readSettings(host, { root: ROOT });
  assertEquals([policy, serverUrl], ["manual", "http://127.0.0.1:8080"]);
});

Deno.test.each([
  { daemon: "sometimes" },
  { daemon: 3 },
  { daemon: null },
])("readSettings() warns of $daemon and takes auto", ({ daemon }) => {
  const host = hostWith(JSON.stringify({ sync: { daemon } }));
  const { policy, warnings } = readSettings(host, { root: ROOT });
  assertEquals(policy, "auto");
  assertEquals(warnings, [
    `${FILE} line 1: sync.daemon must be auto, manual or off; auto is used`,
  ]);
});

Deno.test.each([
  { name: "an empty policy", text: '{"sync":{"daemon":""}}', code: "usage" },
  {
    name: "a server without https",
    text: '{"sync":{"server_url":"http://a.b"}}',
    code: "usage",
  },
  { name: "half a file", text: '{"sync":', code: "damaged_file" },
  { name: "a wrong section", text: '{"sync":[]}', code: "damaged_file" },
  { name: "a later file", text: '{"schema_version":2}', code: "newer_file" },
])("readSettings() refuses $name with $code", ({ text, code }) => {
  const error = assertThrows(
    () => readSettings(hostWith(text), { root: ROOT }),
    KnownError,
    FILE,
  );
  assertEquals<string>(error.code, code);
  assert(error.hint !== undefined);
});

Deno.test("readSettings() refuses a file that it cannot read", () => {
  const host = hostWith("{}");
  host.world.failFiles(FILE, "permission_denied");
  assertThrows(
    () => readSettings(host, { root: ROOT }),
    KnownError,
    "permission denied",
  );
});

Deno.test("readSettings() leaves what others have set wrong to them", () => {
  const host = hostWith('{"sync":{"max_rows":"many"}}');
  assertEquals(readSettings(host, { root: ROOT }).policy, "auto");
});
