import { assertEquals } from "@std/assert";
import { fullName, looksLikeKey, lookUpKey } from "./settings_alias.ts";
import { knownKeys } from "./settings_names.ts";

Deno.test.each([
  { name: "DEFAULT_MODE", full: "REEVE_DEFAULT_MODE" },
  { name: "ENVCTL_DEFAULT_MODE", full: "REEVE_DEFAULT_MODE" },
  { name: "BACKEND_PORT_BASE", full: "REEVE_SERVICE_BACKEND_PORT" },
  { name: "REEVE_BACKEND_PORT_BASE", full: "REEVE_SERVICE_BACKEND_PORT" },
  { name: "ENVCTL_BACKEND_START_CMD", full: "REEVE_SERVICE_BACKEND_CMD" },
  { name: "FRONTEND_DIR", full: "REEVE_SERVICE_FRONTEND_DIR" },
  { name: "TREES_DIR_NAME", full: "REEVE_TREES_DIR" },
  { name: "DB_PORT", full: "REEVE_DEPENDENCY_POSTGRES_PORT" },
  { name: "SUPABASE_API_PORT", full: "REEVE_DEPENDENCY_SUPABASE_PORT" },
  {
    name: "ENVCTL_SERVICE_WEB_START_CMD",
    full: "REEVE_SERVICE_WEB_CMD",
  },
  { name: "SERVICE_WEB_PORT_BASE", full: "REEVE_SERVICE_WEB_PORT" },
  {
    name: "SERVICE_WEB_ENABLE_IF_PATH",
    full: "REEVE_SERVICE_WEB_ONLY_IF_PATH",
  },
  {
    name: "SERVICE_WEB_ENV__PORT_BASE",
    full: "REEVE_SERVICE_WEB_ENV__PORT_BASE",
  },
])("$name means $full", ({ name, full }) => {
  assertEquals(fullName(name), full);
});

Deno.test("every key means itself, with and without its prefix", () => {
  for (const name of knownKeys(["api", "web-worker"]).keys()) {
    assertEquals(fullName(name), name);
    assertEquals(fullName(name.replace(/^REEVE_/, "")), name);
  }
});

Deno.test.each([
  { name: "SERVICE_API_PORT", kind: "key" },
  { name: "SERVICE_API_ENV__X", kind: "key" },
  { name: "SERVICE_API_PROT", kind: "unknown" },
  { name: "SERVICE_BILLING_ONLY_IF_PATH", kind: "unknown" },
  { name: "NOTHING_AT_ALL_OF_THIS", kind: "unknown" },
])("$name is looked up: $kind", ({ name, kind }) => {
  assertEquals(lookUpKey(name, ["api"]).kind, kind);
});

Deno.test.each([
  { name: "DEFAULT_MODE", is: true },
  { name: "REEVE_SERVICE_API_ENV__lower", is: true },
  { name: "REEVE_SYNC_WS", is: false },
  { name: "REEVE_PROJECT_ID", is: false },
  { name: "sync.mode", is: false },
  { name: "A-B", is: false },
])("$name looks like a key: $is", ({ name, is }) => {
  assertEquals(looksLikeKey(name), is);
});
