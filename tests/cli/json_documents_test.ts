import { assert, assertEquals } from "@std/assert";
import { waitUntil } from "#support/wait_until.ts";
import { JsonChecker } from "./json_checker.ts";
import { NOWHERE, type Story, SYNC_STEPS, TOKEN } from "./sync_documents.ts";
import { makeSyncPlace } from "./sync_place.ts";

/** Documents of commands that only go well where a Redis is. */
const NEEDS_REDIS = ["queue_migrate"];

async function checkAuth({ checker, url }: Story): Promise<void> {
  const tokens = await checker.run("auth whoami", 0);
  assertEquals(tokens.source, "env");
  assertEquals((await checker.run("auth status", 0)).state, "env");
  const env = { REEVE_TOKEN: "", REEVE_SERVER_URL: "" };
  const out = { env };
  await checker.fails("auth whoami", "not_signed_in", out);
  assertEquals(
    (await checker.run("auth status --check", 4, out)).state,
    "none",
  );
  await checker.fails("auth login", "usage", out);
  const login = `auth login --token - --server ${url}`;
  const given = await checker.run(login, 0, { env, input: `${TOKEN}\n` });
  assertEquals(given.outcome, "signed_in");
  const kept = await checker.run("auth login", 0, out);
  assertEquals(kept.outcome, "already_signed_in");
  assertEquals((await checker.run("auth whoami", 0, out)).source, "session");
  assert((await checker.run("auth status", 0, out)).signed_in);
  const report = await checker.run("auth doctor --server", 0, out);
  assert(report.server_session.active);
  assert((await checker.run("auth logout", 0, out)).was_signed_in);
  assert(!(await checker.run("auth logout", 0, out)).was_signed_in);
  await checker.fails("auth doctor --plan x --reset", "usage");
}

async function checkConfig({ checker, place }: Story): Promise<void> {
  const set = await checker.run("config set sync.mode local", 0);
  assertEquals([set.value, set.changed], ["local", true]);
  assertEquals((await checker.run("config get sync.mode", 0)).value, "local");
  await checker.run("config unset sync.mode", 0);
  await checker.run("config path", 0);
  await checker.run("config show", 0);
  await checker.run("config show sync.mode", 0);
  const atTerminal = { "EDITOR": "true", "REEVE_FORCE_INTERACTIVE": "1" };
  await checker.run("config edit --own", 0, { env: atTerminal });
  await checker.fails("config get sync.mood", "usage");
  const text = `{"schema_version":1,"sync":{"mode":"nowhere"}}`;
  await Deno.writeTextFile(`${place.sandbox.root}/config.json`, text);
  const shown = await checker.run("config show", 1);
  assertEquals(shown.faults[0].key, "sync.mode");
  await checker.fails("config get sync.mode", "usage");
  await Deno.remove(`${place.sandbox.root}/config.json`);
}

async function checkDaemon({ checker, place }: Story): Promise<void> {
  assert(!(await checker.run("daemon status", 1)).active);
  const env = { REEVE_SYNC_DISABLE: "1" };
  const refused = await checker.run("daemon start --intent local_only", 0, {
    env,
  });
  assertEquals(refused.action, "skipped");
  const started = await checker.run("daemon start", 0);
  assertEquals((await checker.run("daemon start", 0)).action, "reused");
  assertEquals((await checker.run("daemon status", 0)).pid, started.pid);
  const explain = `auth doctor --explain ${started.port}`;
  assertEquals((await checker.run(explain, 0)).record.port, started.port);
  await checker.fails("auth doctor --explain 1", "not_found");
  const file = `${place.sandbox.directory}/facts.json`;
  await checker.run(`auth doctor --record ${file}`, 0);
  const { records } = await checker.run(`daemon replay ${file}`, 0);
  assertEquals(records.length, 1);
  await checker.fails("daemon replay /no/file", "not_found");
  await checker.run(`auth doctor --plan ${file}`, 0);
  await checker.run("auth doctor --reset", 0);
  assert((await checker.run("daemon logs", 0)).lines.length > 0);
  await checker.fails("daemon logs --follow", "usage");
  const restarted = await checker.run("daemon restart", 0);
  assertEquals(restarted.previous_pid, started.pid);
  assertEquals((await checker.run("daemon stop", 0)).status, "stopped");
  assertEquals((await checker.run("daemon stop", 0)).status, "not_running");
  assert((await checker.run("daemon journal", 0)).entries.length > 0);
}

const HANDLER = `export const queue = "mail";
export function run(job) {
  if (job.data.broken) throw new TypeError("no address");
  return { sent: true };
}
`;

async function checkQueue({ checker, place }: Story): Promise<void> {
  const add = (rest: string) => checker.run(`queue enqueue mail ${rest}`, 0);
  assertEquals((await add(`{"to":"ada"} --id good`)).added, 1);
  const again = await add(`{"to":"ada"} --id good`);
  assertEquals([again.added, again.jobs[0].status], [0, "duplicate"]);
  await add(`{"broken":true} --id bad --attempts 1`);
  await add(`{"broken":true} --id worse --attempts 1`);
  await add(`{"to":"eve"} --id late --delay 1h`);
  await checker.fails("queue enqueue mail {", "usage");
  assertEquals((await checker.run("queue list mail", 0)).jobs.length, 4);
  assertEquals((await checker.run("queue show mail good", 0)).job.id, "good");
  await checker.fails("queue show mail nobody", "not_found");
  await checker.run("queue pause mail", 0);
  await checker.run("queue resume mail", 0);
  await checker.run("queue drain --timeout 100ms", 1);
  await checker.run("queue cancel mail late", 0);
  const file = `${place.sandbox.directory}/mail.ts`;
  await Deno.writeTextFile(file, HANDLER);
  const worker = `queue worker --handler ${file} --until-empty`;
  const { totals } = await checker.run(worker, 1);
  assertEquals([totals.completed, totals.dead], [1, 2]);
  const { queues } = await checker.run("queue status", 0);
  assertEquals([queues[0].completed, queues[0].dead], [1, 2]);
  assertEquals((await checker.run("queue drain", 0)).left, 0);
  const [dead] = (await checker.run("queue dead list mail", 0)).jobs;
  assertEquals([dead.dead_reason, dead.error.name], ["failed", "TypeError"]);
  await checker.run("queue dead show mail bad", 0);
  await checker.run("queue doctor", 0);
  await checker.run("queue dead replay mail --id bad", 0);
  const purge = "queue dead purge mail --id worse";
  assertEquals((await checker.run(purge, 0)).deleted, 0);
  assertEquals((await checker.run(`${purge} --apply`, 0)).deleted, 1);
  await checker.fails("queue migrate --from sqlite --to sqlite", "usage");
}

async function checkServer({ checker, url }: Story): Promise<void> {
  const checked = await checker.run(`server check ${url}`, 0);
  assertEquals(checked.failed, 0);
  const silent = `server check ${NOWHERE["REEVE_SERVER_URL"]}`;
  await checker.fails(silent, "not_ready");
  await checker.fails("server run --port 70000", "usage");
}

Deno.test("every document of every command is as its schema says", async (t) => {
  await using place = await makeSyncPlace();
  const data = `${place.sandbox.directory}/server.db`;
  const words = `server run --port 0 --json --token ${TOKEN} --data ${data}`;
  await using server = place.start(words);
  await waitUntil("it serves", () => server.out().endsWith("}\n"), 20_000);
  const { url } = JSON.parse(server.out());
  const checker = new JsonChecker({
    cwd: place.root,
    env: { ...place.sandbox.env, REEVE_SERVER_URL: url, REEVE_TOKEN: TOKEN },
  });
  checker.check(server.out(), words);
  const story = { place, checker, url };
  const steps = {
    ...SYNC_STEPS,
    "auth": checkAuth,
    "config": checkConfig,
    "daemon": checkDaemon,
    "queue": checkQueue,
    "server": checkServer,
  };
  for (const [name, step] of Object.entries(steps)) {
    await t.step(name, () => step(story));
  }
  // Those about environments have a story of their own.
  const unseen = checker.unseen.filter((name) =>
    !name.startsWith("environment_")
  );
  assertEquals(unseen, NEEDS_REDIS, "what no command has printed");
});
