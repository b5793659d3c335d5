/**
 * Starts one daemon process and waits until it proves itself.
 *
 * @module
 */

import { KnownError } from "../errors.ts";
import { HostError } from "../host/host.ts";
import type { SpawnedProcess } from "../host/processes.ts";
import { joinPath } from "../host/path.ts";
import { type Proof, terminate } from "../process/terminate.ts";
import {
  type DaemonContext,
  type DaemonHost,
  markerFor,
  neutralDirectory,
} from "./context.ts";
import { challenge } from "./current.ts";
import { readOwners } from "./owner_record.ts";
import type { OwnerRecord } from "./schema.ts";
import { START_WINDOW_MS } from "./sweep_plan.ts";

/**
 * Room for new objects, in MiB. It doubles again and again up to 32 of them
 * while a process answers, whether it is needed or not; a daemon that answers
 * now and then does with the least. Other settings of the heap would cost every
 * command that follows the code that was compiled for it.
 */
const SMALL_HEAP = "--max-semi-space-size=1";

/** Longest pause between two looks at a starting daemon, in milliseconds. */
const LAST_PAUSE_MS = 25;

/**
 * Starts a daemon and waits for its first healthy answer.
 *
 * @returns its owner record, which holds the credential.
 * @throws {KnownError} `start_failed` when it ends or stays silent.
 */
export async function spawnDaemon(
  host: DaemonHost,
  context: DaemonContext,
  readinessMs: number = START_WINDOW_MS,
): Promise<OwnerRecord> {
  const child = await spawn(host, context);
  const exit: { code?: number } = {};
  child.exited.then((code) => exit.code = code, () => exit.code = -1);
  const start = host.clock.elapsed();
  let pauseMs = 2;
  while (true) {
    // After the time is over too: we may have stood still and not the child.
    const isLast = host.clock.elapsed() - start >= readinessMs;
    const record = await findReady(host, context, child.pid);
    if (record !== undefined) return record;
    if (exit.code !== undefined) {
      throw await endedEarly(host, context, child.pid, exit.code);
    }
    if (isLast) break;
    await host.clock.sleep(pauseMs);
    pauseMs = Math.min(pauseMs * 2, LAST_PAUSE_MS);
  }
  await endChild(host, child);
  throw new KnownError(
    "start_failed",
    `Cannot start the daemon: no healthy answer within ${readinessMs} ms`,
    { hint: "Read its log with: reeve daemon logs" },
  );
}

async function spawn(
  host: DaemonHost,
  context: DaemonContext,
): Promise<SpawnedProcess> {
  const { executable, args } = host.env.self;
  try {
    return await host.processes.spawn({
      executable,
      args: [
        ...args,
        "daemon",
        "run",
        markerFor(context.family, context.scope),
      ],
      env: {
        "REEVE_HOME": context.scope,
        "REEVE_CLI_VERSION": context.version,
        "DENO_V8_FLAGS": heapFlags(host),
      },
      cwd: neutralDirectory(host.env),
    });
  } catch (error) {
    if (!(error instanceof HostError)) throw error;
    throw new KnownError(
      "start_failed",
      `Cannot start the daemon: ${error.message}`,
      {
        hint: `Check that ${executable} is there and may be run.`,
        cause: error,
      },
    );
  }
}

/** What the person has set comes last and so wins. */
function heapFlags({ env }: Pick<DaemonHost, "env">): string {
  const stated = env.get("DENO_V8_FLAGS");
  return stated === undefined ? SMALL_HEAP : `${SMALL_HEAP},${stated}`;
}

async function findReady(
  host: DaemonHost,
  context: DaemonContext,
  pid: number,
): Promise<OwnerRecord | undefined> {
  for (const { read } of await readOwners(host, context.paths)) {
    if (read.kind !== "found" || read.value.pid !== pid) continue;
    const { port, token } = read.value;
    const state = { url: "", pid, port, token };
    const answer = await challenge(host, context, state, 250);
    if ("health" in answer) return read.value;
  }
  return undefined;
}

async function endedEarly(
  host: DaemonHost,
  context: DaemonContext,
  pid: number,
  code: number,
): Promise<KnownError> {
  const log = await host.files.readText(
    context.paths.daemonLog,
    8 * 1024 * 1024,
  ).catch(() => "");
  const its = new RegExp(`"pid":${pid}\\b`);
  const last = log.split("\n").findLast((line) => its.test(line)) ?? "";
  const message = /"message":"((?:[^"\\]|\\.)*)"/.exec(last)?.[1];
  // What kept it from its log keeps us from a file beside it.
  if (message === undefined) await tryToWrite(host, context);
  const why = message === undefined ? "" : `: ${message}`;
  return new KnownError(
    "start_failed",
    `Cannot start the daemon: it ended with exit code ${code}${why}`,
    { hint: "Read its log with: reeve daemon logs" },
  );
}

async function tryToWrite(
  host: DaemonHost,
  { paths }: DaemonContext,
): Promise<void> {
  const path = joinPath(paths.owners, ".writable");
  await host.files.writeAtomic(path, "x".repeat(1024));
  await host.files.remove(path);
}

/** A process that we have started is ours as long as we are its parent. */
async function endChild(
  host: DaemonHost,
  { pid }: SpawnedProcess,
): Promise<void> {
  const held = await host.processes.hold(pid);
  if (typeof held === "string") return;
  using hold = held;
  const prove = async (): Promise<Proof> => {
    const now = (await host.processes.inspect([pid])).get(pid);
    if (now?.kind === "gone") return { kind: "gone" };
    return now?.kind === "found" && now.facts.parentPid === host.env.pid
      ? { kind: "proved" }
      : { kind: "refused", reason: "it is not our child" };
  };
  await terminate(host, hold, prove, { graceMs: 500 });
}
