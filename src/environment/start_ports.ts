/**
 * The ports of one attempt: asked for before anything is started, kept for
 * what runs in the end, and given back for what does not.
 *
 * @module
 */

import type { Change } from "./attempt.ts";
import type { EnvironmentSettings, PortPlan, RunState } from "./model.ts";
import {
  type HandOver,
  handOverPorts,
  releasePorts,
  reservePorts,
} from "./port_ledger.ts";
import { resourceUnit } from "./port_entry.ts";
import type { PortWish, UnitBase } from "./port_plan.ts";

/** The ports of one attempt. */
export interface PortBook {
  /** Port that a unit has been given. */
  portOf(project: string, unit: string): number | undefined;
  /** Whether a person has set it, so that no other one will do. */
  isFixed(project: string, unit: string): boolean;
  /**
   * Another port in place of one that turned out to be taken.
   *
   * @throws {KnownError} `no_free_port` when there is none.
   */
  move(project: string, unit: string): Promise<number>;
  /** Everything that was given, as it is now. */
  plans(): readonly PortPlan[];
}

/** Every unit of a repository that listens, in the order of its settings. */
export function portBases(
  settings: Pick<EnvironmentSettings, "dependencies" | "services">,
): readonly UnitBase[] {
  return [
    ...settings.services.flatMap(({ slug, portBase }) =>
      portBase === undefined ? [] : [{ unit: slug, base: portBase }]
    ),
    ...settings.dependencies.flatMap(({ id, ports }) =>
      Object.entries(ports).map(([resource, base]) => ({
        unit: resourceUnit(id, resource),
        base,
      }))
    ),
  ];
}

/**
 * Reserves ports.
 *
 * @param projects every project of the repository.
 * @throws {KnownError} as {@linkcode reservePorts}.
 */
export async function reserveFor(
  change: Change,
  projects: readonly string[],
  wishes: readonly PortWish[],
): Promise<PortBook> {
  const { host, place: { paths, scope, loaded: { settings } } } = change;
  const units = portBases(settings);
  const ask = async (asked: readonly PortWish[]) => {
    if (asked.length === 0) return [];
    const request = { scope, projects, units, wishes: asked };
    const plans = await reservePorts(host, paths, request);
    for (const { project, unit, requested, assigned, source } of plans) {
      change.events.note("port.reserved", {
        project,
        unit,
        requested,
        assigned,
        source,
      });
    }
    return plans;
  };
  const book = new Map(
    (await ask(wishes)).map((plan) => [keyOf(plan), plan]),
  );
  return {
    portOf: (project, unit) => book.get(keyOf({ project, unit }))?.assigned,
    isFixed: (project, unit) =>
      book.get(keyOf({ project, unit }))?.source === "env",
    plans: () => [...book.values()],
    async move(project, unit) {
      const before = book.get(keyOf({ project, unit }));
      if (before !== undefined) {
        const port = before.assigned;
        await releasePorts(host, paths, [{ scope, project, unit, port }]);
      }
      const [plan] = await ask([{ project, unit }]);
      if (plan === undefined) throw new TypeError(`no port for ${unit}`);
      // The plan counts what is taken from the base on, unless it is free now.
      const retries = Math.max(plan.retries, (before?.retries ?? 0) + 1);
      book.set(keyOf(plan), { ...plan, retries, source: "retry" });
      return plan.assigned;
    },
  };
}

function keyOf(
  { project, unit }: Pick<PortPlan, "project" | "unit">,
): string {
  return `${project}\n${unit}`;
}

/** Keeps ports for what runs of a saved run, and gives the others back. */
export async function settlePorts(
  { host, place: { paths, scope }, events }: Change,
  run: RunState | undefined,
  reserved: readonly PortPlan[],
): Promise<void> {
  const handOvers = reserved.flatMap((plan): readonly HandOver[] => {
    const { project, unit } = plan;
    const [id, resource] = unit.split(".");
    if (resource === undefined) {
      const service = run?.services.find((one) =>
        one.project === project && one.slug === unit
      );
      if (service?.identity === undefined) return [];
      const { actualPort: port, identity, status } = service;
      const isUp = status === "running" || status === "termination_failed";
      if (!isUp || port === undefined) return [];
      return [{ scope, project, unit, port, identity }];
    }
    const dependency = run?.dependencies.find((one) =>
      one.project === project && one.id === id
    );
    const port = dependency?.ports[resource];
    if (dependency?.identity === undefined || port === undefined) return [];
    return [{ scope, project, unit, port, identity: dependency.identity }];
  });
  if (handOvers.length > 0) await handOverPorts(host, paths, handOvers);
  const kept = new Set(handOvers.map(keyOf));
  const rest = reserved.filter((plan) => !kept.has(keyOf(plan)));
  if (rest.length === 0) return;
  for (const { project, unit, assigned: port } of rest) {
    events.note("port.released", { project, unit, port });
  }
  await releasePorts(
    host,
    paths,
    rest.map(({ project, unit, assigned: port }) => ({
      scope,
      project,
      unit,
      port,
    })),
  );
}
