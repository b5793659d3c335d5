/** Real daemons and strangers, each started and ended by the test itself. */

import { MAIN, reeve } from "./cli.ts";
import type { Sandbox } from "./sandbox.ts";
import { waitUntil } from "./wait_until.ts";

/** A process that the test started. */
export interface Started extends AsyncDisposable {
  /** Process id. */
  readonly pid: number;
  /** Port that it listens on. */
  readonly port: number;
  /** Whether it still runs. */
  isAlive(): boolean;
  /** Sends it a signal, by its own handle. */
  signal(name: Deno.Signal): void;
  /** Settles when it has ended. */
  readonly ended: Promise<Deno.CommandStatus>;
}

/** Starts a process and waits until it listens on the port. */
async function start(
  args: readonly string[],
  env: Readonly<Record<string, string>>,
  findPort: (pid: number) => Promise<number | undefined>,
): Promise<Started> {
  const child = new Deno.Command(Deno.execPath(), {
    args: [...args],
    env: { ...env },
    stdin: "null",
    stdout: "null",
    stderr: Deno.env.get("REEVE_TEST_STDERR") ? "inherit" : "null",
  }).spawn();
  let isAlive = true;
  const ended = child.status.then((status) => {
    isAlive = false;
    return status;
  });
  let port: number | undefined;
  await waitUntil(`process ${child.pid} listens`, async () => {
    if (!isAlive) throw new Error(`Process ${child.pid} ended early: ${args}`);
    port = await findPort(child.pid);
    return port !== undefined;
  }, 20_000);
  return {
    pid: child.pid,
    port: port ?? 0,
    isAlive: () => isAlive,
    signal: (name) => child.kill(name),
    ended,
    async [Symbol.asyncDispose]() {
      // A stopped process must not outlive its test.
      endChild(child);
      await ended;
    },
  };
}

function endChild(child: Deno.ChildProcess): void {
  try {
    child.kill("SIGKILL");
  } catch (error) {
    // It has ended already.
    if (!(error instanceof TypeError)) throw error;
  }
}

/** Whether something accepts connections on a port. */
export async function isListening(port: number): Promise<boolean> {
  try {
    (await Deno.connect({ hostname: "127.0.0.1", port })).close();
    return true;
  } catch {
    return false;
  }
}

/** How one daemon of ours differs from a plain one. */
export interface DaemonNature {
  /** Version that it states. */
  readonly version?: string;
  /** State root that it serves, when not the sandbox's. */
  readonly root?: string;
  /** Whether its argument vector has the scope marker. @default true */
  readonly isMarked?: boolean;
  /** More environment. */
  readonly env?: Readonly<Record<string, string>>;
}

/** Starts a real daemon of ours, without a state file. */
export async function startDaemon(
  sandbox: Sandbox,
  nature: DaemonNature = {},
): Promise<Started> {
  const root = nature.root ?? sandbox.root;
  await Deno.mkdir(root, { recursive: true, mode: 0o700 });
  const scope = await Deno.realPath(root);
  const marker = `--reeve-daemon-root=${scope}`;
  const args = ["run", "--allow-all", "--no-prompt", "--quiet", MAIN];
  const shape = [
    "daemon",
    "run",
    ...(nature.isMarked === false ? [] : [marker]),
  ];
  const env = {
    ...sandbox.env,
    REEVE_HOME: root,
    ...(nature.version === undefined
      ? {}
      : { REEVE_CLI_VERSION: nature.version }),
    ...nature.env,
  };
  return await start([...args, ...shape], env, (pid) => findOwner(scope, pid));
}

async function findOwner(
  scope: string,
  pid: number,
): Promise<number | undefined> {
  try {
    for await (const entry of Deno.readDir(`${scope}/sync/daemon`)) {
      if (!/^owner-\d+\.json$/.test(entry.name)) continue;
      const path = `${scope}/sync/daemon/${entry.name}`;
      const record = JSON.parse(await Deno.readTextFile(path));
      if (record.pid === pid) return record.port;
    }
  } catch {
    // Not there yet, or being replaced.
  }
  return undefined;
}

/** Starts one of `tests/programs` on a port. */
export async function startProgram(
  sandbox: Pick<Sandbox, "env">,
  name: string,
  port: number,
  ...shape: readonly string[]
): Promise<Started> {
  const path = new URL(`../programs/${name}.ts`, import.meta.url).pathname;
  const args = ["run", "--allow-all", "--no-prompt", "--quiet", path];
  return await start(
    [...args, String(port), ...shape],
    sandbox.env,
    async () => await isListening(port) ? port : undefined,
  );
}

/** What a process that only looks like a daemon does. */
export interface ShapedNature {
  /** Port. */
  readonly port: number;
  /** Health payload. */
  readonly health: Readonly<Record<string, unknown>>;
  /** Status of its answer to a shutdown request. @default 403 */
  readonly shutdownStatus?: number;
  /** Whether it ignores SIGTERM. @default false */
  readonly ignoresSigterm?: boolean;
  /** File that gets the bodies of all shutdown requests. */
  readonly shutdownLog?: string;
}

/** Starts a process with any argument vector and any health. */
export async function startShaped(
  sandbox: Pick<Sandbox, "env">,
  nature: ShapedNature,
  shape: readonly string[],
): Promise<Started> {
  const path =
    new URL("../programs/shaped_daemon.ts", import.meta.url).pathname;
  const args = ["run", "--allow-all", "--no-prompt", "--quiet", path];
  const full = { shutdownStatus: 403, ignoresSigterm: false, ...nature };
  return await start(
    [...args, JSON.stringify(full), ...shape],
    sandbox.env,
    async () => await isListening(nature.port) ? nature.port : undefined,
  );
}

/** A health payload of a current daemon of ours. */
export function reeveHealth(
  scope: string,
  version: string,
): Readonly<Record<string, unknown>> {
  return {
    status: "ok",
    token: "<redacted>",
    "daemon_family": "sync",
    "singleton_scope_id": scope,
    "protocol_version": 1,
    "package_version": version,
    product: "reeve",
    owner: {},
  };
}

/** The argument vector of a daemon of ours behind its program. */
export function reeveShape(scope: string): readonly string[] {
  return ["daemon", "run", `--reeve-daemon-root=${scope}`];
}

/** The current daemon of a sandbox; the sandbox ends it. */
export interface Current {
  /** Process id. */
  readonly pid: number;
  /** Port that it listens on. */
  readonly port: number;
}

/** Starts the current daemon through the command line. */
export async function startCurrent(
  sandbox: Pick<Sandbox, "env">,
  env: Readonly<Record<string, string>> = {},
): Promise<Current> {
  const args = ["daemon", "start", "--json"];
  const { code, json, stdout, stderr } = await reeve(sandbox, args, env);
  if (code !== 0) throw new Error(`Cannot start: ${stdout}${stderr}`);
  return { pid: json.pid, port: json.port };
}

/** Waits until so many daemons have written all that a start writes. */
export async function waitUntilSettled(
  root: string,
  amount: number,
): Promise<void> {
  await waitUntil(`${amount} daemons have settled`, async () => {
    const log = await Deno.readTextFile(`${root}/sync-daemon.log`);
    return log.split("rights dropped").length > amount;
  });
}

/** Ports of a range on which something listens, in order. */
export async function findListening(
  first: number,
  amount: number,
): Promise<readonly number[]> {
  const ports = Array.from({ length: amount }, (_, at) => first + at);
  const open = await Promise.all(ports.map(isListening));
  return ports.filter((_, at) => open[at]);
}
