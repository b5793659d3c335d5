/** A stale daemon in a world of tests. */

import {
  type FakeProcess,
  type FakeProcessSpec,
  type FakeWorld,
  healthReply,
} from "#support/fake_host.ts";

/** Who a stale daemon is. */
export interface StaleDaemon {
  /** Its root. */
  readonly scope: string;
  /** Its process. */
  readonly pid: number;
  /** Its port. */
  readonly port: number;
}

/**
 * Adds a daemon that proves itself in every way, with some changes to its
 * process and to what it says of itself.
 */
export function addStaleDaemon(
  world: FakeWorld,
  { pid, port, scope }: StaleDaemon,
  spec: FakeProcessSpec = {},
  health: object = {},
): FakeProcess {
  const payload = {
    status: "ok",
    product: "reeve",
    "daemon_family": "sync",
    "singleton_scope_id": scope,
    "protocol_version": 1,
    owner: { pid, port },
    ...health,
  };
  return world.addProcess({
    pid,
    argv: ["/opt/reeve", "daemon", "run", `--reeve-daemon-root=${scope}`],
    ports: [port],
    respond: ({ method }) => healthReply(payload, method === "GET" ? 200 : 403),
    ...spec,
  });
}
