import { assertEquals } from "@std/assert";
import { FakeWorld, healthReply } from "#support/fake_host.ts";
import { PROJECT_ID, ROOT } from "#support/tasks.ts";
import { createAnswerer } from "../daemon/challenge.ts";
import { nudgeDaemon } from "./nudge_daemon.ts";

const TOKEN = "36aeeaca1c580397e4a535a311ab974f";
const HEALTH = {
  status: "ok",
  product: "reeve",
  "daemon_family": "sync",
  "singleton_scope_id": ROOT,
  "protocol_version": 1,
  "package_version": "3.2.4",
  owner: { pid: 5001, port: 9401 },
};

interface Scene {
  /** Whether a state file names the daemon. */
  readonly isRecorded: boolean;
  /** Whether it answers at all. */
  readonly isSilent: boolean;
  /** What it proves to know. */
  readonly token: string;
  /** What it says to the request. */
  readonly status: number;
  /** Variables of the program. */
  readonly env: Readonly<Record<string, string>>;
}

const GOOD: Scene = {
  isRecorded: true,
  isSilent: false,
  token: TOKEN,
  status: 202,
  env: {},
};

/** Nudges, and gives the answer, the commands and the time that it took. */
async function nudge(changes: Partial<Scene>) {
  const { isRecorded, isSilent, token, status, env } = { ...GOOD, ...changes };
  const world = new FakeWorld();
  const state = `http://127.0.0.1:9401\n9401\n${TOKEN}\n5001\n`;
  if (isRecorded) world.disk.put(`${ROOT}/sync-daemon`, state);
  const commands: unknown[] = [];
  world.addProcess({
    pid: 5001,
    ports: [9401],
    respond: async ({ path, body = "" }) => {
      if (isSilent) return await new Promise<never>(() => {});
      const nonce = /\?nonce=(.*)$/.exec(path)?.[1];
      if (nonce !== undefined) {
        const proof = await createAnswerer(token)(nonce);
        return healthReply({ ...HEALTH, proof });
      }
      commands.push({ path, body: JSON.parse(body) });
      return healthReply({}, status);
    },
  });
  const host = world.host({ env });
  const project = { root: "/x", id: PROJECT_ID, slug: "x" };
  const taken = await nudgeDaemon(host, { project });
  assertEquals([world.writes, world.commands], [[], []]);
  return { taken, commands, ms: world.clock.elapsed() };
}

Deno.test("nudgeDaemon() asks our daemon to deliver this project", async () => {
  const { taken, commands } = await nudge({});
  const body = { token: TOKEN, project: PROJECT_ID };
  assertEquals(commands, [{ path: "/api/sync/trigger", body }]);
  assertEquals(taken, commands.length === 1);
});

const NOT: readonly boolean[] = [false];

Deno.test.each([
  { name: "no daemon is recorded", changes: { isRecorded: false } },
  { name: "it does not know its token", changes: { token: "0".repeat(32) } },
  { name: "a token of our own is set", changes: { env: { REEVE_TOKEN: "t" } } },
])("nudgeDaemon() sends no token when $name", async ({ changes }) => {
  const { taken, commands } = await nudge(changes);
  assertEquals([[taken], commands], [[...NOT], []]);
});

Deno.test.each([503, 403, 500])(
  "nudgeDaemon() knows that %i is no",
  async (status) => {
    const { taken, commands } = await nudge({ status });
    assertEquals([[taken], commands.length], [[...NOT], 1]);
  },
);

Deno.test("nudgeDaemon() waits a quarter of a second for a silent one", async () => {
  const { taken, ms } = await nudge({ isSilent: true });
  assertEquals([[taken], ms], [[...NOT], 250]);
});
