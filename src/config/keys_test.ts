import { assert, assertEquals } from "@std/assert";
import {
  isKeyName,
  isProjectKey,
  KEY_NAMES,
  lineNameOf,
  specOf,
} from "./keys.ts";
import { PROJECT_LINES } from "./project_lines.ts";

Deno.test("KEYS has well-formed names that no other one starts with", () => {
  for (const key of KEY_NAMES) {
    assert(/^[a-z]+(?:\.[a-z_]+)+$/.test(key), key);
    assert(!KEY_NAMES.some((other) => other.startsWith(`${key}.`)), key);
  }
});

Deno.test("KEYS has no variable and no line name twice", () => {
  const variables = KEY_NAMES.flatMap((key) => specOf(key).env ?? []);
  assertEquals(new Set(variables).size, variables.length);
  const lines = KEY_NAMES.map(lineNameOf);
  assertEquals(new Set(lines).size, lines.length);
});

Deno.test("KEYS lets a project decide nothing that could lead secrets away", () => {
  assertEquals(KEY_NAMES.filter(isProjectKey), [
    "sync.auto_start",
    "queue.tenant",
    "queue.concurrency",
  ]);
  assertEquals(lineNameOf("sync.auto_start"), "REEVE_SYNC_AUTO_START");
});

Deno.test("PROJECT_LINES has the lines of all keys that a project may have", () => {
  assertEquals(PROJECT_LINES, KEY_NAMES.filter(isProjectKey).map(lineNameOf));
});

Deno.test("KEYS leaves unset what only a person can decide", () => {
  const unset = KEY_NAMES.filter((key) => specOf(key).default === undefined);
  assertEquals(unset, [
    "sync.server_url",
    "sync.workspace",
    "sync.auto_start",
    "sync.external.endpoint",
    "sync.external.auth_env",
    "queue.redis_password_file",
    "queue.tenant",
  ]);
});

Deno.test("isKeyName() knows keys and nothing of objects", () => {
  assert(isKeyName("sync.mode"));
  for (const text of ["sync", "toString", "__proto__", "sync.Mode", ""]) {
    assert(!isKeyName(text), text);
  }
});
