/**
 * How answers of the wizard change settings. Pure.
 *
 * @module
 */

import { splitCommand } from "../environment/command_words.ts";
import type { ServiceSuggestion } from "../environment/detect_services.ts";
import type {
  DependencyChoice,
  EnvironmentSettings,
  Mode,
  ServiceDefinition,
} from "../environment/model.ts";
import { EVERY_DEPENDENCY, isDependency } from "../environment/service_keys.ts";
import { readEnvironmentSettings } from "../environment/settings_read.ts";

type Units = Pick<EnvironmentSettings, "dependencies" | "services">;

/** Names of the units that are on in a mode, services first. */
export function namesIn(
  { dependencies, services }: Units,
  mode: Mode,
): readonly string[] {
  return [
    ...services.filter(({ modes }) => modes.includes(mode))
      .map(({ slug }) => slug),
    ...dependencies.filter(({ modes }) => modes.includes(mode))
      .map(({ id }) => id),
  ];
}

/** What a list of units is made of. */
export interface ChosenNames {
  /** The mode that it is about. */
  readonly mode: Mode;
  /** Services and dependencies that are on in it. */
  readonly names: readonly string[];
  /** Where a new service takes its values from. */
  readonly suggestions: readonly ServiceSuggestion[];
  /** Whether units that are off in every mode keep their settings. */
  readonly keepsUnits: boolean;
}

/**
 * Switches units on and off. What is chosen for the main checkout goes for
 * worktrees as well, until they are asked about.
 */
export function withNames(
  settings: EnvironmentSettings,
  { keepsUnits, mode, names, suggestions }: ChosenNames,
): EnvironmentSettings {
  const old = namesIn(settings, mode);
  const changed: readonly Mode[] = mode === "main" ? ["main", "trees"] : [mode];
  const switched = <T extends Units["services" | "dependencies"][number]>(
    unit: T,
    name: string,
  ): T => {
    const isOn = names.includes(name);
    if (isOn === old.includes(name)) return unit;
    return { ...unit, modes: switchModes(unit.modes, changed, isOn) };
  };
  const known = new Set([
    ...settings.services.map(({ slug }) => slug),
    ...settings.dependencies.map(({ id }) => id),
  ]);
  const added = names.filter((name) => !known.has(name));
  const services = [
    ...settings.services.map((one) => switched(one, one.slug)),
    ...added.filter((name) => !isDependency(name)).map((slug) => ({
      ...newService(slug, suggestions),
      modes: changed,
    })),
  ].filter(({ modes }) => keepsUnits || modes.length > 0);
  const dependencies = [
    ...settings.dependencies.map((one) => switched(one, one.id)),
    ...added.filter(isDependency).map((id) => ({
      ...newDependency(id),
      modes: changed,
    })),
  ].filter(({ modes }) => keepsUnits || modes.length > 0);
  return {
    ...settings,
    dependencies,
    services: withoutGone(services, [
      ...services.map(({ slug }) => slug),
      ...dependencies.map(({ id }) => id),
    ]),
  };
}

/** Changes one service. */
export function withService(
  settings: EnvironmentSettings,
  slug: string,
  change: (service: ServiceDefinition) => ServiceDefinition,
): EnvironmentSettings {
  const services = settings.services.map((one) =>
    one.slug === slug ? change(one) : one
  );
  return { ...settings, services };
}

/** A service that ends by itself, or one that goes on. */
export function keepingRunning(
  service: ServiceDefinition,
  isLong: boolean,
): ServiceDefinition {
  if (!isLong) {
    return { ...service, ready: { kind: "exit" }, portBase: undefined };
  }
  return service.ready.kind === "exit"
    ? { ...service, ready: { kind: "running" } }
    : service;
}

/** A service that listens, or one that does not. */
export function listening(
  service: ServiceDefinition,
  isListener: boolean,
): ServiceDefinition {
  if (!isListener) return withPort(service, undefined);
  return service.ready.kind === "running"
    ? { ...service, ready: { kind: "listen" } }
    : service;
}

/** A service with a port, or without; what makes it ready follows. */
export function withPort(
  service: ServiceDefinition,
  portBase: number | undefined,
): ServiceDefinition {
  const { ready } = service;
  const needsPort = ready.kind === "listen" || ready.kind === "http";
  if (portBase === undefined) {
    const rule = needsPort ? { kind: "running" } as const : ready;
    return { ...service, portBase, ready: rule };
  }
  const isNew = service.portBase === undefined && ready.kind === "running";
  return { ...service, portBase, ready: isNew ? { kind: "listen" } : ready };
}

/** A service with what was suggested for it. */
export function withSuggestion(
  service: ServiceDefinition,
  { command, port, readsPort }: ServiceSuggestion,
): ServiceDefinition {
  const split = splitCommand(command);
  const words = split.kind === "words" ? split.words : [];
  const variables = readsPort ? { "PORT": "{port}" } : {};
  const env = { ...service.env, ...variables };
  return withPort(
    { ...service, command: words, env },
    service.portBase ?? port,
  );
}

/** The port that is proposed for a service. */
export function proposedPort(
  settings: EnvironmentSettings,
  { command, portBase, ready }: ServiceDefinition,
): number | undefined {
  const isListener = ready.kind === "listen" || ready.kind === "http" ||
    command.some((word) => word.includes("{port}"));
  if (portBase !== undefined || !isListener) return portBase;
  const taken = new Set(settings.services.map(({ portBase }) => portBase));
  let port = FIRST_PORT;
  while (taken.has(port)) port++;
  return port;
}

const FIRST_PORT = 8000;

function switchModes(
  modes: readonly Mode[],
  changed: readonly Mode[],
  isOn: boolean,
): readonly Mode[] {
  return (["main", "trees"] as const).filter((mode) =>
    changed.includes(mode) ? isOn : modes.includes(mode)
  );
}

/** Nothing waits for what is no longer there. */
function withoutGone(
  services: readonly ServiceDefinition[],
  names: readonly string[],
): readonly ServiceDefinition[] {
  return services.map((service) => {
    const dependsOn = service.dependsOn.filter((name) =>
      name === EVERY_DEPENDENCY || names.includes(name)
    );
    return dependsOn.length === service.dependsOn.length
      ? service
      : { ...service, dependsOn };
  });
}

function newService(
  slug: string,
  suggestions: readonly ServiceSuggestion[],
): ServiceDefinition {
  const plain = readOne(`REEVE_SERVICES=${slug}`).services[0];
  if (plain === undefined) throw new TypeError(`${slug} is no service`);
  const found = suggestions.find((suggestion) => suggestion.slug === slug);
  return found === undefined
    ? plain
    : withSuggestion({ ...plain, directory: found.directory }, found);
}

function newDependency(id: string): DependencyChoice {
  const plain = readOne(`REEVE_DEPENDENCIES=${id}`).dependencies[0];
  if (plain === undefined) throw new TypeError(`${id} is no dependency`);
  return plain;
}

/** What one line means with every default. */
function readOne(text: string): EnvironmentSettings {
  const file = { path: "", text };
  const env = { get: () => undefined };
  return readEnvironmentSettings({ env, file }).settings;
}
