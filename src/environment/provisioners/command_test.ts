import { assert, assertEquals, assertMatch, assertThrows } from "@std/assert";
import { KnownError } from "../../errors.ts";
import { DEPENDENCIES } from "../dependency_registry.ts";
import { fillWord } from "./command.ts";
import { containerName } from "./container_labels.ts";
import { redisSettings } from "./native_redis.ts";

const CONTEXT = {
  definition: DEPENDENCIES.supabase,
  ports: { api: 54_001, db: 54_002 },
  dataDirectory: "/state/data",
  projectRoot: "/code/shop",
};

Deno.test.each(
  [
    ["--port={port}", "--port=54001"],
    ["{port:db}{port:api}", "5400254001"],
    ["{data_dir}/x", "/state/data/x"],
    ["{project_root}", "/code/shop"],
    ["{data_dir:x}", "{data_dir:x}"],
    ["{other} ${HOME} {}", "{other} ${HOME} {}"],
  ] as const,
)("%s becomes %s", (word, expected) => {
  assertEquals(fillWord(word, CONTEXT), expected);
});

Deno.test("a port of something else is refused", () => {
  const error = assertThrows(() => fillWord("{port:web}", CONTEXT), KnownError);
  assertMatch(error.message, /^\{port:web\} in the command of supabase/);
  assertEquals(error.hint, "It has api and db.");
});

Deno.test("the settings of Redis hold its password and every odd path", () => {
  const text = redisSettings({
    port: 7000,
    dataDirectory: '/a "b"\\c',
    password: "pw",
    isDurable: false,
  });
  assertEquals(text.split("\n"), [
    "port 7000",
    "bind 127.0.0.1",
    "daemonize no",
    'dir "/a \\"b\\"\\\\c"',
    "appendonly no",
    "set-proc-title no",
    "requirepass pw",
    "",
  ]);
});

Deno.test("projects that look alike have containers of their own", async () => {
  const name = (project: string) =>
    containerName("repo-0123456789ab", project, "redis");
  const names = await Promise.all(["feat/a", "feat-a", "Feat/a", "é", "…"]
    .map(name));
  assertEquals(new Set(names).size, 5);
  for (const each of [...names, await name("x".repeat(300))]) {
    assertMatch(each, /^reeve-0123456789ab-[a-z0-9-]+-redis$/);
    assert(each.length <= 63, each);
  }
  assertMatch(
    await name("feat/a"),
    /^reeve-0123456789ab-feat-a-[0-9a-f]{8}-redis$/,
  );
});
