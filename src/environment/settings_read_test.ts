import { assertEquals } from "@std/assert";
import { API, PATH, read } from "#support/settings_text.ts";

Deno.test("readEnvironmentSettings() has a default for everything", () => {
  assertEquals(read(undefined), {
    settings: {
      defaultMode: "main",
      treesDirectory: "trees",
      worktrees: { plansDirectory: "plans", links: [], runsHooks: false },
      services: [],
      dependencies: [],
      publicHost: "localhost",
      inheritedEnv: [],
    },
    source: "default",
    origins: new Map(
      [
        "REEVE_DEPENDENCIES",
        "REEVE_DEFAULT_MODE",
        "REEVE_TREES_DIR",
        "REEVE_PLANS_DIR",
        "REEVE_WORKTREE_LINKS",
        "REEVE_WORKTREE_HOOKS",
        "REEVE_SERVICES",
        "REEVE_PUBLIC_HOST",
        "REEVE_INHERIT_ENV",
      ].map((name) => [name, { source: "default" as const, where: "default" }]),
    ),
    faults: [],
    warnings: [],
  });
});

Deno.test("readEnvironmentSettings() needs no more than a command", () => {
  const { settings, faults, source } = read(API);
  assertEquals(faults, []);
  assertEquals(source, "file");
  assertEquals(settings.services, [{
    slug: "api",
    displayName: "Api",
    command: ["deno", "task", "dev"],
    directory: ".",
    portBase: undefined,
    ready: { kind: "running" },
    dependsOn: ["dependencies"],
    env: {},
    timeoutMs: 60_000,
    graceMs: 5000,
    isCritical: true,
    onlyIfPath: undefined,
    modes: ["main", "trees"],
    healthUrl: undefined,
    publicUrl: undefined,
  }]);
});

Deno.test.each([
  { text: "nothing about it", line: "", is: ["dependencies"] },
  { text: "no value", line: "REEVE_SERVICE_API_DEPENDS_ON=", is: [] },
  {
    text: "all of them by name",
    line: "REEVE_SERVICE_API_DEPENDS_ON=dependencies",
    is: ["dependencies"],
  },
  {
    text: "one of them",
    line: "REEVE_SERVICE_API_DEPENDS_ON=redis",
    is: ["redis"],
  },
])("a service with $text needs $is", ({ is, line }) => {
  const text = `${API}\nREEVE_DEPENDENCIES=redis\n${line}\n`;
  const { faults, settings } = read(text);
  assertEquals([settings.services[0]?.dependsOn, faults], [is, []]);
});

Deno.test("readEnvironmentSettings() reads every key", () => {
  const { settings, faults, warnings } = read(`
export REEVE_DEFAULT_MODE=trees
REEVE_TREES_DIR=work/trees
REEVE_PLANS_DIR=todo/plans
REEVE_WORKTREE_LINKS=node_modules, web/.venv
REEVE_WORKTREE_HOOKS=inherit
REEVE_PUBLIC_HOST=dev.example
REEVE_INHERIT_ENV=GOPATH, CARGO_HOME
REEVE_SERVICES='api, job-runner'
REEVE_SERVICE_API_CMD="node \\"my server.js\\" --port {port}"
REEVE_SERVICE_API_DIR=services/api
REEVE_SERVICE_API_PORT=8000
REEVE_SERVICE_API_READY=http:/health
REEVE_SERVICE_API_READY_TIMEOUT=2m
REEVE_SERVICE_API_GRACE=500ms
REEVE_SERVICE_API_DEPENDS_ON=postgres,job-runner
REEVE_SERVICE_API_CRITICAL=no
REEVE_SERVICE_API_MODES=trees
REEVE_SERVICE_API_ONLY_IF_PATH=services/api
REEVE_SERVICE_API_HEALTH_URL=http://localhost:{port}/h
REEVE_SERVICE_API_PUBLIC_URL=http://localhost:{port}/
REEVE_SERVICE_API_DISPLAY_NAME='The API'
REEVE_SERVICE_API_ENV__DATABASE_URL='\${DATABASE_URL}'
REEVE_SERVICE_API_ENV__lower=' x '
REEVE_SERVICE_JOB_RUNNER_CMD=run
REEVE_SERVICE_JOB_RUNNER_READY='log:ready in \\d+ ms'
REEVE_DEPENDENCIES=redis,postgres
REEVE_DEPENDENCY_POSTGRES_MODE=external
REEVE_DEPENDENCY_POSTGRES_URL=postgres://db.example/x
REEVE_DEPENDENCY_REDIS_PORT=7000
REEVE_DEPENDENCY_REDIS_MODE=command
REEVE_DEPENDENCY_REDIS_CMD='redis-server --port {port}'
REEVE_DEPENDENCY_REDIS_SHARED=yes
REEVE_DEPENDENCY_REDIS_MODES=none
`);
  assertEquals([faults, warnings], [[], []]);
  assertEquals(settings.defaultMode, "trees");
  assertEquals(settings.treesDirectory, "work/trees");
  assertEquals(settings.worktrees, {
    plansDirectory: "todo/plans",
    links: ["node_modules", "web/.venv"],
    runsHooks: true,
  });
  assertEquals(settings.publicHost, "dev.example");
  assertEquals(settings.inheritedEnv, ["GOPATH", "CARGO_HOME"]);
  const [api, runner] = settings.services;
  assertEquals(api, {
    slug: "api",
    displayName: "The API",
    command: ["node", "my server.js", "--port", "{port}"],
    directory: "services/api",
    portBase: 8000,
    ready: { kind: "http", path: "/health" },
    dependsOn: ["postgres", "job-runner"],
    env: { DATABASE_URL: "${DATABASE_URL}", lower: " x " },
    timeoutMs: 120_000,
    graceMs: 500,
    isCritical: false,
    onlyIfPath: "services/api",
    modes: ["trees"],
    healthUrl: "http://localhost:{port}/h",
    publicUrl: "http://localhost:{port}/",
  });
  assertEquals(runner?.ready, { kind: "log", pattern: "ready in \\d+ ms" });
  assertEquals(settings.dependencies, [{
    id: "redis",
    mode: "command",
    ports: { primary: 7000 },
    url: undefined,
    command: ["redis-server", "--port", "{port}"],
    isShared: true,
    modes: [],
  }, {
    id: "postgres",
    mode: "external",
    ports: { primary: 5432 },
    url: "postgres://db.example/x",
    command: [],
    isShared: false,
    modes: ["main", "trees"],
  }]);
});

Deno.test.each([
  { port: "", ready: "", is: { kind: "running" } },
  { port: "1", ready: "", is: { kind: "listen" } },
  { port: "1", ready: "running", is: { kind: "running" } },
  { port: "1", ready: "listen", is: { kind: "listen" } },
  { port: "", ready: "exit", is: { kind: "exit" } },
])("a service with port $port and $ready is ready by $is", (row) => {
  const ready = row.ready === "" ? "" : `REEVE_SERVICE_API_READY=${row.ready}`;
  const { settings, faults } = read(
    `${API}REEVE_SERVICE_API_PORT=${row.port}\n${ready}`,
  );
  assertEquals(faults, []);
  assertEquals(settings.services[0]?.ready as unknown, row.is);
});

Deno.test("the environment wins over the file, and the file over legacy", () => {
  const file = `${API}REEVE_SERVICE_API_PORT=1\nREEVE_SERVICE_API_ENV__A=a\n`;
  const legacy = "ENVCTL_DEFAULT_MODE=trees\nENVCTL_PUBLIC_HOST=old\n";
  const { settings, origins, source } = read(file, {
    REEVE_SERVICE_API_PORT: "2",
    REEVE_SERVICE_API_ENV__A: "b",
    REEVE_PUBLIC_HOST: "new",
  }, legacy);
  assertEquals(settings.services[0]?.portBase, 2);
  assertEquals(settings.services[0]?.env, { A: "b" });
  assertEquals(settings.defaultMode, "main");
  assertEquals(source, "file");
  assertEquals(origins.get("REEVE_SERVICE_API_PORT")?.source, "env");
  assertEquals(origins.get("REEVE_SERVICE_API_CMD"), {
    source: "file",
    where: "/r/.reeve line 2",
    file: PATH,
    line: 2,
  });
  const other = read("REEVE_PROJECT_SLUG=x\n", {}, legacy);
  assertEquals(other.source, "legacy");
  assertEquals(other.settings.defaultMode, "trees");
  assertEquals(
    other.origins.get("REEVE_PUBLIC_HOST")?.where,
    "/r/.envctl line 2",
  );
});
