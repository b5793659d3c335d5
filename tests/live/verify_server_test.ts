import { assertEquals, assertStringIncludes } from "@std/assert";
import { reeve } from "#support/cli.ts";
import { startReceiver } from "#support/receiver.ts";
import { makeSandbox } from "#support/sandbox.ts";

Deno.test("sync verify compares the queue with its server", async () => {
  await using sandbox = await makeSandbox();
  await using server = await startReceiver();
  const cwd = `${sandbox.directory}/project`;
  await Deno.mkdir(`${cwd}/.git`, { recursive: true });
  const env = {
    REEVE_SERVER_URL: server.url,
    REEVE_TOKEN: server.token,
  };
  const run = (...args: string[]) => reeve(sandbox, args, env, { cwd });
  await run("config", "set", "sync.workspace", server.workspace);
  assertEquals((await run("sync", "optin")).code, 0);
  for (const text of ["one", "two"]) {
    await run("event", "emit", "NoteRecorded", "--text", text);
  }
  assertEquals((await run("sync", "now")).code, 0);
  const sound = await run("sync", "verify", "--json");
  assertEquals([sound.code, sound.json.ok, sound.json.comparison], [
    0,
    true,
    "compared",
  ]);
  const queue = await findQueue(sandbox.root);
  const { DatabaseSync } = await import("node:sqlite");
  const db = new DatabaseSync(queue);
  // A server that forgets, or a queue that claims too much, looks like this.
  db.exec(
    "UPDATE events SET event_id = '01' || substr(event_id, 3, 23) || 'Z'",
  );
  db.close();
  const broken = await run("sync", "verify");
  assertEquals(broken.code, 1);
  assertStringIncludes(broken.stdout, "do not hold");
});

Deno.test("sync verify says so when the server cannot be asked", async () => {
  await using sandbox = await makeSandbox();
  const cwd = `${sandbox.directory}/project`;
  await Deno.mkdir(`${cwd}/.git`, { recursive: true });
  const port = sandbox.firstPort;
  const env = {
    REEVE_SERVER_URL: `http://127.0.0.1:${port}`,
    REEVE_TOKEN: "token-of-a-test",
  };
  const run = (...args: string[]) => reeve(sandbox, args, env, { cwd });
  await run("config", "set", "sync.workspace", "acme");
  await run("sync", "optin");
  await run("event", "emit", "NoteRecorded", "--text", "one");
  const silent = await run("sync", "verify", "--json");
  assertEquals([silent.code, silent.json.ok, silent.json.comparison], [
    3,
    true,
    "silent",
  ]);
  const offline = await run("sync", "verify", "--offline", "--json");
  assertEquals([offline.code, offline.json.comparison], [0, "skipped"]);
  const nothing = await run("sync", "salvage");
  assertEquals(nothing.code, 0);
  assertStringIncludes(nothing.stdout, "No queue of this project");
});

async function findQueue(root: string): Promise<string> {
  for await (const { name } of Deno.readDir(`${root}/projects`)) {
    const path = `${root}/projects/${name}/queue.db`;
    if (await Deno.stat(path).then(() => true, () => false)) return path;
  }
  throw new Error("There is no queue");
}
