/**
 * What a service is started with: its command, its variables and its
 * addresses, with everything filled in.
 *
 * @module
 */

import type { Env } from "../host/host.ts";
import { joinPath } from "../host/path.ts";
import type {
  EnvironmentSettings,
  Project,
  ServiceDefinition,
} from "./model.ts";
import {
  type FilledEnv,
  fillEnv,
  fillPlaceholders,
  type PlaceholderFacts,
  type TemplateSource,
} from "./template_fill.ts";
import { serviceSources } from "./template_sources.ts";

/** Variables that every service inherits, where they are set. */
const INHERITED = [
  "HOME",
  "LANG",
  "LC_ADDRESS",
  "LC_ALL",
  "LC_COLLATE",
  "LC_CTYPE",
  "LC_IDENTIFICATION",
  "LC_MEASUREMENT",
  "LC_MESSAGES",
  "LC_MONETARY",
  "LC_NAME",
  "LC_NUMERIC",
  "LC_PAPER",
  "LC_TELEPHONE",
  "LC_TIME",
  "LOGNAME",
  "PATH",
  "SHELL",
  "TERM",
  "TMPDIR",
  "TZ",
  "USER",
];

/** What a service is started from. */
export interface LaunchFacts {
  /** Its project. */
  readonly project: Project;
  /** Settings of the repository. */
  readonly settings: Pick<
    EnvironmentSettings,
    "inheritedEnv" | "publicHost" | "services"
  >;
  /** Its own port. */
  readonly port: number | undefined;
  /** Ports of the services of its project, as they are now. */
  readonly ports: ReadonlyMap<string, number>;
  /** What dependencies provide. */
  readonly provided: ReadonlyMap<string, TemplateSource>;
  /** Our own environment. */
  readonly env: Pick<Env, "get">;
}

/** What a service is started with. */
export interface ServiceLaunch {
  /** Words of its command. */
  readonly command: readonly [string, ...string[]];
  /** Directory that it runs in. */
  readonly cwd: string;
  /** All its variables. */
  readonly env: Readonly<Record<string, string>>;
  /** Variables that were left out, as what they need is not there. */
  readonly dropped: FilledEnv["dropped"];
}

/** The variables that every unit inherits. */
export function inheritedVariables(
  env: Pick<Env, "get">,
  more: readonly string[],
): Readonly<Record<string, string>> {
  return Object.fromEntries(
    [...INHERITED, ...more].flatMap((name) => {
      const value = env.get(name);
      return value === undefined ? [] : [[name, value]];
    }),
  );
}

/** Directory that a service runs in. */
export function directoryOf(
  { directory }: Pick<ServiceDefinition, "directory">,
  { root }: Pick<Project, "root">,
): string {
  return directory === "." ? root : joinPath(root, directory);
}

/**
 * What a service is started with.
 *
 * @throws {KnownError} `usage` for the port of something that has none.
 */
export function launchOf(
  service: ServiceDefinition,
  facts: LaunchFacts,
): ServiceLaunch {
  const { project, settings, port } = facts;
  const cwd = directoryOf(service, project);
  const places: PlaceholderFacts = {
    port,
    ports: facts.ports,
    projectRoot: project.root,
    serviceDirectory: cwd,
    serviceName: service.slug,
  };
  const [first = "", ...rest] = service.command.map((word) =>
    fillPlaceholders(word, places)
  );
  let sources: ReadonlyMap<string, TemplateSource> | undefined;
  const own = fillEnv(service.env, {
    get: (name) => (sources ??= sourcesOf(facts)).get(name),
  }, places);
  const env = {
    ...inheritedVariables(facts.env, settings.inheritedEnv),
    ...port === undefined ? {} : { "PORT": String(port) },
    ...own.env,
    "REEVE_PROJECT": project.name,
    "REEVE_SERVICE": service.slug,
  };
  return { command: [first, ...rest], cwd, env, dropped: own.dropped };
}

/** What can be filled in; only few services want it. */
function sourcesOf(
  { ports, project, provided, settings }: LaunchFacts,
): ReadonlyMap<string, TemplateSource> {
  const addresses = settings.services.map(({ slug, publicUrl }) => ({
    slug,
    port: ports.get(slug),
    publicUrl: addressOf(publicUrl, ports.get(slug)),
  }));
  return new Map([
    ...provided,
    ...serviceSources(project, addresses, settings.publicHost),
  ]);
}

/** Addresses of a service that listens on a port. */
export function addressesOf(
  service: Pick<ServiceDefinition, "healthUrl" | "publicUrl" | "ready">,
  port: number | undefined,
  publicHost: string,
): {
  readonly publicUrl: string | undefined;
  readonly healthUrl: string | undefined;
} {
  const base = port === undefined ? undefined : `http://${publicHost}:${port}`;
  const { ready } = service;
  const probed = ready.kind === "http" && port !== undefined
    ? `http://localhost:${port}${ready.path}`
    : undefined;
  return {
    publicUrl: addressOf(service.publicUrl, port) ?? base,
    healthUrl: addressOf(service.healthUrl, port) ?? probed,
  };
}

/** Whether a service should be found listening while it runs. */
export function expectsListener(
  service: Pick<ServiceDefinition, "portBase" | "ready">,
): boolean {
  const { kind } = service.ready;
  return service.portBase !== undefined && kind !== "exit" &&
    kind !== "running";
}

function addressOf(
  template: string | undefined,
  port: number | undefined,
): string | undefined {
  if (template === undefined) return undefined;
  if (port !== undefined) return template.replaceAll("{port}", String(port));
  return template.includes("{port}") ? undefined : template;
}
