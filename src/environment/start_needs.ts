/**
 * What the units that are started need besides each other: somebody who
 * provides the dependencies, and ports.
 *
 * @module
 */

import { DEPENDENCIES } from "./dependency_registry.ts";
import type { EnvironmentSettings, PortSource } from "./model.ts";
import type { PortWish } from "./port_plan.ts";
import { chooseProvision, type Provision } from "./provision_facts.ts";
import { unitKey } from "./selectable_units.ts";
import { isDependency } from "./service_keys.ts";
import type { StartDecision } from "./start_decide.ts";
import type { ProjectPlan } from "./start_lane.ts";
import { resourceUnit } from "./start_ports.ts";

type ProvisionHost = Parameters<typeof chooseProvision>[0];

/**
 * Where the dependencies that are started come from, by key.
 *
 * @throws {KnownError} `unusable` when nothing provides one of them.
 */
export async function chooseProvisions(
  host: ProvisionHost,
  { dependencies }: EnvironmentSettings,
  plans: readonly ProjectPlan[],
): Promise<ReadonlyMap<string, Provision>> {
  const ids = new Map(
    plans.flatMap(({ plan }) =>
      plan.layers.flat().filter(({ kind }) => kind === "dependency")
        .map(({ id, owner }) => [unitKey({ project: owner, id }), id] as const)
    ),
  );
  const chosen = new Map<string, Promise<Provision>>();
  const choose = (id: string): Promise<Provision> => {
    const choice = dependencies.find((one) => one.id === id);
    if (choice === undefined || !isDependency(id)) {
      throw new TypeError(`no dependency ${id}`);
    }
    const known = chosen.get(id) ??
      chooseProvision(host, DEPENDENCIES[id], choice);
    chosen.set(id, known);
    return known;
  };
  return new Map(
    await Promise.all(
      [...ids].map(async ([key, id]) => [key, await choose(id)] as const),
    ),
  );
}

const SOURCES: Readonly<Record<string, PortSource>> = {
  restart: "restart",
  resume: "resume",
  start: "resume",
};

/** The ports that are needed; those of the last time are asked for first. */
export function wishesOf(
  { plans, settings, before, request }: StartDecision,
  provisions: ReadonlyMap<string, Provision>,
): readonly PortWish[] {
  const wishes = new Map<string, PortWish>();
  const source = request.isFresh
    ? "fresh_start_replacement"
    : SOURCES[request.command] ?? "resume";
  const wish = (project: string, unit: string, port: number | undefined) => {
    const previous = port === undefined ? undefined : { port, source };
    wishes.set(unitKey({ project, id: unit }), { project, unit, previous });
  };
  for (
    const { id, kind, owner } of plans.flatMap(({ plan }) => plan.layers.flat())
  ) {
    const last = before?.units.find((unit) =>
      unit.project === owner && unit.id === id
    );
    if (kind === "service") {
      const service = settings.services.find(({ slug }) => slug === id);
      if (service?.portBase === undefined) continue;
      const port = last?.kind === "service"
        ? last.record.requestedPort
        : undefined;
      wish(owner, id, port);
      continue;
    }
    const { mode } = provisions.get(unitKey({ project: owner, id })) ?? {};
    if (mode === "external") continue;
    const choice = settings.dependencies.find((one) => one.id === id);
    for (const resource of Object.keys(choice?.ports ?? {})) {
      const ports = last?.kind === "dependency" ? last.record.ports : {};
      wish(owner, resourceUnit(id, resource), ports[resource]);
    }
  }
  return [...wishes.values()];
}
