import { assert, assertEquals, assertMatch } from "@std/assert";
import { COMMANDS } from "./route_commands.ts";
import { gateFor } from "./route_gate.ts";
import { parseRoute } from "./route.ts";

const NEEDY = ["plan", "restart", "start"];

const rows = COMMANDS.flatMap(({ name }) =>
  [true, false].flatMap((hasSettings) =>
    [true, false].flatMap((isTerminal) =>
      ["", "--headless", "--json"].map((flag) => ({
        name,
        hasSettings,
        isTerminal,
        flag,
      }))
    )
  )
);

Deno.test.each(rows)(
  "gate of $name $flag, settings: $hasSettings, terminal: $isTerminal",
  ({ name, hasSettings, isTerminal, flag }) => {
    const route = parseRoute([name, flag].filter((word) => word !== ""), {});
    if (route.kind === "error") throw new Error(route.message);
    const mayAsk = isTerminal && flag === "";
    const expected = hasSettings || !NEEDY.includes(name)
      ? "go"
      : mayAsk
      ? "ask"
      : "error";
    const gate = gateFor(route, { hasSettings, isTerminal, found: [] });
    assertEquals(gate.kind, expected);
  },
);

Deno.test.each([
  { found: [], hint: /^At a terminal: reeve config\. / },
  { found: ["api", "web"], hint: /^Write down .*: reeve config init\./ },
])("a refusal that has found $found says how to go on", ({ found, hint }) => {
  const facts = { hasSettings: false, isTerminal: false, found };
  const gate = gateFor({ command: "start", headless: false }, facts);
  assert(gate.kind === "error");
  assert(gate.message.endsWith(found.join(", ")), gate.message);
  assertMatch(gate.hint, hint);
});
