import { assert, assertEquals } from "@std/assert";
import { readEnvironmentSettings } from "../environment/settings_read.ts";
import { settingsJson, settingsText } from "./environment_settings_text.ts";

const SECRET = "hunter2-of-the-test";

const FILE = `REEVE_SERVICES=api
REEVE_SERVICE_API_CMD=serve --port {port}
REEVE_SERVICE_API_PORT=8000
REEVE_SERVICE_API_ENV__TOKEN=${SECRET}
REEVE_DEPENDENCIES=redis
`;

function shown(text: string) {
  const read = readEnvironmentSettings({
    env: { get: () => undefined },
    file: { path: "/r/.reeve", text },
  });
  return { root: "/r", loaded: { ...read, notes: ["a seed was seen"] } };
}

Deno.test("settingsText() shows services, dependencies and where it is set", () => {
  const text = settingsText(shown(FILE), 120);
  for (
    const part of [
      /^api +8000 +listen .* serve --port \{port\}$/m,
      /^redis +auto /m,
      /^REEVE_SERVICES +file +\/r\/\.reeve line 1$/m,
      /^Seen: a seed was seen$/m,
    ]
  ) assert(part.test(text), `${part} in ${text}`);
});

Deno.test("settings are shown without the values of variables", () => {
  const all = settingsText(shown(FILE), 200) +
    JSON.stringify(settingsJson(shown(FILE)));
  assert(all.includes('"env_names":["TOKEN"]'), all);
  assert(!all.includes(SECRET), all);
});

Deno.test("settingsJson() says what is wrong", () => {
  const wrong = settingsJson(shown(FILE.replace("=8000", "=eight")));
  assert(!wrong["ok"]);
  assert(JSON.stringify(wrong["faults"]).includes("REEVE_SERVICE_API_PORT"));
  assertEquals(settingsJson(shown(FILE))["faults"], []);
});
