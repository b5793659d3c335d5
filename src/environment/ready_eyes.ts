/**
 * What all units that are waited for look at together.
 *
 * @module
 */

import type { Listener } from "../host/processes.ts";
import {
  collectFacts,
  type EnvironmentFacts,
  type FactsHost,
} from "./facts.ts";
import type { UnitIdentity } from "./model.ts";
import { treeOf } from "./process_tree.ts";
import type { StartingUnit } from "./readiness.ts";
import type { Sight } from "./ready_probe.ts";
import { reboundOf } from "./rebound.ts";

/** Looks at the machine for units that are being started. */
export interface Eyes {
  /** Makes the next look one at all processes. */
  expectChange(): void;
  /** Looks once for all these units. */
  look(waiting: readonly StartingUnit[]): Promise<Sight>;
}

/** How old a look at all processes may get, in milliseconds. */
const FULL_LOOK_MS = 250;

const ALL_PORTS = { first: 1, end: 65_536 };

/**
 * Sees listeners often, their owners once and all processes rarely: only a
 * listener on a unit's own port that nobody can explain, a process that ended,
 * or some time makes it look at all of them.
 */
export function openEyes(host: FactsHost): Eyes {
  const members = new Map<UnitIdentity, readonly number[]>();
  const owners = new Map<string, readonly number[]>();
  /** Listeners that nobody among the members has, and no full look explains. */
  const strangers = new Set<string>();
  let lastFull = host.clock.elapsed();
  let hasChanged = false;
  const note = ({ listeners }: { readonly listeners: readonly Listener[] }) => {
    for (const row of listeners) {
      if (row.pids.length > 0) owners.set(keyOf(row), row.pids);
    }
  };
  const meet = (waiting: readonly StartingUnit[]) => {
    for (const { identity } of waiting) {
      if (members.has(identity)) continue;
      // What we have just started is ours as long as it has not ended.
      members.set(identity, [identity.pid]);
      strangers.clear();
    }
  };
  const full = async (waiting: readonly StartingUnit[]): Promise<Sight> => {
    hasChanged = false;
    const identities = waiting.map(({ identity }) => identity);
    const query = { identities, ports: [], among: identities };
    const facts = await collectFacts(host, query);
    lastFull = host.clock.elapsed();
    for (const { identity } of waiting) {
      members.set(identity, membersOf(identity, facts));
    }
    const { listeners } = facts;
    if (listeners.kind === "table") {
      note(listeners);
      for (const row of listeners.listeners) {
        if (row.pids.length === 0) strangers.add(keyOf(row));
      }
    }
    return { listeners, members, isFull: true };
  };
  /** Those whose owners are still not known after asking for them. */
  const findOwners = async (
    rows: readonly Listener[],
  ): Promise<readonly Listener[]> => {
    if (rows.length === 0) return rows;
    const ports = rows.map(({ port }) => port);
    const range = { first: Math.min(...ports), end: Math.max(...ports) + 1 };
    const among = [...members.values()].flat();
    const table = await host.processes.listeners(range, among);
    if (table.kind === "table") note(table);
    return rows.filter((row) => !owners.has(keyOf(row)));
  };
  return {
    expectChange() {
      hasChanged = true;
    },
    async look(waiting: readonly StartingUnit[]): Promise<Sight> {
      meet(waiting);
      const table = await host.processes.listeners(ALL_PORTS, []);
      if (table.kind === "unknown") {
        return { listeners: table, members, isFull: false };
      }
      const rows = table.listeners;
      const present = new Set(rows.map(keyOf));
      forget(owners, present);
      forget(strangers, present);
      const unknown = await findOwners(
        rows.filter((row) =>
          !owners.has(keyOf(row)) && !strangers.has(keyOf(row)) &&
          isNear(row, waiting)
        ),
      );
      const own = new Set(waiting.map(({ port }) => port));
      const isStrange = unknown.some(({ port }) => own.has(port));
      const isDue = host.clock.elapsed() - lastFull > FULL_LOOK_MS;
      if (hasChanged || isDue || isStrange) return await full(waiting);
      for (const row of unknown) strangers.add(keyOf(row));
      const owned = rows.map((row) => ({
        ...row,
        pids: owners.get(keyOf(row)) ?? [],
      }));
      return {
        listeners: { ...table, listeners: owned },
        members,
        isFull: false,
      };
    },
  };
}

/** Whoever opens the port of a closed listener is somebody new. */
function forget(
  known: Pick<Map<string, unknown>, "delete" | "keys">,
  present: ReadonlySet<string>,
): void {
  for (const key of known.keys()) if (!present.has(key)) known.delete(key);
}

function keyOf({ address, port }: Listener): string {
  return `${address} ${port}`;
}

/** Whether a listener could be one that a unit is waited for. */
function isNear(row: Listener, waiting: readonly StartingUnit[]): boolean {
  return waiting.some(({ port }) =>
    port !== undefined &&
    (row.port === port || reboundOf([row], port) !== undefined)
  );
}

function membersOf(
  identity: UnitIdentity,
  facts: EnvironmentFacts,
): readonly number[] {
  const tree = treeOf(identity, facts);
  return tree.kind === "unknown" ? [] : tree.members.map(({ row }) => row.pid);
}
