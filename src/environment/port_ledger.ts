/**
 * The port ledger: one file for all repositories of a person, in which each
 * port that is given out stands with the process that it is given to.
 *
 * @module
 */

import type { PortPlan, UnitIdentity } from "./model.ts";
import {
  isAlive,
  isOwnedBy,
  isSameUnit,
  type PortEntry,
  type PortKey,
  type PortLedger,
} from "./port_entry.ts";
import {
  changeLedger,
  type LedgerHost,
  type LedgerRoot,
  lookAtOwners,
  readLedger,
} from "./port_file.ts";
import { holderOf, holderText } from "./port_holder.ts";
import {
  planPorts,
  type PortFacts,
  type PortRequest,
  type PortTaken,
} from "./port_plan.ts";
import { assignSlots, freeSlots, lastSlot, slotOf } from "./slot_table.ts";

/** Whose ports are planned. */
export interface LedgerRequest extends PortRequest {
  /** Repository. */
  readonly scope: string;
  /**
   * Every project of the repository, also those that need nothing now: so a
   * preview of all and a start of one give a project the same slot.
   */
  readonly projects: readonly string[];
}

/** An entry, and whether its process is there. */
export interface SeenEntry extends PortEntry {
  /** Whether its process is there; what cannot be known counts as so. */
  readonly isAlive: boolean;
}

/** What the ledger says now, for whoever only looks. */
export interface LedgerView {
  /** Its entries, in order of ports. */
  readonly entries: readonly SeenEntry[];
  /** Why it cannot be read, if so; then it counts as empty. */
  readonly problem: string | undefined;
}

/** Shows what the ledger says. Changes nothing. */
export async function viewPorts(
  host: LedgerHost,
  paths: LedgerRoot,
): Promise<LedgerView> {
  const { ledger, problem } = await readLedger(host, paths);
  const seen = await lookAtOwners(host, ledger);
  return {
    problem,
    entries: ledger.entries.map((entry) => ({
      ...entry,
      isAlive: isAlive(entry.owner, seen.here, seen.table.get(entry.owner.pid)),
    })),
  };
}

/**
 * Plans ports like {@linkcode reservePorts} and changes nothing. A unit that
 * runs keeps its port.
 *
 * @throws {KnownError} `no_free_port`, as a start would.
 */
export async function previewPorts(
  host: LedgerHost,
  paths: LedgerRoot,
  request: LedgerRequest,
): Promise<readonly PortPlan[]> {
  const { ledger } = await readLedger(host, paths);
  const { here, table } = await lookAtOwners(host, ledger);
  const living = ledger.entries.filter(({ owner }) =>
    isAlive(owner, here, table.get(owner.pid))
  );
  const canKeep = () => true;
  return (await plan(host, ledger, living, request, canKeep)).plans;
}

/**
 * Reserves ports for units that this command is about to start. No two living
 * processes are ever given the same one.
 *
 * @throws {KnownError} `no_free_port`; `lock_busy` when another command keeps
 * the ledger for ten seconds.
 */
export function reservePorts(
  host: LedgerHost,
  paths: LedgerRoot,
  request: LedgerRequest,
): Promise<readonly PortPlan[]> {
  const { scope } = request;
  return changeLedger(host, paths, async (ledger, me) => {
    const isMine = (entry: PortEntry) => isOwnedBy(entry, me);
    const { plans, slots } = await plan(
      host,
      ledger,
      ledger.entries,
      request,
      isMine,
    );
    const since = host.clock.now();
    const entries = plans.map(({ project, unit, assigned: port }) => ({
      port,
      scope,
      project,
      unit,
      owner: me,
      since,
    }));
    const others = ledger.entries.filter((entry) =>
      !(isMine(entry) && entries.some((mine) => isSameUnit(mine, entry)))
    );
    return [{ slots, entries: [...others, ...entries] }, plans];
    // They are handed over or given back before this command ends.
  }, { isFleeting: true });
}

/** A port that a unit has been given. */
export interface PortLease extends PortKey {
  /** Port. */
  readonly port: number;
}

/** A unit that runs now, and the port that it listens on. */
export interface HandOver extends PortLease {
  /** The unit. */
  readonly identity: Omit<UnitIdentity, "marker">;
}

/**
 * Hands ports over to units that run: from now on each is kept for as long as
 * its unit is there. Also for a unit that listens on another port than it got.
 */
export function handOverPorts(
  host: LedgerHost,
  paths: LedgerRoot,
  handOvers: readonly HandOver[],
): Promise<void> {
  return changeLedger(host, paths, (ledger, me) => {
    const isReplaced = (entry: PortEntry) =>
      handOvers.some((one) =>
        isSameUnit(one, entry) &&
        (isOwnedBy(entry, me) || isOwnedBy(entry, one.identity))
      );
    const entries = handOvers.map(
      ({ identity, port, scope, project, unit }): PortEntry => ({
        port,
        scope,
        project,
        unit,
        since: host.clock.now(),
        owner: {
          kind: "unit",
          pid: identity.pid,
          startStamp: identity.startStamp,
          host: me.host,
          bootId: identity.bootId,
          pidNamespace: identity.pidNamespace,
        },
      }),
    );
    const others = ledger.entries.filter((entry) => !isReplaced(entry));
    const next = { ...ledger, entries: [...others, ...entries] };
    return Promise.resolve([next, undefined]);
  });
}

/** A port that is given back. */
export interface Release extends PortLease {
  /** Whose it is; without one it is what this command has reserved. */
  readonly identity?: Omit<UnitIdentity, "marker"> | undefined;
}

/**
 * Gives ports back. One that meanwhile is kept for another unit or process
 * stays; one that is not there is fine.
 */
export function releasePorts(
  host: LedgerHost,
  paths: LedgerRoot,
  releases: readonly Release[],
): Promise<void> {
  return changeLedger(host, paths, (ledger, me) => {
    const isGiven = (entry: PortEntry) =>
      releases.some((one) =>
        isSameUnit(one, entry) && one.port === entry.port &&
        isOwnedBy(entry, one.identity ?? me)
      );
    const entries = ledger.entries.filter((entry) => !isGiven(entry));
    return Promise.resolve([{ ...ledger, entries }, undefined]);
  });
}

/** Takes the slots of projects away that are gone for good. */
export function forgetProjects(
  host: LedgerHost,
  paths: LedgerRoot,
  scope: string,
  gone: readonly string[],
): Promise<void> {
  return changeLedger(host, paths, (ledger) => {
    const slots = freeSlots(ledger.slots, scope, gone);
    return Promise.resolve([{ ...ledger, slots }, undefined]);
  });
}

async function plan(
  host: LedgerHost,
  ledger: PortLedger,
  living: readonly PortEntry[],
  { scope, projects, units, wishes }: LedgerRequest,
  canKeep: (entry: PortEntry) => boolean,
) {
  const all = [...projects, ...wishes.map(({ project }) => project)];
  const slots = assignSlots(ledger.slots, scope, all);
  const entryOf = (key: Omit<PortKey, "scope">) =>
    living.find((entry) => isSameUnit(entry, { ...key, scope }));
  const facts: PortFacts = {
    whoHas: (port) => whoHas(host, living, port),
    async whoListens(port) {
      const holder = await holderOf(host, port);
      return holder === undefined ? undefined : holderText(holder);
    },
    kept: (wish) => {
      const entry = entryOf(wish);
      return entry !== undefined && canKeep(entry) ? entry.port : undefined;
    },
  };
  const planSlots = {
    slotOf: (project: string) => slotOf(slots, scope, project) ?? 0,
    last: lastSlot(slots, scope),
  };
  return { slots, plans: await planPorts({ units, wishes }, planSlots, facts) };
}

async function whoHas(
  host: LedgerHost,
  living: readonly PortEntry[],
  port: number,
): Promise<PortTaken | undefined> {
  const entry = living.find((one) => one.port === port);
  if (entry !== undefined) {
    const { project, unit, scope, owner } = entry;
    const who = owner.kind === "unit" ? "process" : "the command";
    return { by: `${project} ${unit} of ${scope} (${who} ${owner.pid})` };
  }
  if (await host.network.canBind(port)) return undefined;
  return { by: undefined };
}
