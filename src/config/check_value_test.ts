import { assert, assertEquals } from "@std/assert";
import fc from "fast-check";
import { checkJson, checkText } from "./check_value.ts";
import { isKeyName, KEY_NAMES, type KeyName, specOf } from "./keys.ts";
import { formatValue, toJsonValue } from "./value_text.ts";

function valueOf(checked: ReturnType<typeof checkText>): unknown {
  return checked.kind === "value" ? checked.value : checked.kind;
}

Deno.test.each([
  { key: "sync.websocket", text: "1", is: true },
  { key: "sync.websocket", text: " Yes ", is: true },
  { key: "sync.websocket", text: "off", is: false },
  { key: "sync.websocket", text: "maybe", is: "bad" },
  { key: "sync.websocket", text: "", is: "bad" },
  { key: "sync.mode", text: " LOCAL", is: "local" },
  { key: "sync.mode", text: "remote", is: "bad" },
  { key: "sync.daemon", text: " Manual ", is: "manual" },
  { key: "sync.daemon", text: "sometimes", is: "ignored" },
  { key: "sync.daemon", text: " ", is: "ignored" },
  { key: "sync.daemon", text: "", is: "bad" },
  { key: "sync.max_rows", text: "5", is: 5 },
  { key: "sync.max_rows", text: "0", is: "bad" },
  { key: "sync.max_rows", text: "-5", is: "bad" },
  { key: "sync.max_rows", text: "5.0", is: "bad" },
  { key: "sync.max_rows", text: "0x10", is: "bad" },
  { key: "sync.max_rows", text: "1e3", is: "bad" },
  { key: "sync.max_rows", text: "5 MiB", is: "bad" },
  { key: "sync.interval_s", text: "9", is: "bad" },
  { key: "sync.interval_s", text: "10", is: 10 },
  { key: "sync.max_bytes", text: "1MiB", is: 1_048_576 },
  { key: "sync.max_bytes", text: "2 gib", is: 2_147_483_648 },
  { key: "sync.max_bytes", text: "1048576", is: 1_048_576 },
  { key: "sync.max_bytes", text: "1048575", is: "bad" },
  { key: "sync.max_bytes", text: "2TiB", is: "bad" },
  { key: "sync.max_bytes", text: "256MB", is: "bad" },
  { key: "sync.max_bytes", text: "999999999999999TiB", is: "bad" },
  { key: "sync.max_bytes", text: "5m", is: "bad" },
  { key: "sync.stall_warning", text: "0", is: 0 },
  { key: "sync.stall_warning", text: "90s", is: 90_000 },
  { key: "sync.stall_warning", text: "5m", is: 300_000 },
  { key: "sync.stall_warning", text: "1d", is: 86_400_000 },
  { key: "sync.stall_warning", text: "60", is: "bad" },
  { key: "sync.stall_warning", text: "366d", is: "bad" },
  { key: "sync.server_url", text: " https://a.b/ ", is: "https://a.b" },
  { key: "sync.server_url", text: "http://a.b", is: "bad" },
  { key: "sync.external.auth_env", text: "MY_TOKEN", is: "MY_TOKEN" },
  { key: "sync.external.auth_env", text: "MY-TOKEN", is: "bad" },
  { key: "sync.workspace", text: "a\nb", is: "bad" },
  { key: "sync.privacy.include", text: "repo, branch repo", is: "repo,branch" },
  { key: "sync.privacy.include", text: "none", is: "" },
  { key: "queue.redis_url", text: "redis://a.b", is: "redis://a.b" },
  {
    key: "queue.redis_url",
    text: "rediss://u@[::1]:6/1",
    is: "rediss://u@[::1]:6/1",
  },
  { key: "queue.redis_url", text: "redis://u:p@a.b", is: "bad" },
  { key: "queue.redis_url", text: "redis://:1@a.b", is: "bad" },
  { key: "queue.redis_url", text: "redis://a.b?password=p", is: "bad" },
  { key: "queue.redis_url", text: "http://a.b", is: "bad" },
  { key: "queue.redis_password_file", text: "/a/b", is: "/a/b" },
  { key: "queue.redis_password_file", text: "a/b", is: "bad" },
  { key: "queue.tenant", text: "acme-1", is: "acme-1" },
  { key: "queue.tenant", text: "_default", is: "bad" },
  { key: "queue.tenant", text: "acme-", is: "bad" },
  { key: "sync.privacy.include", text: "repo,all", is: "bad" },
])("checkText() reads $key from '$text' as $is", ({ key, text, is }) => {
  assert(isKeyName(key));
  const value = valueOf(checkText(specOf(key), text));
  assertEquals(Array.isArray(value) ? value.join() : value, is);
});

Deno.test.each([
  { key: "sync.websocket", value: true, is: true },
  { key: "sync.websocket", value: "true", is: "bad" },
  { key: "sync.websocket", value: 1, is: "bad" },
  { key: "sync.mode", value: "off", is: "off" },
  { key: "sync.mode", value: null, is: "bad" },
  { key: "sync.mode", value: ["off"], is: "bad" },
  { key: "sync.daemon", value: 3, is: "ignored" },
  { key: "sync.daemon", value: "", is: "bad" },
  { key: "sync.max_rows", value: 5, is: 5 },
  { key: "sync.max_rows", value: "5", is: "bad" },
  { key: "sync.max_rows", value: 5.5, is: "bad" },
  { key: "sync.max_rows", value: 2 ** 60, is: "bad" },
  { key: "sync.min_free_disk", value: -0, is: 0 },
  { key: "sync.min_free_disk", value: "1KiB", is: 1024 },
  { key: "sync.stall_warning", value: 0, is: 0 },
  { key: "sync.stall_warning", value: 60, is: "bad" },
  { key: "sync.stall_warning", value: "1h", is: 3_600_000 },
  { key: "sync.server_url", value: 5, is: "bad" },
  { key: "sync.server_url", value: {}, is: "bad" },
  { key: "sync.privacy.include", value: [], is: "" },
  { key: "sync.privacy.include", value: ["repo", "repo"], is: "repo" },
  { key: "sync.privacy.include", value: "repo", is: "bad" },
  { key: "sync.privacy.include", value: ["repo", 1], is: "bad" },
])("checkJson() reads $key from $value as $is", ({ key, value, is }) => {
  const read = valueOf(checkJson(specOf(key as KeyName), value));
  assertEquals(Array.isArray(read) ? read.join() : read, is);
});

const rows = KEY_NAMES.map((key) => ({ key }));

Deno.test.each(rows)(
  "$key takes its own default, however written",
  ({ key }) => {
    const spec = specOf(key);
    if (spec.default === undefined) return;
    const sound = { kind: "value", value: spec.default };
    const text = formatValue(spec, spec.default);
    const json = toJsonValue(spec, spec.default);
    assertEquals<unknown>(checkText(spec, text), sound);
    assertEquals<unknown>(checkJson(spec, json), sound);
  },
);

Deno.test("checkText() and checkJson() give back what they were told", () => {
  fc.assert(
    fc.property(
      fc.constantFrom(...KEY_NAMES.map(specOf)),
      fc.oneof(
        fc.nat().map(String),
        fc.tuple(
          fc.nat(5000),
          fc.constantFrom("KiB", "MiB", "GiB", "s", "m", "h", "d", "ms"),
        ).map(([amount, unit]) => `${amount}${unit}`),
        fc.subarray([
          ...specOf("sync.privacy.include").type === "words"
            ? ["branch", "repo", "paths"]
            : [],
        ]).map((words) => words.join(",") || "none"),
        fc.webUrl({ validSchemes: ["https"] }),
      ),
      (spec, text) => {
        const checked = checkText(spec, text);
        if (checked.kind !== "value") return;
        const again = checkText(spec, formatValue(spec, checked.value));
        assertEquals<unknown>(again, checked);
        const json = toJsonValue(spec, checked.value);
        assertEquals<unknown>(checkJson(spec, json), checked);
      },
    ),
    { numRuns: 3000 },
  );
});
