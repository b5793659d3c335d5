import { assert, assertEquals } from "@std/assert";
import { translateLegacy } from "./legacy_envctl.ts";
import { readEnvironmentSettings } from "./settings_read.ts";

function translate(
  text: string,
  suggestions: Parameters<typeof translateLegacy>[1] = [],
) {
  const { values, warnings } = translateLegacy(
    { path: "/r/.envctl", text },
    suggestions,
  );
  return {
    values: Object.fromEntries(values.map(({ name, text }) => [name, text])),
    warnings,
  };
}

function read(text: string) {
  return readEnvironmentSettings({
    env: { get: () => undefined },
    legacy: { path: "/r/.envctl", text, translate: translateLegacy },
  });
}

Deno.test("the two services and their keys become ours", () => {
  const { settings, faults, warnings, source } = read(`
ENVCTL_DEFAULT_MODE=trees
TREES_DIR_NAME=work
ENVCTL_PUBLIC_HOST=dev
BACKEND_DIR=server
ENVCTL_BACKEND_START_CMD="python \\"a b.py\\" --port {port}"
BACKEND_PORT_BASE=8100
TREES_BACKEND_ENABLE=false
ENVCTL_FRONTEND_START_CMD=vite
MAIN_FRONTEND_EXPECT_LISTENER=false
ENVCTL_BACKEND_ENV__DEBUG='1 2'
`);
  assertEquals([faults, warnings, source], [[], [], "legacy"]);
  assertEquals(settings.defaultMode, "trees");
  assertEquals(settings.treesDirectory, "work");
  assertEquals(settings.publicHost, "dev");
  const [backend, frontend] = settings.services;
  assertEquals(backend?.command, ["python", "a b.py", "--port", "{port}"]);
  assertEquals(backend?.directory, "server");
  assertEquals(backend?.portBase, 8100);
  assertEquals(backend?.modes, ["main"]);
  assertEquals(backend?.env, { DEBUG: "1 2" });
  assertEquals(backend?.ready, { kind: "listen" });
  assertEquals(frontend?.directory, "frontend");
  assertEquals(frontend?.portBase, 9000);
  assertEquals(frontend?.ready, { kind: "running" });
  assertEquals(frontend?.modes, ["main", "trees"]);
});

Deno.test("services without a command are there only if one was found", () => {
  const text = "BACKEND_DIR=server\n";
  assertEquals(translate(text).values["REEVE_SERVICES"], undefined);
  const found = translate(text, [{
    slug: "server",
    role: "api",
    source: "x",
    confidence: "high",
    command: "run it",
    port: 1,
    readsPort: false,
    directory: "server",
  }]).values;
  assertEquals(found["REEVE_SERVICES"], "backend");
  assertEquals(found["REEVE_SERVICE_BACKEND_CMD"], "run it");
  assertEquals(found["REEVE_SERVICE_BACKEND_PORT"], "8000");
});

Deno.test("additional services become ours", () => {
  const { settings, faults } = read(`
ENVCTL_ADDITIONAL_SERVICES=job-runner,off
ENVCTL_SERVICE_JOB_RUNNER_START_CMD=run
ENVCTL_SERVICE_JOB_RUNNER_DIR=jobs
ENVCTL_SERVICE_JOB_RUNNER_PORT_BASE=7000
ENVCTL_SERVICE_JOB_RUNNER_HEALTH_URL=http://localhost:{port}/h
ENVCTL_SERVICE_JOB_RUNNER_CRITICAL=false
ENVCTL_SERVICE_JOB_RUNNER_ENABLE_IF_PATH=jobs
ENVCTL_SERVICE_JOB_RUNNER_MAIN_ENABLE=no
ENVCTL_SERVICE_OFF_START_CMD=x
ENVCTL_SERVICE_OFF_ENABLE=false
`);
  assertEquals(faults, []);
  assertEquals(settings.services.map(({ slug }) => slug), ["job-runner"]);
  const [runner] = settings.services;
  assertEquals(runner?.command, ["run"]);
  assertEquals(runner?.directory, "jobs");
  assertEquals(runner?.portBase, 7000);
  assertEquals(runner?.healthUrl, "http://localhost:{port}/h");
  assert(!runner?.isCritical);
  assertEquals(runner?.onlyIfPath, "jobs");
  assertEquals(runner?.modes, ["trees"]);
});

Deno.test("a wrong additional service is a fault, and the others stay", () => {
  const { settings, faults } = read(
    "ENVCTL_ADDITIONAL_SERVICES=a,b\nENVCTL_SERVICE_A_START_CMD=x\n" +
      "ENVCTL_SERVICE_A_PORT_BASE=many\n",
  );
  assertEquals(faults.map(({ key, line }) => [key, line]), [
    ["REEVE_SERVICE_A_PORT", 3],
    ["REEVE_SERVICE_B_CMD", undefined],
  ]);
  assertEquals(settings.services.map(({ slug }) => slug), ["a", "b"]);
});

Deno.test.each([
  { text: "", on: {} },
  { text: "REDIS_PORT=1\n", on: {} },
  { text: "MAIN_REDIS_ENABLE=true\n", on: { redis: ["main"] } },
  { text: "REDIS_MAIN_ENABLE=1\n", on: { redis: ["main"] } },
  { text: "REDIS_ENABLE=on\n", on: { redis: ["main", "trees"] } },
  { text: "MAIN_REDIS_ENABLE=true\nREDIS_ENABLE=false\n", on: {} },
  {
    text: "REDIS_ENABLE=on\nTREES_REDIS_ENABLE=false\n",
    on: { redis: ["main"] },
  },
])("dependencies of $text are $on", ({ text, on }) => {
  const { settings, faults } = read(`ENVCTL_DEFAULT_MODE=main\n${text}`);
  assertEquals(faults, []);
  assertEquals(
    Object.fromEntries(
      settings.dependencies.map(({ id, modes }) => [id, modes]),
    ),
    on as Record<string, never>,
  );
});

Deno.test("dependencies keep their ports, addresses and commands", () => {
  const { settings, faults } = read(`
MAIN_POSTGRES_ENABLE=true
DB_PORT=5499
ENVCTL_DEPENDENCY_POSTGRES_MODE=external
DATABASE_URL=postgresql+asyncpg://h/d
REDIS_ENABLE=true
ENVCTL_REQUIREMENT_REDIS_CMD='redis-server --port {port}'
N8N_ENABLE=true
N8N_PORT_BASE=5999
ENVCTL_DEFAULT_TREE_DEPENDENCY_SCOPE=shared
`);
  assertEquals(faults, []);
  assertEquals(
    settings.dependencies.map(({ id, mode, ports, url, command, isShared }) => [
      id,
      mode,
      ports,
      url,
      command,
      isShared,
    ]),
    [
      ["n8n", "auto", { primary: 5999 }, undefined, [], true],
      [
        "postgres",
        "external",
        { primary: 5499 },
        "postgresql+asyncpg://h/d",
        [],
        true,
      ],
      [
        "redis",
        "command",
        { primary: 6379 },
        undefined,
        ["redis-server", "--port", "{port}"],
        true,
      ],
    ],
  );
});

const SECTIONS = `
ENVCTL_BACKEND_START_CMD=b
ENVCTL_FRONTEND_START_CMD=f
MAIN_POSTGRES_ENABLE=true
# >>> envctl shared launch env >>>
APP=\${ENVCTL_SOURCE_PROJECT_NAME}
LEVEL=shared
# <<< envctl shared launch env <<<
# >>> envctl backend dependency env >>>
DATABASE_URL=\${ENVCTL_SOURCE_DATABASE_URL}
COPY=\${DATABASE_URL}
REDIS_URL=\${ENVCTL_SOURCE_REDIS_URL}
LEVEL=backend
# <<< envctl backend dependency env <<<
# >>> envctl main frontend launch env >>>
VITE_API=\${ENVCTL_SOURCE_BACKEND_URL}/v1
# <<< envctl main frontend launch env <<<
LEVEL=outside
`;

Deno.test("sections become variables of their services", () => {
  const { settings, faults, warnings } = read(SECTIONS);
  assertEquals(faults, []);
  assertEquals(settings.services.map(({ slug, env }) => [slug, env]), [
    ["backend", {
      APP: "${PROJECT_NAME}",
      LEVEL: "backend",
      DATABASE_URL: "${DATABASE_URL}",
      COPY: "${DATABASE_URL}",
    }],
    ["frontend", {
      APP: "${PROJECT_NAME}",
      LEVEL: "shared",
      VITE_API: "${SERVICE_BACKEND_URL}/v1",
    }],
  ]);
  assertEquals(warnings, [
    "/r/.envctl line 16: variables for main alone count in both modes here, " +
    "those for main first",
    "/r/.envctl line 12: REDIS_URL is left out, as nothing provides REDIS_URL",
  ]);
  assertEquals(settings.dependencies.map(({ id }) => id), ["postgres"]);
});

Deno.test("a saved default of the other tool switches nothing on", () => {
  const { settings, faults } = read(
    "# >>> envctl managed startup config >>>\nENVCTL_DEFAULT_MODE=main\n" +
      "ENVCTL_PUBLIC_HOST=localhost\n" +
      "# <<< envctl managed startup config <<<\n" +
      "# >>> envctl backend launch env >>>\n" +
      "REDIS_URL=${ENVCTL_SOURCE_REDIS_URL}\n" +
      "# <<< envctl backend launch env <<<\n",
  );
  assertEquals(faults, []);
  assertEquals([settings.services, settings.dependencies], [[], []]);
});

Deno.test.each([["main", "trees"], ["trees", "main"]])(
  "of two sections, %s before %s, that for main counts",
  (...order) => {
    const sections = order.slice(0, 2).map((mode) =>
      `# >>> envctl ${mode} backend launch env >>>\nA=${mode}\n` +
      `# <<< envctl ${mode} backend launch env <<<\n`
    );
    const shared = "# >>> envctl shared launch env >>>\nA=x\n# <<<\n";
    const { settings } = read(
      `ENVCTL_BACKEND_START_CMD=b\n${sections.join("")}${shared}A=outside\n`,
    );
    assertEquals(settings.services[0]?.env, { A: "main" });
  },
);
