/** A bundle of a real run tells what has happened, and no secret of it. */

import { assert, assertEquals, assertMatch } from "@std/assert";
import { strFromU8, unzipSync } from "fflate";
import { runtimeEvent } from "../../scripts/schemas/environment_debug.ts";
import { type CliResult, reeve } from "#support/cli.ts";
import { findFreeBlock, makeSandbox } from "#support/sandbox.ts";

const PROGRAM = new URL("../programs/leak.py", import.meta.url).pathname;
const JWT = "eyJhbGciOiJIUzI1NiJ9.eyJzdWIiOiJwbGFudGVkIn0.c2lnbmF0dXJl";

/** Each planted in a place of its own. */
const PLANTED = {
  "a service's variable": "mail-variable-1111-Zy",
  "a setting": "setting-address-2222",
  "an .env file": 'dot"env/3333 +pass',
  "a line of a log": "sid-log-line-4444-abcd",
  "an address in a log": "url-in-log-5555",
  "a database password": "6".repeat(8) + "0123456789abcdef".repeat(2) +
    "66666666",
  "a word of a command": "argv-word-7777",
  "the error of a failed start": "deploy-token-8888",
  "an event": "event-access-9999-token",
  "a web token in a line of JSON": JWT,
} as const;

/** The forms that a search with other means would try. */
function formsOf(secret: string): readonly string[] {
  const bytes = new TextEncoder().encode(secret);
  return [
    secret,
    JSON.stringify(secret).slice(1, -1),
    encodeURIComponent(secret),
    bytes.toHex(),
    // Whatever comes before it, one of these is in its base64.
    ...[0, 1, 2].map((at) =>
      btoa("x".repeat(at) + secret).slice(at === 0 ? 0 : at + 1).slice(0, 12)
    ),
  ];
}

async function makePlace() {
  const sandbox = await makeSandbox();
  const root = `${sandbox.directory}/shop`;
  await Deno.mkdir(`${root}/.git`, { recursive: true });
  await Deno.mkdir(`${root}/api`);
  await Deno.writeTextFile(`${root}/.git/HEAD`, "ref: refs/heads/main\n");
  const env = { "DEPLOY_TOKEN": PLANTED["the error of a failed start"] };
  const run = (...words: readonly string[]): Promise<CliResult> =>
    reeve(sandbox, words, env, { cwd: root });
  return { sandbox, root, run, port: findFreeBlock(20) };
}

type Place = Awaited<ReturnType<typeof makePlace>>;

async function plant({ root, sandbox, port }: Place): Promise<void> {
  await Deno.writeTextFile(
    `${root}/api/.env`,
    `GREETING=${PLANTED["an .env file"]}\n`,
  );
  await Deno.writeTextFile(`${root}/api/jwt.txt`, JWT);
  const address = `http://admin:${PLANTED["a setting"]}@localhost:{port}/`;
  const database = PLANTED["a database password"];
  await Deno.writeTextFile(
    `${root}/.reeve`,
    [
      "REEVE_SERVICES=api,web",
      "REEVE_INHERIT_ENV=DEPLOY_TOKEN",
      `REEVE_SERVICE_API_CMD=python3 -S ${PROGRAM} listen {port} ` +
      `--password=${PLANTED["a word of a command"]} ${database}`,
      `REEVE_SERVICE_API_PORT=${port}`,
      "REEVE_SERVICE_API_DIR=api",
      `REEVE_SERVICE_API_PUBLIC_URL=${address}`,
      `REEVE_SERVICE_API_ENV__MAIL_TOKEN=${PLANTED["a service's variable"]}`,
      `REEVE_SERVICE_WEB_CMD=python3 -S ${PROGRAM} crash`,
      "REEVE_SERVICE_WEB_DEPENDS_ON=api",
      "REEVE_SERVICE_WEB_CRITICAL=false",
      "REEVE_SERVICE_WEB_READY=exit",
      "",
    ].join("\n"),
  );
  await Deno.mkdir(`${sandbox.root}/auth`, { mode: 0o700 });
  await Deno.writeTextFile(
    `${sandbox.root}/auth/session.json`,
    JSON.stringify({ tokens: { access_token: PLANTED["an event"] } }),
    { mode: 0o600 },
  );
}

async function plantBelowState({ sandbox }: Place): Promise<void> {
  const environments = `${sandbox.root}/environments`;
  const names = await Array.fromAsync(Deno.readDir(environments));
  const scope = names.find(({ name }) => name.startsWith("repo-"))?.name;
  const directory = `${environments}/${scope}`;
  await Deno.mkdir(`${directory}/data/Main/postgres`, {
    recursive: true,
    mode: 0o700,
  });
  await Deno.writeTextFile(
    `${directory}/data/Main/postgres/password`,
    `${PLANTED["a database password"]}\n`,
  );
  const event = {
    "schema": "runtime_event",
    "schema_version": 1,
    "event": "service.failure",
    "timestamp": new Date().toISOString(),
    "trace_id": "trace-start",
    "project": "Main",
    "unit": "web",
    "reason": `the server refused ${PLANTED["an event"]}`,
    "exit_code": null,
    "critical": false,
  };
  const line = `${JSON.stringify(event)}\n{"event": "torn`;
  await Deno.writeTextFile(`${directory}/events.jsonl`, line, { append: true });
}

async function unpack(path: string): Promise<ReadonlyMap<string, string>> {
  const files = unzipSync(await Deno.readFile(path));
  return new Map(
    Object.entries(files).map(([name, bytes]) => [name, strFromU8(bytes)]),
  );
}

Deno.test("ten secrets in ten places are in no file of a bundle", async () => {
  const place = await makePlace();
  await using _ = place.sandbox;
  await plant(place);
  try {
    const started = await place.run("start");
    assertEquals(started.code, 0, started.stderr);
    await plantBelowState(place);
    // Whoever packs need not have the variables of whoever has started.
    const words = ["debug-report", "--json"];
    const report = await reeve(place.sandbox, words, {}, { cwd: place.root });
    assertEquals(report.code, 0, report.stderr);
    const files = await unpack(report.json.path);
    const state = `${place.sandbox.root}/environments`;
    const marker = /\.([0-9a-f]{32})"/.exec(
      await Deno.readTextFile(
        `${state}/${report.json.path.split("/").at(-4)}/run_state.json`,
      ),
    )?.[1];
    assert(marker !== undefined);
    const log = files.get("logs/01_Main_api.log") ?? "";
    assertMatch(log, /plain <redacted> in the open/);
    assertMatch(log, /session cookie=<redacted>/);
    for (const [where, secret] of Object.entries({ ...PLANTED, marker })) {
      for (const form of formsOf(secret)) {
        assert(!report.stdout.includes(form), `${where} is printed`);
        for (const [name, text] of files) {
          assert(!text.includes(form), `${where} is in ${name}: ${text}`);
          assert(!name.includes(form), `${where} is in a name`);
        }
      }
    }
    await checkContents(place, report.json.path, files);
    await checkEvents(`${state}/${report.json.path.split("/").at(-4)}`);
  } finally {
    const stopped = await place.run("stop-all");
    assertEquals(stopped.code, 0, stopped.stderr);
  }
});

/** What a real start writes down is what its reference says. */
async function checkEvents(directory: string): Promise<void> {
  const text = await Deno.readTextFile(`${directory}/events.jsonl`);
  const lines = text.split("\n").filter((line) => line.endsWith("}"));
  assert(lines.length > 10, text);
  for (const line of lines) {
    const { success, error } = runtimeEvent.safeParse(JSON.parse(line));
    assert(success, `${line}: ${error?.message}`);
  }
}

async function checkContents(
  place: Place,
  path: string,
  files: ReadonlyMap<string, string>,
): Promise<void> {
  assertEquals((await Deno.stat(path)).mode, 0o100600);
  const read = (name: string) => JSON.parse(files.get(name) ?? "null");
  const { files: listed } = read("manifest.json");
  assertEquals(listed.length, files.size - 1);
  for (const { bytes, path, sha256 } of listed) {
    const content = new TextEncoder().encode(files.get(path));
    const hash = await crypto.subtle.digest("SHA-256", content);
    assertEquals([bytes, sha256], [
      content.length,
      new Uint8Array(hash).toHex(),
    ]);
  }
  const codes = read("diagnostics.json").issues.map((
    { code }: { code: string },
  ) => code);
  assert(codes.includes("service_ended"), `${codes}`);
  assert(codes.includes("damaged_events"), `${codes}`);
  assertEquals(read("run_state.json").services[0].slug, "api");
  assertMatch(files.get("summary.md") ?? "", /Main web could not be started/);
  const last = await place.run("debug-last");
  assertEquals([last.code, last.stdout.trim()], [0, path]);
}

Deno.test("a bundle is made without a run, with broken state, and not on a place that is none", async () => {
  const place = await makePlace();
  await using _ = place.sandbox;
  assertEquals((await place.run("debug-last")).code, 1);
  await Deno.writeTextFile(`${place.root}/.reeve`, "REEVE_SERVICES=\n");
  const first = await place.run(
    "debug-pack",
    "--json",
    "--output-dir",
    place.root,
  );
  assertEquals(first.code, 0, first.stderr);
  assertMatch(first.json.path, /\/shop\/reeve-debug-repo-/);
  assertMatch(first.json.missing.join(), /run_state/);
  const scope = /repo-[0-9a-f]{12}/.exec(first.json.path)?.[0];
  const directory = `${place.sandbox.root}/environments/${scope}`;
  for (const name of ["index", "index.backup", "run_state"]) {
    await Deno.writeTextFile(`${directory}/${name}.json`, `{"half: "${JWT}`);
  }
  const second = await place.run("debug-pack", "--json");
  assertEquals(second.code, 0, second.stderr);
  const files = await unpack(second.json.path);
  assertEquals(files.get("run_state.damaged.txt"), '{"half: "<redacted>');
  assertMatch(files.get("diagnostics.json") ?? "", /damaged_state/);
  const wrong = await place.run("debug-pack", "--output-dir", ".reeve");
  assertEquals([wrong.code, wrong.stdout], [1, ""]);
  assertMatch(wrong.stderr, /Cannot write the bundle[\s\S]*--output-dir/);
  const debug = `${directory}/debug`;
  const sessions = () =>
    [...Deno.readDirSync(debug)].filter(({ name }) => /^session-/.test(name));
  assertEquals(sessions(), [], "nothing is recorded unless somebody wants it");
  const recording = { "REEVE_DEBUG": "deep" };
  await reeve(place.sandbox, ["status"], recording, { cwd: place.root });
  assertEquals(sessions().length, 1);
  const third = await place.run("debug-pack", "--json");
  const { invocations } = JSON.parse(
    (await unpack(third.json.path)).get("invocations.json") ?? "",
  );
  assertEquals(invocations[0].command, "dashboard");
  const none = await place.run("debug-pack", "--run-id", "run-1", "--json");
  assertEquals([none.code, none.json.error.code], [1, "not_found"]);
});
