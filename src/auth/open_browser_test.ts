import { assert, assertEquals } from "@std/assert";
import { HostError } from "../host/host.ts";
import { browserCommand, openBrowser } from "./open_browser.ts";
import { FakeWorld } from "#support/fake_host.ts";

const URL = "https://sync.example/oauth/authorize?state=x&code_challenge=y";

Deno.test.each(
  [
    { os: "linux", words: ["xdg-open", URL] },
    { os: "darwin", words: ["open", URL] },
    { os: "windows", words: ["rundll32", "url.dll,FileProtocolHandler", URL] },
  ] as const,
)("browserCommand() on $os: $words", ({ os, words }) => {
  const command = browserCommand({ os, home: "/home/ada", cwd: "/w" }, URL);
  assertEquals([command.executable, ...command.args], [...words]);
  assertEquals(command.cwd, "/home/ada");
});

Deno.test("browserCommand() keeps our token from the browser", () => {
  const env = { os: "linux", home: undefined, cwd: "/w" } as const;
  const command = browserCommand(env, URL);
  assertEquals(command.env, { "REEVE_TOKEN": "" });
  assertEquals(command.cwd, "/w");
});

Deno.test("openBrowser() says whether there is one", async () => {
  const world = new FakeWorld();
  assert(await openBrowser(world.host(), URL));
  assertEquals(world.commands.length, 1);
  world.onSpawn = ({ executable }) => new HostError("not_found", executable);
  assert(!await openBrowser(world.host(), URL));
});
