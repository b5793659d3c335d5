import { assertEquals, assertMatch } from "@std/assert";
import { API, read } from "#support/settings_text.ts";

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
