/**
 * Which port each unit gets. What is shown and what is reserved come from the
 * same plan, over the same facts.
 *
 * @module
 */

import { KnownError } from "../errors.ts";
import type { PortPlan, PortSource } from "./model.ts";

/** How far the ports of one slot are from those of the next. */
export const SLOT_SPACING = 20;
/** The highest port that is given. */
export const LAST_PORT = 65_000;

/** A unit that listens, and its port in slot 0. */
export interface UnitBase {
  /** Service slug or `dependency.resource`. */
  readonly unit: string;
  /** Port of slot 0. */
  readonly base: number;
}

/** A unit of a project that needs a port. */
export interface PortWish {
  /** Project. */
  readonly project: string;
  /** One of the units of the repository. */
  readonly unit: string;
  /** Port that a person has set, which is taken as it is or not at all. */
  readonly fixed?: number | undefined;
  /** Port that it had before, which is tried first. */
  readonly previous?: PreviousPort | undefined;
}

/** A port that a unit had before. */
export interface PreviousPort {
  /** The port. */
  readonly port: number;
  /** Why it has it again. */
  readonly source: PortSource;
  /**
   * What settings and slot asked for then, where that is known. It counts only
   * for as long as they ask for the same.
   */
  readonly requested?: number | undefined;
}

/** Why a port cannot be had. */
export interface PortTaken {
  /** Such as `Main api of repo-0123456789ab`; `undefined` for a stranger. */
  readonly by: string | undefined;
}

/** The facts that a plan needs. */
export interface PortFacts {
  /** Who has a port, or `undefined` when it is free. */
  readonly whoHas: (port: number) => Promise<PortTaken | undefined>;
  /** Who listens on a port, in words; asked only when it must be told. */
  readonly whoListens: (port: number) => Promise<string | undefined>;
  /** The port that a unit holds already and may keep. */
  readonly kept: (wish: PortWish) => number | undefined;
}

/** The ports of every unit in a slot, and in all slots below it. */
export interface PortLayout {
  /** Port of a unit in a slot. */
  portOf(slot: number, unit: string): number | undefined;
  /** Whether any unit of any slot has this port. */
  has(port: number): boolean;
}

/**
 * Lays out units over slots: the base, moved by the slot. Where two would meet,
 * the one in the higher slot, or later in the list, moves on to the next port.
 */
export function layoutPorts(
  units: readonly UnitBase[],
  lastSlot: number,
): PortLayout {
  const used = new Set<number>();
  const ports = new Map<string, number>();
  for (let slot = 0; slot <= lastSlot; slot++) {
    for (const { unit, base } of units) {
      let port = base + slot * SLOT_SPACING;
      while (used.has(port)) port++;
      used.add(port);
      ports.set(`${slot} ${unit}`, port);
    }
  }
  return {
    portOf: (slot, unit) => ports.get(`${slot} ${unit}`),
    has: (port) => used.has(port),
  };
}

/** The slots of the projects of a repository. */
export interface PlanSlots {
  /** Slot of a project. */
  readonly slotOf: (project: string) => number;
  /** The highest one. */
  readonly last: number;
}

/** What is planned. */
export interface PortRequest {
  /** Every unit of the repository that listens, in the order of its settings. */
  readonly units: readonly UnitBase[];
  /** What needs a port now. */
  readonly wishes: readonly PortWish[];
}

interface Planned {
  readonly wish: PortWish;
  readonly requested: number;
}

/**
 * Plans a port for each wish. Those whose own port is free get it, whatever
 * the others need; the rest moves on to the next free port.
 *
 * @throws {KnownError} `no_free_port` when a fixed port is taken, or none is
 * free up to {@linkcode LAST_PORT}; `usage` for a unit that has no base.
 */
export async function planPorts(
  { units, wishes }: PortRequest,
  { slotOf, last }: PlanSlots,
  facts: PortFacts,
): Promise<readonly PortPlan[]> {
  const layout = layoutPorts(units, last);
  const planned = wishes.map((wish): Planned => {
    const port = wish.fixed ?? layout.portOf(slotOf(wish.project), wish.unit);
    if (port === undefined) throw noBase(wish);
    const { previous } = wish;
    const isMoved = previous?.requested !== undefined &&
      previous.requested !== port;
    const asked = isMoved ? { ...wish, previous: undefined } : wish;
    return { wish: asked, requested: port };
  });
  const given = new Map<Planned, PortPlan>();
  const taken = new Set<number>();
  const give = (item: Planned, port: number, rest: PlanRest) => {
    taken.add(port);
    given.set(item, planOf(item, port, rest));
  };
  for (const item of planned) {
    const choice = await firstChoice(item, facts, taken);
    if (choice !== undefined) give(item, choice.port, choice);
  }
  for (const item of planned) {
    if (given.has(item)) continue;
    const isUsable = (port: number) =>
      !taken.has(port) && (port === item.requested || !layout.has(port));
    const found = await nextFree(item, facts, isUsable);
    give(item, found.port, found);
  }
  return planned.flatMap((item) => given.get(item) ?? []);
}

type PlanRest = Pick<PortPlan, "retries" | "source">;
type Choice = PlanRest & { readonly port: number };

function planOf(
  { wish, requested }: Planned,
  port: number,
  { source, retries }: PlanRest,
): PortPlan {
  const { project, unit } = wish;
  return {
    project,
    unit,
    requested,
    assigned: port,
    final: port,
    source,
    retries,
  };
}

async function firstChoice(
  { wish, requested }: Planned,
  facts: PortFacts,
  taken: ReadonlySet<number>,
): Promise<Choice | undefined> {
  const { fixed, previous } = wish;
  const kept = facts.kept(wish);
  const port = fixed ?? kept ?? previous?.port ?? requested;
  const source = fixed !== undefined ? "env" : previous?.source ?? "planner";
  const owner = port === kept ? undefined : await facts.whoHas(port);
  if (owner === undefined && !taken.has(port)) {
    return { port, source, retries: 0 };
  }
  if (fixed === undefined) return undefined;
  const by = owner === undefined
    ? "another service of this start"
    : owner.by ?? await facts.whoListens(fixed) ?? "another program";
  throw new KnownError(
    "no_free_port",
    `Cannot give port ${fixed} to ${wish.project} ${wish.unit}: ${by} has it`,
    { hint: "Free it, or set another port, or none to get the next free one." },
  );
}

async function nextFree(
  { wish, requested }: Planned,
  facts: PortFacts,
  isUsable: (port: number) => boolean,
): Promise<Choice> {
  const { previous } = wish;
  // A port that it had before has been asked for in vain.
  let retries = previous === undefined || previous.port === requested ? 0 : 1;
  for (let port = requested; port <= LAST_PORT; port++) {
    if (isUsable(port) && await facts.whoHas(port) === undefined) {
      return { port, source: "retry", retries };
    }
    retries++;
  }
  throw new KnownError(
    "no_free_port",
    `Cannot find a port for ${wish.project} ${wish.unit}: none from ` +
      `${requested} to ${LAST_PORT} is free`,
    { hint: "Set a lower base port for it, or stop what you do not need." },
  );
}

function noBase({ unit }: PortWish): KnownError {
  return new KnownError(
    "usage",
    `Cannot plan a port for ${unit}: it has none`,
    {
      hint: "Give it a port in the settings of the repository.",
    },
  );
}
