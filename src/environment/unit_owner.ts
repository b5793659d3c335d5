/**
 * Processes of dependencies by their identity: whether they run, what they
 * listen on, and how they end.
 *
 * @module
 */

import type { Host } from "../host/host.ts";
import type { Listener } from "../host/processes.ts";
import { compareIdentity, comparePlace } from "../process/identity.ts";
import { lookAtIdentities } from "../process/identity_look.ts";
import { type Proof, terminate } from "../process/terminate.ts";
import type { UnitIdentity } from "./model.ts";
import type { SignalJournal } from "./signal_journal.ts";
import type {
  StopOutcome,
  UnitCommand,
  UnitEnd,
  UnitOwner,
} from "./provisioners/provisioner.ts";

/** Addresses of a listener that a connection to 127.0.0.1 can reach. */
const REACHABLE = ["127.0.0.1", "0.0.0.0", "::", "*"];

/** Why a dependency may be ended. */
const REASON = "It is a recorded dependency that must end.";

/** What owning processes takes. */
export interface OwnerMeans {
  /** Starts one; without it nothing can be started. */
  readonly launch?: (command: UnitCommand) => Promise<UnitIdentity>;
  /** Writes down each signal; without it nothing can be ended. */
  readonly journal?: SignalJournal;
}

/** Owns processes that are single ones, such as those of servers. */
export function ownUnits(
  host: Pick<Host, "clock" | "processes">,
  { launch, journal }: OwnerMeans,
): UnitOwner {
  return {
    launch: launch ??
      (() => Promise.reject(new TypeError("Nothing is started here"))),
    end: (unit) => {
      if (journal === undefined) throw new TypeError("Nothing is ended here");
      return endUnit(host, journal, unit);
    },
    isAlive: (identity) => isAlive(host, identity),
    ownerOf: (port, identity) => ownerOf(host, port, identity),
  };
}

async function prove(
  { processes }: Pick<Host, "processes">,
  identity: UnitIdentity,
): Promise<Proof> {
  const here = await processes.machine();
  const { bootId, pidNamespace } = identity;
  // Records stay on the machine that they were made on.
  const place = comparePlace({ bootId, pidNamespace, host: here.host }, here);
  // Before the last start of the machine, so it ended with it.
  if (place === "earlier_boot") return { kind: "gone" };
  if (place !== "here") {
    return {
      kind: "refused",
      reason: "nobody can tell whether it was started here",
    };
  }
  const { pid } = identity;
  const seen = (await lookAtIdentities({ processes }, [pid])).get(pid);
  switch (compareIdentity(identity, seen)) {
    case "same":
      return { kind: "proved" };
    case "gone":
    case "reused":
      return { kind: "gone" };
    case "unknown":
      return { kind: "refused", reason: "it cannot be looked at" };
  }
}

async function isAlive(
  host: Pick<Host, "processes">,
  identity: UnitIdentity,
): Promise<boolean | "unknown"> {
  const proof = await prove(host, identity);
  if (proof.kind === "refused") return "unknown";
  return proof.kind === "proved";
}

async function endUnit(
  host: Pick<Host, "clock" | "processes">,
  journal: SignalJournal,
  { identity, name, firstSignal, graceMs }: UnitEnd,
): Promise<StopOutcome> {
  const unit = { name, marker: identity.marker };
  const unconfirmed = (why: string): StopOutcome => ({
    kind: "unconfirmed",
    reason: `process ${identity.pid} ${why}`,
  });
  const held = await host.processes.hold(identity.pid);
  if (held === "gone") return { kind: "confirmed" };
  if (held === "denied") {
    // Its number may be that of somebody else's process by now.
    const proof = await prove(host, identity);
    return proof.kind === "gone"
      ? { kind: "confirmed" }
      : unconfirmed("may not be ended by us");
  }
  using hold = held;
  const outcome = await terminate(host, hold, () => prove(host, identity), {
    firstSignal,
    graceMs,
    onSignal: (signal, send) =>
      journal.step({ unit, row: identity, signal, reason: REASON }, send),
  });
  switch (outcome.kind) {
    case "already_gone":
    case "killed":
    case "terminated":
      return { kind: "confirmed" };
    case "survived":
      return unconfirmed("still runs after SIGKILL");
    case "denied":
      return unconfirmed(`refused ${outcome.signal}: it is another user's`);
    case "refused":
      return unconfirmed(`stays: ${outcome.reason}`);
    case "interrupted":
      return unconfirmed("was not waited for");
  }
}

async function ownerOf(
  { processes }: Pick<Host, "processes">,
  port: number,
  identity: UnitIdentity | undefined,
): Promise<"nobody" | "stranger" | "unit" | "unknown"> {
  const table = await processes.listeners({ first: port, end: port + 1 });
  if (table.kind === "unknown") return "unknown";
  const reachable = table.listeners.filter(({ address }) =>
    REACHABLE.includes(address)
  );
  const [listener] = reachable.length > 0 ? reachable : table.listeners;
  if (listener === undefined) return table.isComplete ? "nobody" : "unknown";
  if (identity === undefined) return "stranger";
  return await isOwn(processes, listener, identity) ? "unit" : "stranger";
}

/** Held by the process itself, or by one of its session. */
async function isOwn(
  processes: Host["processes"],
  { pids }: Listener,
  { pid }: UnitIdentity,
): Promise<boolean> {
  if (pids.includes(pid)) return true;
  if (pids.length === 0) return false;
  const listing = await processes.table();
  if (listing.kind === "unknown") return false;
  return listing.rows.some((row) =>
    row.sessionId === pid && pids.includes(row.pid)
  );
}
