import { assertEquals } from "@std/assert";
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
    assertEquals(gateFor(route, { hasSettings, isTerminal }).kind, expected);
  },
);
