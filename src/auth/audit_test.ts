import { assertEquals } from "@std/assert";
import { statePaths } from "../state/paths.ts";
import { appendAudit } from "./audit.ts";
import { FakeWorld } from "#support/fake_host.ts";

const paths = statePaths("/r");
const entry = {
  action: "login",
  method: "device",
  outcome: "signed_in",
  server: "https://sync.example",
  userId: "u1",
} as const;

Deno.test("appendAudit() writes a line with time, method and outcome", async () => {
  const world = new FakeWorld();
  const host = world.host({ pid: 4242 });
  await appendAudit(host, paths, entry);
  await appendAudit(host, paths, {
    ...entry,
    action: "logout",
    method: undefined,
    userId: undefined,
  });
  const lines = (world.disk.textOf(paths.authAudit) ?? "").trim().split("\n");
  assertEquals(lines.map((line) => JSON.parse(line)), [
    {
      "at": "2026-01-02T03:04:05.000Z",
      "action": "login",
      "method": "device",
      "outcome": "signed_in",
      "server": "https://sync.example",
      "user_id": "u1",
      "pid": 4242,
    },
    {
      "at": "2026-01-02T03:04:05.000Z",
      "action": "logout",
      "method": null,
      "outcome": "signed_in",
      "server": "https://sync.example",
      "user_id": null,
      "pid": 4242,
    },
  ]);
});

Deno.test("appendAudit() keeps nobody from anything", async () => {
  const world = new FakeWorld();
  world.failFiles(paths.authAudit, "read_only");
  await appendAudit(world.host(), paths, entry);
  assertEquals(world.disk.textOf(paths.authAudit), undefined);
});
