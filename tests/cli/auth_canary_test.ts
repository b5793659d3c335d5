/**
 * No token is ever shown or stored anywhere but in the one file for it: every
 * sign-in command runs with tokens that a search would find, against a server
 * that repeats every secret it is told.
 */

import { assert, assertEquals } from "@std/assert";
import { REEVE, reeve, reeveCommand } from "#support/cli.ts";
import { makeSandbox, type Sandbox } from "#support/sandbox.ts";

const CANARY = /canary/i;
const TOKENS = {
  "access_token": "canary-access",
  "token_type": "Bearer",
  "expires_in": 3600,
  "refresh_token": "canary-refresh",
  "session_id": "s1",
};
const DEVICE = {
  "device_code": "canary-device",
  "user_code": "ABCD-EFGH",
  "verification_uri": "https://sync.example/device",
  "expires_in": 60,
  "interval": 1,
};
const PROFILE = {
  "user_id": "u1",
  "email": "ada@example.com",
  "name": "Ada",
  "workspaces": [{ "id": "w1", "slug": "acme" }],
};

/** What the server does at a path; everything else is repeated as an error. */
type Answers = Readonly<Record<string, unknown>>;

const GOOD: Answers = {
  "/oauth/token": TOKENS,
  "/oauth/device_authorization": DEVICE,
  "/oauth/revoke": {},
  "/api/v1/me": PROFILE,
  "/api/v1/session-status": { "status": "active", "expires_in": 60 },
};

/** A server that repeats what it is told in every error. */
function startTalkative(answers: Answers) {
  const server = Deno.serve({
    hostname: "127.0.0.1",
    port: 0,
    onListen: () => undefined,
  }, async (request) => {
    const { pathname } = new URL(request.url);
    const answer = answers[pathname];
    if (answer !== undefined) return Response.json(answer);
    const told = `${await request.text()} ${
      request.headers.get("authorization")
    }`;
    return Response.json({
      "error": told,
      "error_description": told,
      "message": told,
    }, { status: 400 });
  });
  const url = `http://127.0.0.1:${server.addr.port}`;
  return { url, [Symbol.asyncDispose]: () => server.shutdown() };
}

interface Outcome {
  readonly name: string;
  readonly code: number;
  readonly output: string;
}

async function run(
  sandbox: Sandbox,
  args: readonly string[],
  { input = "", env = {} }: {
    readonly input?: string;
    readonly env?: Readonly<Record<string, string>>;
  } = {},
): Promise<Outcome> {
  const child = new Deno.Command(REEVE, {
    args: reeveCommand(args),
    env: { ...sandbox.env, ...env },
    stdin: "piped",
    stdout: "piped",
    stderr: "piped",
  }).spawn();
  const writer = child.stdin.getWriter();
  await writer.write(new TextEncoder().encode(input)).catch(() => undefined);
  await writer.close().catch(() => undefined);
  const { code, stdout, stderr } = await child.output();
  const decoder = new TextDecoder();
  const output = decoder.decode(stdout) + decoder.decode(stderr);
  return { name: args.join(" "), code, output };
}

function assertSilent({ name, code, output }: Outcome): void {
  assert(code !== 70, `${name}: ${output}`);
  assert(!CANARY.test(output), `${name}: ${output}`);
}

async function filesWithCanary(directory: string): Promise<readonly string[]> {
  const found: string[] = [];
  for await (const entry of Deno.readDir(directory)) {
    const path = `${directory}/${entry.name}`;
    if (entry.isDirectory) found.push(...await filesWithCanary(path));
    else if (CANARY.test(await Deno.readTextFile(path))) found.push(path);
  }
  return found;
}

/** Stores a session of that server. */
async function putSession(
  sandbox: Sandbox,
  server: string,
  change: Readonly<Record<string, unknown>> = {},
): Promise<void> {
  const folder = `${sandbox.root}/auth`;
  await Deno.mkdir(folder, { recursive: true, mode: 0o700 });
  const record = {
    "schema_version": 1,
    "generation": 1,
    "method": "browser",
    server,
    "session_id": "s1",
    "user_id": "u1",
    "email": "ada@example.com",
    "name": "Ada",
    "workspaces": [],
    "workspace": null,
    "issued_at": "2026-01-01T00:00:00Z",
    "access_expires_at": "2026-01-01T01:00:00Z",
    "refresh_expires_at": null,
    "access_token": "canary-access",
    "refresh_token": "canary-refresh",
    ...change,
  };
  const path = `${folder}/session.json`;
  await Deno.writeTextFile(path, JSON.stringify(record), { mode: 0o600 });
}

const EVERY = [
  ["status"],
  ["status", "--check"],
  ["whoami"],
  ["doctor"],
  ["doctor", "--server"],
  ["login", "--device"],
  ["login", "--device", "--workspace", "zeta"],
  ["logout"],
];

async function runEvery(
  sandbox: Sandbox,
  server: string,
  env: Readonly<Record<string, string>> = {},
): Promise<void> {
  const all = { REEVE_SERVER_URL: server, ...env };
  for (const words of EVERY) {
    const forms = [[], ["--json"]].map((more) =>
      run(sandbox, ["auth", ...words, ...more], { env: all })
    );
    (await Promise.all(forms)).forEach(assertSilent);
  }
}

Deno.test("no sign-in command shows a token that it gets", async () => {
  await using sandbox = await makeSandbox();
  await using server = startTalkative(GOOD);
  const session = `${sandbox.root}/auth/session.json`;
  const env = { REEVE_SERVER_URL: server.url };
  const device = ["auth", "login", "--device", "--force"];
  const signedIn = await run(sandbox, [...device, "--json"], { env });
  assertEquals(signedIn.code, 0, signedIn.output);
  assertSilent(signedIn);
  const input = "canary-stdin\n";
  const args = ["auth", "login", "--token", "-", "--force"];
  const brought = await run(sandbox, args, { env, input });
  assertEquals(brought.code, 0, brought.output);
  assertSilent(brought);
  assertEquals(await filesWithCanary(sandbox.directory), [session]);
  assertSilent(await run(sandbox, device, { env }));
  await runEvery(sandbox, server.url);
  await runEvery(sandbox, server.url, { REEVE_TOKEN: "canary-env" });
  assertEquals(
    (await filesWithCanary(sandbox.directory)).filter((path) =>
      path !== session
    ),
    [],
  );
});

Deno.test("no sign-in command repeats a token that the server repeats", async () => {
  await using sandbox = await makeSandbox();
  await using server = startTalkative({
    "/oauth/device_authorization": DEVICE,
  });
  const session = `${sandbox.root}/auth/session.json`;
  await putSession(sandbox, server.url);
  await runEvery(sandbox, server.url);
  await putSession(sandbox, server.url);
  await runEvery(sandbox, server.url, { REEVE_TOKEN: "canary-env" });
  for (const input of ["canary-stdin", "canary stdin", "canary\u0007"]) {
    const args = ["auth", "login", "--token", "-", "--server", server.url];
    assertSilent(await run(sandbox, args, { input }));
  }
  assertEquals(
    (await filesWithCanary(sandbox.directory)).filter((path) =>
      path !== session
    ),
    [],
  );
});

Deno.test.each([
  { name: "cut off", text: '{"access_token": "canary-access", ' },
  { name: "no JSON", text: "canary-access" },
  { name: "of another shape", text: '{"access_token": ["canary-access"]}' },
])(
  "no sign-in command shows a byte of a session that is $name",
  async (row) => {
    await using sandbox = await makeSandbox();
    await using server = startTalkative({});
    const session = `${sandbox.root}/auth/session.json`;
    await putSession(sandbox, server.url);
    await Deno.writeTextFile(session, row.text);
    await runEvery(sandbox, server.url);
    await putSession(sandbox, server.url);
    await Deno.chmod(session, 0o644);
    await runEvery(sandbox, server.url);
  },
);

Deno.test("no token is in what a sign-in tells other processes", async () => {
  await using sandbox = await makeSandbox();
  const { stdout, stderr } = await reeve(
    sandbox,
    ["auth", "login", "--token", "canary-argv", "--json"],
    { REEVE_TOKEN: "canary-env" },
  );
  assert(!CANARY.test(stdout + stderr), stdout + stderr);
  assertEquals(await filesWithCanary(sandbox.directory), []);
});
