/**
 * The life of one daemon process: bind, record, serve, look at itself, end.
 *
 * @module
 */

import { KnownError } from "../errors.ts";
import {
  type Host,
  HostError,
  type Log,
  type LoopbackServer,
} from "../host/host.ts";
import type { Machine } from "../host/processes.ts";
import { parentPath } from "../host/path.ts";
import { PROTOCOL_VERSION } from "../version.ts";
import type { DaemonBody } from "./body.ts";
import type { DaemonContext } from "./context.ts";
import { type ControlPlane, createControlPlane } from "./control_plane.ts";
import { removeOwner, writeOwner } from "./owner_record.ts";
import {
  SYNC_DAEMON_IDLE_RETIREMENT_SECONDS,
  SYNC_DAEMON_TICK_SECONDS,
} from "./retirement.ts";
import type { OwnerRecord } from "./schema.ts";
import { type RetirementReason, watchSelf } from "./self_watch.ts";

/** Limits of a daemon's life. */
export interface DaemonOptions {
  /** Idle time after which it ends, in milliseconds. */
  readonly idleLimitMs?: number;
  /** Time between two looks at itself, in milliseconds. */
  readonly tickMs?: number;
  /** Called once it accepts requests. */
  readonly onReady?: (port: number) => void;
  /** Its work. */
  readonly body?: DaemonBody;
}

/** Why a daemon ended. */
export type DaemonEnd = RetirementReason | "shutdown" | "signal";

/** Runs a daemon until it ends, and returns why it did. */
export async function runDaemon(
  host: Host,
  context: DaemonContext,
  log: Log,
  options: DaemonOptions = {},
): Promise<DaemonEnd> {
  const stop = new AbortController();
  let end: DaemonEnd = "signal";
  const finish = (why: DaemonEnd) => {
    if (stop.signal.aborted) return;
    end = why;
    stop.abort();
  };
  let status: "ok" | "stopping" = "ok";
  const unlisten = host.processes.onTermination((name) => {
    log.info(`stopping on ${name}`);
    finish("signal");
  });
  try {
    const { body } = options;
    const daemon = await openDaemon(host, context, {
      body,
      onShutdown: () => finish("shutdown"),
      status: () => stop.signal.aborted ? "stopping" : status,
    });
    const { version, scope } = context;
    const { port } = daemon.record;
    log.info(`serving on 127.0.0.1:${port}`, { port, version, scope });
    const dropped = await host.processes.dropRights();
    log.info(`rights dropped: ${dropped.join(" ")}`);
    options.onReady?.(port);
    body?.start();
    try {
      const why = await watchSelf(host, {
        context,
        own: daemon.record,
        control: daemon.control,
        body,
        idleLimitMs: options.idleLimitMs ??
          SYNC_DAEMON_IDLE_RETIREMENT_SECONDS * 1000,
        tickMs: options.tickMs ?? SYNC_DAEMON_TICK_SECONDS * 1000,
        stopped: stop.signal,
        setStatus: (now) => status = now,
        log,
      });
      if (why !== undefined) finish(why);
    } finally {
      await body?.stop();
      await closeDown(host, context, daemon);
    }
    log.info(`ended: ${end}`);
    return end;
  } finally {
    unlisten();
  }
}

/**
 * The record goes while the port is still ours, as only then nobody else writes
 * the one of this port between the look at whose it is and its removal.
 */
async function closeDown(
  host: Pick<Host, "files">,
  { paths }: DaemonContext,
  { record, server }: OpenDaemon,
): Promise<void> {
  try {
    await removeOwner(host, paths, record);
  } finally {
    await server.stop();
  }
}

interface OpenDaemon {
  readonly record: OwnerRecord;
  readonly server: LoopbackServer;
  readonly control: ControlPlane;
}

interface Inside {
  readonly body: DaemonBody | undefined;
  readonly onShutdown: () => void;
  readonly status: () => "ok" | "stopping";
}

async function openDaemon(
  host: Host,
  context: DaemonContext,
  inside: Inside,
): Promise<OpenDaemon> {
  const token = host.random.hex(16);
  const self = await readSelf(host);
  let admit = () => {};
  const admitted = new Promise<void>((resolve) => admit = resolve);
  const bound: { record?: OwnerRecord } = {};
  const control = createControlPlane({
    clock: host.clock,
    token,
    port: () => bound.record?.port ?? 0,
    health: () => healthPayload(bound.record, inside),
    onShutdown: inside.onShutdown,
    body: inside.body,
  });
  const server = await bindFirstFree(host, context, async (request) => {
    // Nobody is answered before the owner record says who we are.
    await admitted;
    return await control.handle(request);
  });
  bound.record = ownerRecord(host, context, {
    ...self,
    token,
    port: server.port,
  });
  try {
    await writeOwner(host, context.paths, bound.record);
  } catch (error) {
    admit();
    await server.stop();
    throw error;
  }
  admit();
  return { record: bound.record, server, control };
}

/** The daemon binds its port itself, so that nobody can take it in between. */
async function bindFirstFree(
  host: Pick<Host, "network">,
  { family }: DaemonContext,
  handler: (request: Request) => Promise<Response>,
): Promise<LoopbackServer> {
  for (let port = family.ports.first; port < family.ports.end; port++) {
    try {
      return await host.network.serve(port, handler);
    } catch (error) {
      if (!(error instanceof HostError) || error.code !== "address_in_use") {
        throw error;
      }
    }
  }
  const { first, end } = family.ports;
  throw new KnownError(
    "no_free_port",
    `Cannot serve: all ports from ${first} to ${end - 1} are taken`,
    { hint: "See what holds them with: reeve auth doctor" },
  );
}

interface Self {
  readonly machine: Machine;
  readonly startStamp: string;
}

async function readSelf(host: Host): Promise<Self> {
  const { pid } = host.env;
  const [machine, seen] = await Promise.all([
    host.processes.machine(),
    host.processes.inspect([pid]),
  ]);
  const own = seen.get(pid);
  // Without a start stamp nobody may ever signal us by our record.
  const startStamp = own?.kind === "found" ? own.facts.startStamp : "unknown";
  return { machine, startStamp };
}

function ownerRecord(
  host: Pick<Host, "clock" | "env">,
  context: DaemonContext,
  own: Self & { readonly token: string; readonly port: number },
): OwnerRecord {
  const { executable, args } = host.env.self;
  return {
    "schema_version": 1,
    "product": context.family.product,
    "daemon_family": context.family.name,
    "auth_principal": null,
    "auth_scope": null,
    "auth_team": null,
    "executable_path": executable,
    "package_version": context.version,
    "protocol_version": PROTOCOL_VERSION,
    "pid": host.env.pid,
    "port": own.port,
    "queue_db_path": null,
    "server_url": null,
    "source_checkout_path": parentPath(args.at(-1) ?? executable),
    "singleton_scope_id": context.scope,
    "started_at": new Date(host.clock.now()).toISOString(),
    "start_stamp": own.startStamp,
    "host": own.machine.host,
    "boot_id": own.machine.bootId ?? null,
    "pid_namespace": own.machine.pidNamespace ?? null,
    "token": own.token,
  };
}

function healthPayload(
  record: OwnerRecord | undefined,
  { body, status }: Pick<Inside, "body" | "status">,
) {
  if (record === undefined) return { status: "starting" };
  const work = body?.health();
  return {
    // Who is about to end must not be taken for one that stays.
    status: status(),
    token: "<redacted>",
    "daemon_family": record.daemon_family,
    "singleton_scope_id": record.singleton_scope_id,
    "protocol_version": record.protocol_version,
    "package_version": record.package_version,
    sync: {
      running: work?.isRunning ?? false,
      "last_sync": work?.lastSyncAt === undefined
        ? null
        : new Date(work.lastSyncAt).toISOString(),
      "consecutive_failures": work?.failures ?? 0,
    },
    "websocket_status": work?.socket ?? "Offline",
    owner: { ...record, token: "<redacted>" },
    product: record.product,
    "started_at": record.started_at,
  };
}
