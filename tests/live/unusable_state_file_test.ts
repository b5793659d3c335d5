/** A state file that cannot be used costs nobody their daemon. */

import { assert, assertEquals, assertStringIncludes } from "@std/assert";
import { reeve } from "#support/cli.ts";
import { startCurrent, startDaemon } from "#support/population.ts";
import {
  findDaemonsBelow,
  makeSandbox,
  type Sandbox,
} from "#support/sandbox.ts";

function statePath(sandbox: Sandbox): string {
  return `${sandbox.root}/sync-daemon`;
}

/** State files that name no daemon in full. */
function unusableTexts(
  { pid, port, token }: { pid: number; port: number; token: string },
): Readonly<Record<string, string | Uint8Array<ArrayBuffer>>> {
  const url = `http://127.0.0.1:${port}`;
  return {
    "without a pid": `${url}\n${port}\n${token}\n`,
    "without a token": `${url}\n${port}\n${pid}\n`,
    "without pid and token": `${url}\n${port}\n`,
    "without a port": `${url}\n`,
    "with a port that is none": `${url}\nport\n${token}\n${pid}\n`,
    "with blank lines": `\n\n${url}\n\n${port}\n\n${token}\n\n`,
    "with another address": `http://example.com\n${port}\n${token}\n${pid}\n`,
    "empty": "",
    "of blanks": "\n \n",
    "binary": new Uint8Array([0, 255, 254, 10, 13, 27, 91, 50, 74]),
    "far too long": "x\n".repeat(4000),
    "with the launcher's pid": `${url}\n${port}\n${token}\n${Deno.pid}\n`,
  };
}

async function readToken(sandbox: Sandbox): Promise<string> {
  const lines = (await Deno.readTextFile(statePath(sandbox))).split("\n");
  return lines[2] ?? "";
}

async function write(sandbox: Sandbox, content: string | Uint8Array) {
  const bytes = typeof content === "string"
    ? new TextEncoder().encode(content)
    : content;
  await Deno.writeFile(statePath(sandbox), bytes, { mode: 0o600 });
}

Deno.test("daemon start takes the live daemon back from any unusable state file", async () => {
  await using sandbox = await makeSandbox();
  const current = await startCurrent(sandbox);
  const token = await readToken(sandbox);
  const texts = unusableTexts({ ...current, token });
  for (const [what, text] of Object.entries(texts)) {
    await write(sandbox, text);
    const start = await reeve(sandbox, ["daemon", "start", "--json"]);
    assertEquals(start.code, 0, what);
    assertEquals(start.json.action, "adopted", what);
    assertEquals(start.json.pid, current.pid, what);
    const alive = await findDaemonsBelow(sandbox.directory);
    assertEquals(alive, [current.pid], what);
  }
});

Deno.test("stop, status and reset never kill a daemon over an unusable state file", async () => {
  await using sandbox = await makeSandbox();
  const current = await startCurrent(sandbox);
  const token = await readToken(sandbox);
  const texts = unusableTexts({ ...current, token });
  for (const [what, text] of Object.entries(texts)) {
    await write(sandbox, text);
    const status = await reeve(sandbox, ["daemon", "status"]);
    assertEquals(status.code, 1, what);
    assertStringIncludes(status.stdout, "The daemon is not running: ", what);
    // Port and pid are enough to prove the daemon that a person stops.
    if (what === "without a token") continue;
    const stop = await reeve(sandbox, ["daemon", "stop"]);
    assertEquals(stop.code, 0, what);
    assertStringIncludes(stop.stdout, "The state file was cleared", what);
    const alive = await findDaemonsBelow(sandbox.directory);
    assertEquals(alive, [current.pid], what);
  }
  const journal = await reeve(sandbox, ["daemon", "journal", "--json"]);
  assertEquals(journal.json.entries, []);
});

Deno.test("daemon stop stops a healthy daemon whose state file lost the token", async () => {
  await using sandbox = await makeSandbox();
  const { pid, port } = await startCurrent(sandbox);
  await write(sandbox, `http://127.0.0.1:${port}\n${port}\n${pid}\n`);
  const { code, stdout } = await reeve(sandbox, ["daemon", "stop"]);
  assertEquals(code, 0);
  assertStringIncludes(stdout, `The daemon was stopped: pid ${pid}`);
  // It was healthy all the time: nobody had asked it anything.
  assert(!stdout.includes("not answered"), stdout);
  assertEquals(await findDaemonsBelow(sandbox.directory), []);
});

Deno.test("auth doctor --reset keeps a daemon that the state file names in part", async () => {
  await using sandbox = await makeSandbox();
  const current = await startCurrent(sandbox);
  const token = await readToken(sandbox);
  const texts = unusableTexts({ ...current, token });
  const inPart = [
    "without a pid",
    "without a token",
    "without pid and token",
    "with blank lines",
    "with the launcher's pid",
  ];
  for (const what of inPart) {
    await write(sandbox, texts[what] ?? "");
    const args = ["auth", "doctor", "--reset", "--json"];
    const { code, json } = await reeve(sandbox, args);
    assertEquals(code, 0, what);
    assertEquals(json.reset_result.swept, [], what);
    const alive = await findDaemonsBelow(sandbox.directory);
    assertEquals(alive, [current.pid], what);
  }
});

Deno.test("auth doctor --reset sweeps no daemon while the state file is unreadable", async () => {
  await using sandbox = await makeSandbox();
  const current = await startCurrent(sandbox);
  for (const text of ["", "garbage\n", "x\n".repeat(4000)]) {
    await write(sandbox, text);
    const args = ["auth", "doctor", "--reset", "--json"];
    const { code, json } = await reeve(sandbox, args);
    assertEquals(code, 0);
    assertEquals(json.reset_result.swept, []);
    const alive = await findDaemonsBelow(sandbox.directory);
    assertEquals(alive, [current.pid]);
  }
});

Deno.test("a directory in place of the state file is named in the message", async () => {
  await using sandbox = await makeSandbox();
  await using stack = new AsyncDisposableStack();
  const daemon = stack.use(await startDaemon(sandbox));
  await Deno.mkdir(`${statePath(sandbox)}/inside`, { recursive: true });
  for (const command of ["start", "stop", "restart"]) {
    const { code, stderr } = await reeve(sandbox, ["daemon", command]);
    assertEquals(code, 1, command);
    assertStringIncludes(stderr, statePath(sandbox), command);
    assert(daemon.isAlive(), command);
  }
  const doctor = await reeve(sandbox, ["auth", "doctor", "--json"]);
  assertEquals(doctor.code, 0);
  assertStringIncludes(doctor.json.daemon.problem, "directory");
  assertEquals(await findDaemonsBelow(sandbox.directory), [daemon.pid]);
});

Deno.test({
  name: "a state file that may not be read is named in the message",
  ignore: Deno.build.os === "windows" || Deno.uid() === 0,
  async fn() {
    await using sandbox = await makeSandbox();
    const current = await startCurrent(sandbox);
    await Deno.chmod(statePath(sandbox), 0o000);
    const status = await reeve(sandbox, ["daemon", "status"]);
    assertEquals(status.code, 1);
    assertStringIncludes(status.stdout, "permission denied");
    const start = await reeve(sandbox, ["daemon", "start", "--json"]);
    assertEquals(start.code, 0);
    assertEquals(start.json.pid, current.pid);
  },
});

Deno.test("a state file of another root neither ends nor takes its daemon", async () => {
  await using sandbox = await makeSandbox();
  const elsewhere = `${sandbox.directory}/other`;
  const other = await startCurrent(sandbox, { REEVE_HOME: elsewhere });
  await Deno.copyFile(`${elsewhere}/sync-daemon`, statePath(sandbox));
  const stop = await reeve(sandbox, ["daemon", "stop", "--json"]);
  assertEquals(stop.code, 0);
  assertEquals(stop.json.status, "cleared");
  await Deno.copyFile(`${elsewhere}/sync-daemon`, statePath(sandbox));
  const start = await reeve(sandbox, ["daemon", "start", "--json"]);
  assertEquals(start.code, 0);
  assertEquals(start.json.action, "started");
  assert(start.json.pid !== other.pid);
  const alive = await findDaemonsBelow(sandbox.directory);
  assertEquals(alive.toSorted(), [other.pid, start.json.pid].toSorted());
});
