/**
 * The open WebSockets: who listens to which project, and who has gone silent.
 *
 * @module
 */

import type { Clock } from "../host/host.ts";
import type { Socket } from "../host/web.ts";
import type { ReceivedEvent } from "./envelope.ts";

/** One open socket. */
export interface Peer {
  /** The socket. */
  readonly socket: Socket;
  /** Session that its ticket is from. */
  readonly sessionId: string;
  /** Workspace that its ticket is for. */
  readonly workspace: string;
  /** Nodes that are known to be behind it. */
  readonly nodes: Set<string>;
  /** Project that it said hello for. */
  project: string | undefined;
  /** When it last said something, in elapsed milliseconds. */
  heardAt: number;
}

/** Every open socket of a receiver. */
export interface SocketHub {
  /** Takes a socket in. */
  readonly join: (peer: Peer) => void;
  /** Lets a socket go. */
  readonly leave: (peer: Peer) => void;
  /** Tells the other nodes of a project about new events. */
  readonly broadcast: (
    workspace: string,
    events: readonly ReceivedEvent[],
    from?: Peer,
  ) => void;
  /** Closes the sockets of one session, or all. */
  readonly close: (code: number, reason: string, sessionId?: string) => void;
  /** How many sockets are open. */
  readonly size: () => number;
  /** Settles when the last socket is closed. */
  readonly emptied: () => Promise<void>;
}

/** Session ended. */
export const CLOSE_SESSION_ENDED = 4401;
/** Silent for too long. */
export const CLOSE_SILENT = 4000;

/** Looks for silence within the time that may be silent. */
const LOOKS = 4;

/** Makes the hub of one receiver. */
export function createSocketHub(clock: Clock, idleMs: number): SocketHub {
  const peers = new Set<Peer>();
  let waiting: (() => void)[] = [];
  let watch: Disposable | undefined;
  const look = () => {
    const silentSince = clock.elapsed() - idleMs;
    for (const { socket, heardAt } of peers) {
      if (heardAt <= silentSince) socket.close(CLOSE_SILENT, "silence");
    }
    watch = peers.size === 0 ? undefined : clock.later(idleMs / LOOKS, look);
  };
  return {
    join(peer) {
      peers.add(peer);
      watch ??= clock.later(idleMs / LOOKS, look);
    },
    leave(peer) {
      peers.delete(peer);
      if (peers.size > 0) return;
      watch?.[Symbol.dispose]();
      watch = undefined;
      for (const settle of waiting) settle();
      waiting = [];
    },
    broadcast: (workspace, events, from) =>
      tell([...peers].filter((peer) => peer !== from), workspace, events),
    close(code, reason, sessionId) {
      for (const peer of peers) {
        const isMeant = sessionId === undefined || sessionId === peer.sessionId;
        if (isMeant) peer.socket.close(code, reason);
      }
    },
    size: () => peers.size,
    emptied: () =>
      peers.size === 0
        ? Promise.resolve()
        : new Promise((resolve) => void waiting.push(resolve)),
  };
}

function tell(
  peers: readonly Peer[],
  workspace: string,
  events: readonly ReceivedEvent[],
): void {
  const [first] = events;
  if (first === undefined) return;
  const listeners = peers.filter((peer) =>
    peer.workspace === workspace && peer.project === first.projectUuid
  );
  for (const { nodeId, body } of listeners.length === 0 ? [] : events) {
    const frame = `{"type":"event","event":${body}}`;
    for (const { socket, nodes } of listeners) {
      if (!nodes.has(nodeId)) socket.send(frame);
    }
  }
}
