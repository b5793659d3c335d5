/**
 * `reeve daemon run`: the composition root of the daemon process.
 *
 * @module
 */

import { type DaemonContext, daemonContext } from "../../daemon/context.ts";
import { runDaemon } from "../../daemon/daemon_process.ts";
import {
  SYNC_DAEMON_IDLE_RETIREMENT_SECONDS,
  SYNC_DAEMON_TICK_SECONDS,
} from "../../daemon/retirement.ts";
import { isTruthy } from "../../daemon/start_gate.ts";
import { KnownError, messageOf } from "../../errors.ts";
import { openDaemonLog } from "../../host/daemon_log.ts";
import type { Host, Log } from "../../host/host.ts";
import type { CommandContext, CommandResult } from "../command.ts";
import { LazyBody } from "../daemon_body.ts";
import { EXIT } from "../exit_code.ts";

/** Flags of `reeve daemon run`. */
export interface RunFlags {
  /** State root that the marker names. */
  readonly reeveDaemonRoot?: string;
}

/** Runs a daemon until it ends. */
export async function run(
  context: CommandContext,
  flags: RunFlags,
): Promise<CommandResult> {
  const { host } = context;
  // The daemon itself answers signals, by ending in order.
  context.takeInterrupts();
  const daemons = await daemonContext(host);
  // The log's directory must be there and private before the log is.
  await host.files.append(daemons.paths.daemonLog, "");
  const log = await openDaemonLog(daemons.paths.daemonLog);
  try {
    checkMarker(daemons, flags.reeveDaemonRoot);
    return await serve(host, daemons, log);
  } catch (error) {
    const message = messageOf(error);
    // The starting command looks for the last line of this process.
    log.error(message);
    throw error;
  } finally {
    await log.close();
  }
}

function checkMarker(daemons: DaemonContext, marker: string | undefined): void {
  if (marker === undefined || marker === daemons.scope) return;
  throw new KnownError(
    "scope_mismatch",
    `Cannot serve ${marker}: the environment names ${daemons.scope}`,
    { hint: "Start it with: reeve daemon start" },
  );
}

async function serve(
  host: Host,
  daemons: DaemonContext,
  log: Log,
): Promise<CommandResult> {
  const end = await runDaemon(host, daemons, log, {
    ...bodyOf(host, daemons, log),
    idleLimitMs: readSeconds(
      host,
      "REEVE_SYNC_DAEMON_IDLE_RETIREMENT_SECONDS",
      SYNC_DAEMON_IDLE_RETIREMENT_SECONDS,
    ),
    tickMs: readSeconds(
      host,
      "REEVE_SYNC_DAEMON_TICK_SECONDS",
      SYNC_DAEMON_TICK_SECONDS,
    ),
    onReady: (port) => {
      if (!host.terminal.isInteractive) return;
      host.terminal.err(
        `Serving on http://127.0.0.1:${port}; stop with Ctrl-C.\n`,
      );
    },
  });
  return { exit: EXIT.ok, text: `The daemon ended: ${end}.` };
}

/** Whoever disables sync wants a daemon that sends nothing. */
function bodyOf(host: Host, { paths }: DaemonContext, log: Log) {
  const isDisabled = isTruthy(host.env.get("REEVE_SYNC_DISABLE"));
  return isDisabled ? {} : { body: new LazyBody(host, paths, log) };
}

function readSeconds(
  host: Pick<Host, "env">,
  name: string,
  standard: number,
): number {
  const stated = Number(host.env.get(name) ?? standard);
  if (Number.isFinite(stated) && stated > 0) return stated * 1000;
  throw new KnownError(
    "usage",
    `Cannot use ${name}=${host.env.get(name)}: not a positive number`,
    { hint: `Unset it for ${standard} seconds.` },
  );
}
