import { assertEquals } from "@std/assert";
import { type SettingsEnv, stackLayers } from "./settings_layers.ts";

const NAME = "REEVE_SERVICE_API_PORT";

function envOf(names: readonly string[] | undefined) {
  const asked: string[] = [];
  const get = (name: string) => {
    asked.push(name);
    return "8000";
  };
  const env: SettingsEnv = names === undefined ? { get } : { get, names };
  return { env, asked };
}

Deno.test.each([
  { text: "names the key", names: ["HOME", NAME], isAsked: true },
  {
    text: "names it in lower case, as Windows may",
    names: [NAME.toLowerCase()],
    isAsked: true,
  },
  { text: "does not list its names", names: undefined, isAsked: true },
  { text: "names other keys only", names: ["HOME"], isAsked: false },
])("an environment that $text is asked: $isAsked", ({ names, isAsked }) => {
  const { env, asked } = envOf(names);
  const stated = stackLayers(env, []).find(NAME);
  assertEquals(stated?.text, isAsked ? "8000" : undefined);
  assertEquals(asked, isAsked ? [NAME] : []);
});
