/** Daemons of old releases are told apart from those that only look so. */

import { assert, assertEquals } from "@std/assert";
import { reeve } from "#support/cli.ts";
import type { Started } from "#support/population.ts";
import { makeSandbox, type Sandbox, snapshotTree } from "#support/sandbox.ts";
import { spyIn } from "#support/spy_host.ts";
import { daemonContext } from "../../src/daemon/context.ts";
import { startDaemon as start } from "../../src/daemon/start.ts";
import { stopDaemon } from "../../src/daemon/stop.ts";
import {
  kittyRoot,
  type LegacyNature,
  ownerFields,
  startLegacy,
  writeKittyState,
  writeSharedOwner,
} from "./legacy_daemon.ts";

const CURRENT = { REEVE_CLI_VERSION: "3.2.6" };
const SAFE = "safe_auto/null";
const MISMATCH = "operator_required/pid_port_mismatch";
const UNMARKED = "operator_required/pre_marker";

interface Listed {
  readonly port: number;
  readonly "cleanup_class": string;
  readonly "skip_reason": string | null;
  readonly product: string;
}

/** Verdicts of `auth doctor --json` by port. */
async function listVerdicts(
  sandbox: Sandbox,
  env: Readonly<Record<string, string>> = {},
): Promise<ReadonlyMap<number, string>> {
  const args = ["auth", "doctor", "--json"];
  const { code, json } = await reeve(sandbox, args, { ...CURRENT, ...env });
  assertEquals(code, 0);
  const orphans: readonly Listed[] = json.orphans;
  return new Map(
    orphans.map((row) => {
      assertEquals(row.product, "spec-kitty");
      return [row.port, `${row.cleanup_class}/${row.skip_reason}`];
    }),
  );
}

Deno.test("legacy daemons that share an owner record are all cleaned", async () => {
  await using sandbox = await makeSandbox();
  await using stack = new AsyncDisposableStack();
  const { firstPort } = sandbox;
  await Deno.mkdir(kittyRoot(sandbox), { recursive: true });
  const last = stack.use(
    await startLegacy(sandbox, { port: firstPort + 9, version: "3.2.3" }),
  );
  const owner = await writeSharedOwner(sandbox, last);
  const versions = ["3.2.0", "3.2.1", "3.2.2"];
  const others = await Promise.all(versions.map(async (version, at) => {
    const port = firstPort + at;
    return stack.use(await startLegacy(sandbox, { port, version, owner }));
  }));
  const all = [...others, last];
  assertEquals(
    [...await listVerdicts(sandbox)],
    all.map(({ port }) => [port, SAFE]),
  );
  const before = await snapshotTree(kittyRoot(sandbox));
  const args = ["auth", "doctor", "--reset", "--json"];
  const { code, json } = await reeve(sandbox, args, CURRENT);
  assertEquals(code, 0);
  const swept = json.reset_result.swept.map((row: Listed) => row.port);
  assertEquals(swept, all.map(({ port }) => port));
  await Promise.all(all.map(({ ended }) => ended));
  assertEquals(await snapshotTree(kittyRoot(sandbox)), before);
});

/** Everything that makes a legacy report unbelievable, one at a time. */
async function startDoubtful(
  sandbox: Sandbox,
): Promise<readonly (readonly [Started, string])[]> {
  const { firstPort } = sandbox;
  const owner = await writeSharedOwner(sandbox, {
    pid: Deno.pid,
    port: firstPort + 30,
  });
  const marker = "--spec-kitty-daemon-root=";
  const cases: readonly [Omit<LegacyNature, "port">, string][] = [
    [{ owner }, SAFE],
    [{ owner, health: { owner: undefined } }, SAFE],
    [{ owner, argvToken: "f".repeat(32) }, MISMATCH],
    [{ owner, argvToken: "" }, MISMATCH],
    [{ owner, argvPort: firstPort + 31 }, MISMATCH],
    [{ owner, health: { "daemon_family": "sync" } }, MISMATCH],
    [{ owner: { ...owner, pid: Deno.ppid } }, MISMATCH],
    [{ owner: { ...ownerFields("3.2.2"), ...owner, a: 1 } }, MISMATCH],
    [{ owner, marker: "" }, UNMARKED],
    [{ owner, marker }, UNMARKED],
    [{ owner, marker: `${marker}/other` }, "operator_required/cross_root"],
  ];
  return await Promise.all(cases.map(async ([nature, verdict], at) => {
    const port = firstPort + at;
    return [await startLegacy(sandbox, { port, ...nature }), verdict] as const;
  }));
}

Deno.test("a legacy report that nothing explains is left to a person", async () => {
  await using sandbox = await makeSandbox();
  await using stack = new AsyncDisposableStack();
  const cases = await startDoubtful(sandbox);
  for (const [daemon] of cases) stack.use(daemon);
  assertEquals(
    [...await listVerdicts(sandbox)],
    cases.map(([{ port }, verdict]) => [port, verdict]),
  );
  const args = ["auth", "doctor", "--reset", "--json"];
  const { code } = await reeve(sandbox, args, CURRENT);
  assertEquals(code, 0);
  for (const [{ isAlive, ended }, verdict] of cases) {
    if (verdict === SAFE) await ended;
    assertEquals(isAlive(), verdict !== SAFE);
  }
});

Deno.test("a marker names its root in any spelling", async () => {
  await using sandbox = await makeSandbox();
  await using stack = new AsyncDisposableStack();
  const root = `${sandbox.home}/my kitty=home`;
  const link = `${sandbox.home}/link`;
  await Deno.mkdir(root);
  await Deno.symlink(root, link);
  const spellings = [root, `${root}/`, link, `${link}/`, `${root}/../link/.`];
  const daemons = await Promise.all(spellings.map(async (path, at) => {
    const marker = `--spec-kitty-daemon-root=${path}`;
    const port = sandbox.firstPort + at;
    return stack.use(await startLegacy(sandbox, { port, marker }));
  }));
  for (const home of [root, link, `${link}/`]) {
    const verdicts = await listVerdicts(sandbox, { SPEC_KITTY_HOME: home });
    assertEquals([...verdicts], daemons.map(({ port }) => [port, SAFE]));
  }
});

Deno.test("daemon start and stop never touch the other product", async () => {
  await using sandbox = await makeSandbox();
  await using stack = new AsyncDisposableStack();
  await Deno.mkdir(kittyRoot(sandbox), { recursive: true });
  const daemon = stack.use(
    await startLegacy(sandbox, { port: sandbox.firstPort + 3 }),
  );
  const before = await snapshotTree(kittyRoot(sandbox));
  const host = spyIn(sandbox, CURRENT);
  const context = await daemonContext(host);
  const started = await start(host, context);
  assertEquals(started.cleaned, { swept: [], skipped: [], failed: [] });
  assertEquals((await start(host, context)).action, "reused");
  assertEquals((await stopDaemon(host, context)).kind, "stopped");
  assertEquals(host.signals, []);
  assertEquals(host.shutdowns, [{ port: started.port }]);
  assert(daemon.isAlive());
  assertEquals(await snapshotTree(kittyRoot(sandbox)), before);
});

Deno.test("the current daemon of the other product is never an orphan", async () => {
  await using sandbox = await makeSandbox();
  await using stack = new AsyncDisposableStack();
  const { firstPort } = sandbox;
  const daemon = stack.use(await startLegacy(sandbox, { port: firstPort }));
  const url = `http://localhost:${firstPort}`;
  const token = "0123456789abcdef0123456789abcdef";
  for (
    const lines of [
      [url, firstPort, token, daemon.pid],
      [url, firstPort, token, Deno.pid],
      [url, firstPort, token],
      [url, firstPort, daemon.pid],
      [url, firstPort],
    ]
  ) {
    await writeKittyState(sandbox, lines);
    assertEquals([...await listVerdicts(sandbox)], []);
    const args = ["auth", "doctor", "--reset", "--force", "--json"];
    const { code, json } = await reeve(sandbox, args, CURRENT);
    assertEquals(code, 0);
    assertEquals(json.reset_result.swept, []);
    assert(daemon.isAlive());
  }
  await writeKittyState(sandbox, [url, firstPort + 1, token, daemon.pid]);
  assertEquals([...await listVerdicts(sandbox)], [[firstPort, MISMATCH]]);
});
