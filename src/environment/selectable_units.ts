/**
 * What can be chosen on a command line: services and dependencies of projects,
 * as settings promise them or as a run has recorded them.
 *
 * @module
 */

import type { EnvironmentSettings, Mode, Project, RunState } from "./model.ts";
import type { DependencyScope } from "./route_types.ts";

/** Something that can be chosen. */
export interface SelectableUnit {
  /** What it is. */
  readonly kind: "dependency" | "service";
  /** Project that owns it; shared dependencies belong to `Main`. */
  readonly project: string;
  /** Slug of a service, or id of a dependency. */
  readonly id: string;
  /** For people, such as `Backend`. */
  readonly displayName: string;
}

/** Name of the project that the main checkout is, and that owns what is shared. */
export const MAIN_PROJECT = "Main";

/** Everything that settings and projects offer in a mode. */
export function unitsOfSettings(
  settings: Pick<EnvironmentSettings, "dependencies" | "services">,
  projects: readonly Project[],
  mode: Mode,
): readonly SelectableUnit[] {
  const isOn = ({ modes }: { readonly modes: readonly Mode[] }) =>
    modes.includes(mode);
  const units = new Map<string, SelectableUnit>();
  for (const { name } of projects) {
    for (const { id, isShared } of settings.dependencies.filter(isOn)) {
      const project = isShared ? MAIN_PROJECT : name;
      const unit = {
        kind: "dependency",
        project,
        id,
        displayName: id,
      } as const;
      units.set(unitKey(unit), unit);
    }
    for (const { slug: id, displayName } of settings.services.filter(isOn)) {
      const unit = { kind: "service", project: name, id, displayName } as const;
      units.set(unitKey(unit), unit);
    }
  }
  return [...units.values()];
}

/** Everything that a run has recorded. */
export function unitsOfRun(
  run: Pick<RunState, "dependencies" | "services">,
): readonly SelectableUnit[] {
  return [
    ...run.dependencies.map(({ id, project }) =>
      ({ kind: "dependency", project, id, displayName: id }) as const
    ),
    ...run.services.map(({ name, project, slug }) =>
      ({
        kind: "service",
        project,
        id: slug,
        displayName: name.startsWith(`${project} `)
          ? name.slice(project.length + 1)
          : name,
      }) as const
    ),
  ];
}

/** A key of a unit that no other one has. */
export function unitKey(
  { project, id }: Pick<SelectableUnit, "id" | "project">,
): string {
  return `${project}\n${id}`;
}

/** The name of a unit for people, such as `Main Backend`. */
export function unitName(
  { project, displayName }: Pick<SelectableUnit, "displayName" | "project">,
): string {
  return `${project} ${displayName}`;
}

/** Settings in which a line has chosen how worktrees get dependencies. */
export function withDependencyScope<
  T extends Pick<EnvironmentSettings, "dependencies">,
>(settings: T, scope: DependencyScope | undefined): T {
  if (scope === undefined) return settings;
  const isShared = scope === "shared";
  const dependencies = settings.dependencies.map((one) => ({
    ...one,
    isShared,
  }));
  return { ...settings, dependencies };
}
