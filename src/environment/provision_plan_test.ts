import { assertEquals, assertMatch } from "@std/assert";
import { DEPENDENCIES } from "./dependency_registry.ts";
import type { ProvisionMode } from "./model.ts";
import {
  type EngineFacts,
  planProvision,
  type ProvisionVerdict,
} from "./provision_plan.ts";
import type { DependencyId } from "./service_keys.ts";

interface Row {
  readonly id?: DependencyId;
  readonly mode?: ProvisionMode;
  readonly url?: string;
  readonly command?: readonly string[];
  readonly program?: string;
  readonly engine?: EngineFacts;
}

const UP: EngineFacts = { kind: "answers", version: "28.2" };
const DOWN: EngineFacts = { kind: "down", reason: "no daemon" };
const MISSING: EngineFacts = { kind: "missing" };
const URL = "redis://elsewhere";
const PROGRAM = "/usr/bin/redis-server";

function plan(row: Row): ProvisionVerdict {
  const { id = "redis", mode = "auto", url, command = [] } = row;
  return planProvision(DEPENDENCIES[id], { mode, url, command }, {
    program: row.program,
    engine: row.engine,
  });
}

Deno.test.each(
  [
    ["external", { url: URL, program: PROGRAM, engine: UP }],
    ["command", { command: ["run"], program: PROGRAM, engine: UP }],
    ["native", { program: PROGRAM, engine: UP }],
    ["look_at_engine", {}],
    ["container", { engine: UP }],
    ["impossible", { engine: DOWN }],
    ["impossible", { engine: MISSING }],
    ["external", { mode: "external", url: URL }],
    ["impossible", { mode: "external", program: PROGRAM, engine: UP }],
    ["command", { mode: "command", command: ["run"], url: URL }],
    ["impossible", { mode: "command", program: PROGRAM, engine: UP }],
    ["native", { mode: "native", program: PROGRAM, url: URL }],
    ["impossible", { mode: "native", engine: UP, url: URL }],
    ["look_at_engine", { mode: "container", program: PROGRAM }],
    ["container", { mode: "container", program: PROGRAM, engine: UP }],
    ["impossible", { mode: "container", program: PROGRAM, engine: DOWN }],
    ["impossible", { id: "supabase", engine: UP }],
    ["external", { id: "supabase", url: "http://x" }],
    ["impossible", { id: "supabase", mode: "container", engine: UP }],
    ["impossible", { id: "n8n", mode: "native", engine: UP }],
    ["container", { id: "n8n", engine: UP }],
  ] satisfies readonly (readonly [string, Row])[],
)("it is %s with %j", (expected, row) => {
  const verdict = plan(row);
  assertEquals(
    verdict.kind === "provide" ? verdict.mode : verdict.kind,
    expected,
  );
});

Deno.test.each(
  [
    [
      { engine: DOWN },
      /^Nothing provides Redis: there is no program redis-server or valkey-server \(looked in PATH\), and Docker does not answer \(no daemon\)$/,
      /^Install it \(apt-get install redis-server\), start Docker, set REEVE_DEPENDENCY_REDIS_URL to a running one or set REEVE_DEPENDENCY_REDIS_CMD to a command that runs it\.$/,
    ],
    [
      { id: "n8n", engine: MISSING },
      /^Nothing provides n8n: there is no program docker$/,
      /^Start Docker, set REEVE_DEPENDENCY_N8N_URL/,
    ],
    [
      { mode: "native" },
      /^Redis is to run natively, but there is no program redis-server/,
      /apt-get install redis-server/,
    ],
    [
      { mode: "container", engine: DOWN },
      /^Redis is to run in a container, but Docker does not answer/,
      /^Start the Docker daemon/,
    ],
    [
      { mode: "container", engine: MISSING },
      /there is no program docker$/,
      /^Install Docker/,
    ],
    [{ mode: "external" }, /address is not set$/, /REDIS_URL/],
    [{ mode: "command" }, /no command$/, /REDIS_CMD/],
    [
      { id: "supabase" },
      /^Nothing provides Supabase$/,
      /^Set REEVE_DEPENDENCY_SUPABASE_URL to a running one or set/,
    ],
  ] satisfies readonly (readonly [Row, RegExp, RegExp])[],
)("with %j it says what is missing and what helps", (row, message, hint) => {
  const verdict = plan(row);
  if (verdict.kind !== "impossible") throw new Error(verdict.kind);
  assertMatch(verdict.message, message);
  assertMatch(verdict.hint, hint);
});
