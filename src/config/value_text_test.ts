import { assert, assertEquals } from "@std/assert";
import { KEY_NAMES, specOf } from "./keys.ts";
import {
  describeAllowed,
  describeType,
  formatSetting,
  formatValue,
  toJsonValue,
} from "./value_text.ts";

const size = specOf("sync.max_bytes");
const duration = specOf("sync.stall_warning");

Deno.test.each([
  { spec: size, value: 2 ** 28, is: "256MiB" },
  { spec: size, value: 3 * 2 ** 40, is: "3TiB" },
  { spec: size, value: 235_929, is: "235929" },
  { spec: size, value: 0, is: "0" },
  { spec: duration, value: 0, is: "0" },
  { spec: duration, value: 1500, is: "1500ms" },
  { spec: duration, value: 90_000, is: "90s" },
  { spec: duration, value: 3_600_000, is: "1h" },
  { spec: specOf("sync.max_rows"), value: 1024, is: "1024" },
  { spec: specOf("sync.websocket"), value: true, is: "true" },
  { spec: specOf("sync.privacy.include"), value: [], is: "none" },
  { spec: specOf("sync.privacy.include"), value: ["a", "b"], is: "a,b" },
])("formatValue() of $value is $is", ({ spec, value, is }) => {
  assertEquals(formatValue(spec, value), is);
});

Deno.test("formatSetting() shows a dash for what is not set", () => {
  assertEquals(formatSetting(size, undefined), "-");
  assertEquals(formatSetting(size, 1024), "1KiB");
});

Deno.test("toJsonValue() keeps plain numbers and writes units", () => {
  assertEquals(toJsonValue(size, 235_929), 235_929);
  assertEquals(toJsonValue(size, 2 ** 20), "1MiB");
  assertEquals(toJsonValue(duration, 0), 0);
});

Deno.test.each(
  [
    { key: "sync.websocket", is: "true or false" },
    { key: "sync.final_flush", is: "auto or never" },
    { key: "sync.daemon", is: "auto, manual or off" },
    { key: "sync.interval_s", is: "a whole number from 10 to 86400" },
    { key: "sync.max_bytes", is: "a size such as 64MiB, from 1MiB to 1TiB" },
    {
      key: "sync.stall_warning",
      is: "a duration such as 30s, 5m or 1h, from 0 to 365d",
    },
  ] as const,
)("describeAllowed() of $key: $is", ({ key, is }) => {
  assertEquals(describeAllowed(specOf(key)), is);
});

Deno.test("describeType() has a word for every key, fit for a table", () => {
  for (const key of KEY_NAMES) {
    const type = describeType(specOf(key));
    assert(type !== "" && !type.includes("|"), key);
  }
});
