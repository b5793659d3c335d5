import { assert, assertEquals, assertMatch } from "@std/assert";
import { readEnvironmentSettings, settingsError } from "./settings_read.ts";

const PATH = "/r/.reeve";

function read(
  text: string | undefined,
  env?: Readonly<Record<string, string>>,
  legacy?: string,
) {
  return readEnvironmentSettings({
    env: { get: (name) => env?.[name] },
    file: text === undefined ? undefined : { path: PATH, text },
    legacy: legacy === undefined
      ? undefined
      : { path: "/r/.envctl", text: legacy },
  });
}

const API = "REEVE_SERVICES=api\nREEVE_SERVICE_API_CMD='deno task dev'\n";

function messagesOf(text: string, env: Readonly<Record<string, string>> = {}) {
  return read(text, env).faults.map(({ message }) => message);
}

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
    dependsOn: [],
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

Deno.test.each([
  {
    line: "REEVE_SERVICE_API_PORT=http",
    says: "it must be a whole number from 1 to 65535, or empty",
  },
  {
    line: "REEVE_SERVICE_API_PORT=65536",
    says: "it must be a whole number from 1 to 65535, or empty",
  },
  {
    line: "REEVE_SERVICE_API_DIR=../x",
    says: "it must be a directory below the root of the project",
  },
  {
    line: "REEVE_SERVICE_API_DIR=a/..",
    says: "it must be a directory below the root of the project",
  },
  {
    line: "REEVE_SERVICE_API_ONLY_IF_PATH=/etc",
    says: "it must be a path below the root of the project, or empty",
  },
  {
    line: "REEVE_SERVICE_API_READY=soon",
    says: "it must be listen, http:/path, log:pattern, exit or running",
  },
  {
    line: "REEVE_SERVICE_API_READY='log:['",
    says: "its pattern is no regular expression",
  },
  {
    line: "REEVE_SERVICE_API_READY=http:/x",
    says: "http needs a port: set REEVE_SERVICE_API_PORT",
  },
  {
    line: "REEVE_SERVICE_API_READY_TIMEOUT=30",
    says: "it must be a duration such as 30s, 5m or 1h, from 100ms to 1h",
  },
  {
    line: "REEVE_SERVICE_API_CRITICAL=perhaps",
    says: "it must be true or false",
  },
  {
    line: "REEVE_SERVICE_API_MODES=main,tree",
    says: "it must be a list of main and trees",
  },
  {
    line: "REEVE_SERVICE_API_HEALTH_URL=localhost/x",
    says: "it must be an http or https address, or empty",
  },
  {
    line: "REEVE_SERVICE_API_HEALTH_URL=http://localhost:{port}/",
    says: "{port} stands for a port that is not set",
  },
  {
    line: "REEVE_SERVICE_API_ENV__A={port:web}",
    says: "{port:web} stands for a port that is not set",
  },
  {
    line: "REEVE_SERVICE_API_DEPENDS_ON=api",
    says: "a service cannot wait for itself",
  },
  {
    line: "REEVE_SERVICE_API_DEPENDS_ON=redis",
    says: "nothing is called redis",
  },
  {
    line: "REEVE_SERVICE_API_ENV__A='${SERVICE_API_URL}'",
    says: "it names ${SERVICE_API_URL}, which nothing provides",
  },
  {
    line: "REEVE_SERVICE_API_ENV__A='${REDIS_URL}'",
    says: "it names ${REDIS_URL}, which nothing provides; " +
      "REEVE_DEPENDENCIES does not list redis",
  },
  {
    line: "REEVE_SERVICE_API_ENV__A='${PROJECT_NAM}'",
    says: "it names ${PROJECT_NAM}, which nothing provides " +
      "(did you mean PROJECT_NAME?)",
  },
  {
    line: "REEVE_SERVICE_API_ENV__REEVE_UNIT=x",
    says: "variables that start with REEVE_ are reserved",
  },
  {
    line: "REEVE_SERVICE_API_ENV__1=x",
    says: "it must end with the name of a variable",
  },
  ...["../x", "/x", ".", "a/../b", "a,../b", "a ./b"].map((path) => ({
    line: `REEVE_WORKTREE_LINKS='${path}'`,
    says: "it must be paths below the root of the repository with commas " +
      "between, or empty",
  })),
  {
    line: "REEVE_WORKTREE_HOOKS=yes",
    says: "it must be off or inherit",
  },
  {
    line: "REEVE_TREES_DIR=.",
    says: "it must be a directory below the root of the repository",
  },
  { line: "REEVE_DEFAULT_MODE=tree", says: "it must be main or trees" },
  {
    line: "REEVE_DEPENDENCIES=mysql",
    says: "it must be a list of n8n, postgres, redis and supabase",
  },
])("$line is one fault and drops nothing", ({ line, says }) => {
  const { faults, settings } = read(`# c\n${API}${line}\n`);
  const name = line.split("=")[0] ?? "";
  assertEquals(
    faults.map(({ key, message, file, line }) => ({
      key,
      message,
      file,
      line,
    })),
    [{
      key: name,
      message: `Cannot use ${name} in /r/.reeve line 4: ${says}`,
      file: PATH,
      line: 4,
    }],
  );
  assertEquals(settings.services.map(({ slug }) => slug), ["api"]);
  assertEquals(settings.services[0]?.command, ["deno", "task", "dev"]);
});

Deno.test.each([
  {
    name: "a missing command",
    text: "REEVE_SERVICES=api,web\nREEVE_SERVICE_WEB_CMD=x\n",
    says: "Cannot use REEVE_SERVICE_API_CMD: service api needs a command",
  },
  {
    name: "a command for a shell",
    text: "REEVE_SERVICES=api\nREEVE_SERVICE_API_CMD='a && b'\n",
    says: "Cannot use REEVE_SERVICE_API_CMD in /r/.reeve line 2: " +
      "&& needs a shell: write sh -c '…'",
  },
  {
    name: "a service that is not listed",
    text: "REEVE_SERVICE_API_CMD=x\n",
    says: "Cannot use REEVE_SERVICE_API_CMD in /r/.reeve line 1: " +
      "REEVE_SERVICES is not set, so there is no such service",
  },
  {
    name: "a reserved name",
    text: "REEVE_SERVICES=all\nREEVE_SERVICE_ALL_CMD=x\n",
    says: "Cannot use REEVE_SERVICES in /r/.reeve line 1: " +
      "all means something else; rename it",
  },
  {
    name: "a contradiction",
    text: `REEVE_DEFAULT_MODE=main\nREEVE_DEFAULT_MODE=trees\n`,
    says: "Cannot use REEVE_DEFAULT_MODE in /r/.reeve line 1: " +
      "it is something else in line 2",
  },
  {
    name: "a line without an equals sign",
    text: `${API}REEVE_SERVICE_API_PORT: 1\n`,
    says: "Cannot use /r/.reeve line 3: it is not NAME=value",
  },
  {
    name: "a merge conflict",
    text: `${API}<<<<<<< ours\n`,
    says: "Cannot use /r/.reeve line 3: it is a merge conflict",
  },
  {
    name: "an external dependency without address",
    text: "REEVE_DEPENDENCIES=redis\nREEVE_DEPENDENCY_REDIS_MODE=external\n",
    says: "Cannot use REEVE_DEPENDENCY_REDIS_URL: " +
      "an external redis needs an address",
  },
  {
    name: "an address of something else",
    text: "REEVE_DEPENDENCIES=redis\nREEVE_DEPENDENCY_REDIS_URL=http://x\n",
    says: "Cannot use REEVE_DEPENDENCY_REDIS_URL in /r/.reeve line 2: " +
      "it must be an address of redis",
  },
  {
    name: "a dependency without its command",
    text: "REEVE_DEPENDENCIES=redis\nREEVE_DEPENDENCY_REDIS_MODE=command\n",
    says: "Cannot use REEVE_DEPENDENCY_REDIS_CMD: " +
      "redis of the mode command needs a command",
  },
  {
    name: "two databases",
    text: "REEVE_DEPENDENCIES=postgres,supabase\n" +
      "REEVE_DEPENDENCY_POSTGRES_MODES=trees\n",
    says: "Cannot use REEVE_DEPENDENCY_SUPABASE_MODES: " +
      "postgres and supabase are both on in trees",
  },
  {
    name: "a circle",
    text: "REEVE_SERVICES=a,b,c,d\n" + ["a-b", "b-c", "c-b", "d-a"].map(
      (pair) => {
        const [from = "", to] = pair.toUpperCase().split("-");
        return `REEVE_SERVICE_${from}_CMD=x\n` +
          `REEVE_SERVICE_${from}_DEPENDS_ON=${to?.toLowerCase()}\n`;
      },
    ).join(""),
    says: "Cannot use REEVE_SERVICE_B_DEPENDS_ON in /r/.reeve line 5: " +
      "services wait in a circle: b → c → b",
  },
])("$name is a fault", ({ text, says }) => {
  assertEquals(messagesOf(text), [says]);
});

Deno.test("a circle that no mode has is none", () => {
  assertEquals(
    messagesOf(
      "REEVE_SERVICES=a,b\nREEVE_SERVICE_A_CMD=x\nREEVE_SERVICE_B_CMD=x\n" +
        "REEVE_SERVICE_A_DEPENDS_ON=b\nREEVE_SERVICE_B_DEPENDS_ON=a\n" +
        "REEVE_SERVICE_A_MODES=main\nREEVE_SERVICE_B_MODES=trees\n",
    ),
    [],
  );
});

Deno.test("a wrong variable is a fault that names the environment", () => {
  assertEquals(messagesOf(API, { REEVE_SERVICE_API_GRACE: "soon" }), [
    "Cannot use REEVE_SERVICE_API_GRACE in the environment: it must be " +
    "a duration such as 30s, 5m or 1h, from 0 to 10m",
  ]);
});

Deno.test("no fault holds a byte of a value", () => {
  const text = "REEVE_SERVICES=api\nREEVE_SERVICE_API_CMD='hunter2 | x'\n" +
    "REEVE_SERVICE_API_PORT=hunter2\nREEVE_SERVICE_API_READY='log:[hunter2'\n" +
    "REEVE_DEPENDENCIES=redis\nREEVE_DEPENDENCY_REDIS_URL=x://hunter2@y\n";
  const { faults } = read(text);
  assertEquals(faults.length, 4);
  assert(!JSON.stringify(faults).includes("hunter2"));
});

Deno.test.each([
  {
    line: "REEVE_SERVICE_API_PROT=1",
    says: '/r/.reeve line 3: "REEVE_SERVICE_API_PROT" is unknown ' +
      "(did you mean REEVE_SERVICE_API_PORT?)",
  },
  {
    line: "reeve_default_mode=main",
    says: '/r/.reeve line 3: "reeve_default_mode" is unknown ' +
      "(did you mean REEVE_DEFAULT_MODE?)",
  },
  {
    line: "REEVE_SERVICE_SOMETHING_ELSE_CMD=x",
    says: '/r/.reeve line 3: "REEVE_SERVICE_SOMETHING_ELSE_CMD" is unknown; ' +
      "REEVE_SERVICES lists no such service, or services have no such key",
  },
  {
    line: "REEVE_QUEUE_TENNANT=x",
    says: '/r/.reeve line 3: "REEVE_QUEUE_TENNANT" is unknown ' +
      "(did you mean REEVE_QUEUE_TENANT?)",
  },
])("$line is a warning", ({ line, says }) => {
  const { faults, warnings } = read(`${API}${line}\n`);
  assertEquals([faults, warnings], [[], [says]]);
});

Deno.test.each([
  "REEVE_PROJECT_ID=x",
  "REEVE_SYNC_ODD=x",
  "REEVE_QUEUE_TENANT=x",
  "REEVE_DEPENDENCY_POSTGRES_PORT=1",
  "REEVE_SERVICE_API_ENV__ANY=1",
  "OTHER=x",
  "odd line",
])("%s is none of our warnings", (line) => {
  const { faults, warnings } = read(`${API}${line}\n`);
  assertEquals([faults, warnings], [[], []]);
});

Deno.test("a password in the file is a warning, but not in the environment", () => {
  const url = "postgres://u:secret@h/d";
  const name = "REEVE_DEPENDENCY_POSTGRES_URL";
  const on = "REEVE_DEPENDENCIES=postgres\n";
  const { warnings, faults } = read(`${on}${name}=${url}\n`);
  assertEquals(faults, []);
  assertEquals(warnings.length, 1);
  assertMatch(warnings[0] ?? "", /^\/r\/\.reeve line 2: .* has a password/);
  assertEquals(read(on, { [name]: url }).warnings, []);
  const query = `${on}${name}=postgres://h/d?sslpassword=x`;
  assertEquals(read(query).warnings.length, 1);
  const plain = `${on}${name}=postgres://h/d?sslmode=disable`;
  assertEquals(read(plain).warnings, []);
});

Deno.test("two services that want one port are a warning", () => {
  const { warnings, faults } = read(
    "REEVE_SERVICES=a,b\nREEVE_SERVICE_A_CMD=x\nREEVE_SERVICE_B_CMD=x\n" +
      "REEVE_SERVICE_A_PORT=80\nREEVE_SERVICE_B_PORT=80\n",
  );
  assertEquals(faults, []);
  assertEquals(warnings, ["a and b both want port 80; one gets another"]);
});

Deno.test("settingsError() names the first fault and counts the others", () => {
  const one = read("REEVE_DEFAULT_MODE=x\n");
  assertEquals(settingsError(one)?.code, "usage");
  assertEquals(
    settingsError(one)?.hint,
    "Correct the line, or take it out to use the default.",
  );
  const three = read(
    "REEVE_DEFAULT_MODE=x\nREEVE_TREES_DIR=/\nREEVE_SERVICES=A\n",
  );
  assertMatch(settingsError(three)?.hint ?? "", /There are 2 more; see/);
  assertEquals(settingsError(read(API)), undefined);
});
