import { assert, assertEquals, assertStringIncludes } from "@std/assert";
import { type CliResult, reeve, reeveCommand } from "#support/cli.ts";
import { startReceiver } from "#support/receiver.ts";
import { makeSandbox, type Sandbox } from "#support/sandbox.ts";
import { waitUntil } from "#support/wait_until.ts";
import { makeEvents, send, statuses } from "./receiver_client.ts";

interface Running extends AsyncDisposable {
  readonly url: string;
  /** The one document of `--json`, or the text. */
  readonly said: () => string;
  readonly end: (signal: Deno.Signal) => Promise<number>;
}

async function serve(
  sandbox: Sandbox,
  args: readonly string[],
): Promise<Running> {
  const child = new Deno.Command(Deno.execPath(), {
    args: reeveCommand(["server", "run", "--port", "0", ...args]),
    env: { ...sandbox.env },
    cwd: sandbox.directory,
    stdin: "null",
    stdout: "piped",
    stderr: "inherit",
  }).spawn();
  let text = "";
  const reading = (async () => {
    for await (const chunk of child.stdout) {
      text += new TextDecoder().decode(chunk);
    }
  })();
  const find = () => /http:\/\/127\.0\.0\.1:\d+/.exec(text)?.[0];
  await waitUntil(
    "the server is ready",
    () => find() !== undefined && text.endsWith("\n"),
    20_000,
  );
  const end = async (signal: Deno.Signal) => {
    child.kill(signal);
    await reading;
    return (await child.status).code;
  };
  return {
    url: find() ?? "",
    said: () => text,
    end,
    async [Symbol.asyncDispose]() {
      try {
        child.kill("SIGKILL");
      } catch (error) {
        // It has ended already.
        if (!(error instanceof TypeError)) throw error;
      }
      await reading;
      await child.status;
    },
  };
}

/** Runs `reeve server check` with something on standard input. */
async function check(
  sandbox: Sandbox,
  args: readonly string[],
  input: string,
): Promise<CliResult> {
  const child = new Deno.Command(Deno.execPath(), {
    args: reeveCommand(["server", "check", ...args]),
    env: { ...sandbox.env },
    stdin: "piped",
    stdout: "piped",
    stderr: "piped",
  }).spawn();
  const writer = child.stdin.getWriter();
  await writer.write(new TextEncoder().encode(input));
  await writer.close();
  const { code, stdout, stderr } = await child.output();
  const [out, err] = [stdout, stderr].map((bytes) =>
    new TextDecoder().decode(bytes)
  );
  return {
    code,
    stdout: out ?? "",
    stderr: err ?? "",
    get json() {
      return JSON.parse(out ?? "");
    },
  };
}

Deno.test("reeve server run serves, keeps events and ends in order", async () => {
  await using sandbox = await makeSandbox();
  const events = makeEvents(3);
  const session = { token: "ci", workspace: "acme" };
  const args = ["--token", "ci", "--workspace", "acme", "--workspace", "b"];
  {
    await using server = await serve(sandbox, [...args, "--json"]);
    const { port, data, ...rest } = JSON.parse(server.said());
    assertEquals(rest, {
      schema: "server_run",
      "schema_version": 1,
      url: `http://127.0.0.1:${port}`,
    });
    assertEquals(data, `${sandbox.root}/server.db`);
    const answer = await send({ ...session, url: server.url }, events);
    assertEquals(statuses(answer), ["success", "success", "success"]);
    assertEquals(await server.end("SIGTERM"), 0);
  }
  {
    await using server = await serve(sandbox, args);
    const answer = await send({ ...session, url: server.url }, events);
    assertEquals(statuses(answer), ["duplicate", "duplicate", "duplicate"]);
    assertStringIncludes(server.said(), "stop with Ctrl-C");
    assertStringIncludes(server.said(), "Sign in as ada with one click");
    for (const line of server.said().split("\n")) {
      const isPath = line.includes(sandbox.directory);
      assert(line.length <= 80 || isPath, line);
    }
    assertEquals(await server.end("SIGINT"), 0);
  }
});

Deno.test("reeve server run finishes what is in progress", async () => {
  await using sandbox = await makeSandbox();
  const args = ["--token", "ci", "--fault", "slow=60000:1"];
  await using server = await serve(sandbox, args);
  const session = { token: "ci", workspace: "ada-private", url: server.url };
  const both = [send(session, makeEvents(1)), send(session, makeEvents(1))];
  // One of them is slow, so an answer says that it has arrived.
  await Promise.race(both);
  assertEquals(await server.end("SIGTERM"), 0);
  assertEquals((await Promise.all(both)).flatMap(statuses), [
    "success",
    "success",
  ]);
});

Deno.test.each([
  { words: "--fault slwo", says: "Did you mean slow?" },
  { words: "--fault max-events", says: "write max-events=NUMBER" },
  { words: "--port 70000", says: "a port is 0 to 65535" },
  { words: "--user a/b", says: "a name has" },
  { words: "--workspace A_B", says: "a slug has" },
  { words: "--access-seconds 0", says: "longer than nothing" },
])("reeve server run $words is wrong usage: $says", async ({ words, says }) => {
  await using sandbox = await makeSandbox();
  const result = await reeve(sandbox, ["server", "run", ...words.split(" ")]);
  assertEquals([result.code, result.stdout], [64, ""]);
  assertStringIncludes(result.stderr, says);
});

Deno.test("reeve server run names a port that is taken", async () => {
  await using sandbox = await makeSandbox();
  await using started = await startReceiver();
  const args = ["server", "run", "--port", String(started.port)];
  const { code, stderr } = await reeve(sandbox, args);
  assertEquals(code, 1);
  assertStringIncludes(stderr, `Cannot serve on port ${started.port}`);
});

Deno.test("reeve server check takes a token from standard input", async () => {
  await using sandbox = await makeSandbox();
  await using started = await startReceiver();
  const args = [`${started.url}/`, "--token", "-"];
  const good = await check(sandbox, args, `${started.token}\n`);
  assertEquals([good.code, good.stderr], [0, ""]);
  assertStringIncludes(good.stdout, "keeps the protocol");
  for (const line of good.stdout.split("\n")) assert(line.length <= 80, line);
  const wrong = await check(sandbox, args, "wrong\n");
  assertEquals(wrong.code, 4);
  assertStringIncludes(wrong.stderr, "does not accept the token");
  const none = await check(sandbox, args, "");
  assertEquals(none.code, 4);
});

Deno.test("reeve server check takes a token from the environment", async () => {
  await using sandbox = await makeSandbox();
  await using started = await startReceiver({
    workspaces: ["one", "two"],
    faults: ["duplicate-results"],
  });
  const args = ["server", "check", started.url, "--workspace", "two", "--json"];
  const env = { "REEVE_TOKEN": started.token };
  const { code, json } = await reeve(sandbox, args, env);
  assertEquals(code, 1);
  const { schema, url, workspace, failed, checks } = json;
  assertEquals([schema, url, workspace, failed], [
    "server_check",
    started.url,
    "two",
    1,
  ]);
  const bad = checks.filter((one: Record<string, string>) =>
    one["verdict"] === "fail"
  );
  assertEquals(bad, [{
    id: "one_result_each",
    title: "Each event has one result",
    verdict: "fail",
    detail: "14 results for 7 events",
  }]);
});

Deno.test.each([
  { args: "http://127.0.0.1:9/", code: 3, says: "Cannot reach" },
  { args: "http://example.com", code: 64, says: "not an address" },
  { args: "ftp://127.0.0.1", code: 64, says: "not an address" },
  {
    args: "http://127.0.0.1:9 --token secret",
    code: 64,
    says: "every list of processes shows it",
  },
])("reeve server check $args ends with $code", async (row) => {
  await using sandbox = await makeSandbox();
  const args = ["server", "check", ...row.args.split(" ")];
  const { code, stdout, stderr } = await reeve(sandbox, args);
  assertEquals([code, stdout], [row.code, ""]);
  assertStringIncludes(stderr, row.says);
  assert(!stderr.includes("secret"));
});
