/**
 * What the units that are started need besides each other: somebody who
 * provides the dependencies, and ports.
 *
 * @module
 */

import type { EnvironmentSettings, PortSource } from "./model.ts";
import type { PortWish } from "./port_plan.ts";
import type { ProvisionHost } from "./provision_choice.ts";
import type { Provision } from "./provision_facts.ts";
import { MAIN_PROJECT, unitKey } from "./selectable_units.ts";
import { isDependency } from "./service_keys.ts";
import type { LoadedSettings } from "./settings_load.ts";
import { portKeys, serviceKey } from "./settings_names.ts";
import type { StartDecision } from "./start_decide.ts";
import type { ProjectPlan } from "./start_lane.ts";
import { resourceUnit } from "./port_entry.ts";

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
  if (ids.size === 0) return new Map();
  // Most repositories have no dependency, and all that could provide one is
  // much to load.
  const { chooseEach } = await import("./provision_choice.ts");
  return await chooseEach(host, ids, dependencies);
}

const SOURCES: Readonly<Record<string, PortSource>> = {
  restart: "restart",
  resume: "resume",
  start: "resume",
};

/**
 * The ports that are needed; those of the last time are asked for first. A port
 * that the environment of the command sets counts as it is, for the main
 * checkout; one of the repository's file is only where looking for one begins.
 *
 * @param origins where each key of the settings comes from.
 */
export function wishesOf(
  { plans, settings, before, request }: StartDecision,
  provisions: ReadonlyMap<string, Provision>,
  origins: LoadedSettings["origins"],
): readonly PortWish[] {
  const wishes = new Map<string, PortWish>();
  const source = request.isFresh
    ? "fresh_start_replacement"
    : SOURCES[request.command] ?? "resume";
  const wish = (
    { key, base, last, project, unit }: {
      readonly project: string;
      readonly unit: string;
      readonly key: string | undefined;
      readonly base: number | undefined;
      readonly last: number | undefined;
    },
  ) => {
    const isSet = project === MAIN_PROJECT && key !== undefined &&
      origins.get(key)?.source === "env";
    const fixed = isSet ? base : undefined;
    const requested = before?.run.ports.find((plan) =>
      plan.project === project && plan.unit === unit
    )?.requested;
    const previous = last === undefined
      ? undefined
      : { port: last, source, requested };
    const id = unitKey({ project, id: unit });
    wishes.set(id, { project, unit, fixed, previous });
  };
  for (
    const { id, kind, owner } of plans.flatMap(({ plan }) => plan.layers.flat())
  ) {
    const last = request.forgetsPorts === true ? undefined : before?.units.find(
      (unit) => unit.project === owner && unit.id === id,
    );
    if (kind === "service") {
      const service = settings.services.find(({ slug }) => slug === id);
      if (service?.portBase === undefined) continue;
      wish({
        project: owner,
        unit: id,
        key: serviceKey(id, "PORT").name,
        base: service.portBase,
        last: last?.kind === "service" ? last.record.requestedPort : undefined,
      });
      continue;
    }
    const { mode } = provisions.get(unitKey({ project: owner, id })) ?? {};
    if (mode === "external") continue;
    const choice = settings.dependencies.find((one) => one.id === id);
    const keys = isDependency(id) ? portKeys(id) : [];
    const ports = last?.kind === "dependency" ? last.record.ports : {};
    for (const [resource, base] of Object.entries(choice?.ports ?? {})) {
      wish({
        project: owner,
        unit: resourceUnit(id, resource),
        key: keys.find((one) => one.resource === resource)?.name,
        base,
        last: ports[resource],
      });
    }
  }
  return [...wishes.values()];
}
