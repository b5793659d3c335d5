import { assert, assertEquals, assertRejects } from "@std/assert";
import { FakeWorld } from "#support/fake_host.ts";
import { reserve, ROOT } from "#support/port_claims.ts";
import { KnownError } from "../errors.ts";
import { portLedgerPaths } from "../state/environment_paths.ts";
import { viewPorts } from "./port_ledger.ts";

const LEDGER = portLedgerPaths(ROOT).ledger;

Deno.test.each([
  { text: "" },
  { text: "{}" },
  {
    text:
      '{"schema":"port_ledger","schema_version":1,"slots":[],"entries":[{}]}',
  },
  { text: "\0" },
])("a damaged ledger is put aside: $text", async ({ text }) => {
  const world = new FakeWorld();
  world.disk.putDirectory("/home/ada/.reeve/environments", 0o700);
  world.disk.put(LEDGER, text);
  const view = await viewPorts(world.host(), ROOT);
  assert(view.problem?.startsWith(LEDGER));
  assertEquals(await reserve(world.host()), [8000, 3000]);
  const aside = Object.keys(world.disk.texts()).find((path) =>
    path.startsWith(`${LEDGER}.damaged-`)
  );
  assertEquals(world.disk.textOf(aside ?? ""), text);
});

Deno.test("a ledger of a newer reeve is left alone", async () => {
  const world = new FakeWorld();
  const text = '{"schema":"port_ledger","schema_version":2}';
  world.disk.putDirectory("/home/ada/.reeve/environments", 0o700);
  world.disk.put(LEDGER, text);
  const error = await assertRejects(() => reserve(world.host()), KnownError);
  assertEquals([error.code, world.disk.textOf(LEDGER)], ["newer_file", text]);
});
