import { assert, assertEquals, assertMatch } from "@std/assert";
import { API, messagesOf, PATH, read } from "#support/settings_text.ts";
import { settingsError } from "./settings_read.ts";

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
    line: "REEVE_SERVICE_API_DEPENDS_ON=dependencies,redis",
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
