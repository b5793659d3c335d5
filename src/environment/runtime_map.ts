/**
 * What runs where, as other tools read it: a projection of a run.
 *
 * @module
 */

import type { JsonObject } from "../state/json_value.ts";
import type { RunState, ServiceRecord, ServiceStatus } from "./model.ts";

/** Version of the map. */
export const RUNTIME_MAP_VERSION = 1;

/** The most believable first, for two records of one service. */
const AUTHORITY: readonly ServiceStatus[] = [
  "running",
  "starting",
  "degraded",
  "unreachable",
  "unverified",
  "termination_failed",
  "finished",
  "stopped",
  "stale",
];

/** Whether an address of a service leads to that service now. */
export function hasAddress(status: ServiceStatus): boolean {
  return status === "running" || status === "starting";
}

/** Port that a service listens on, or should, or `null` without one. */
export function portOf(
  service: Pick<ServiceRecord, "actualPort" | "requestedPort">,
): number | null {
  return service.actualPort ?? service.requestedPort ?? null;
}

/** The map of a run. */
export function runtimeMapOf(scope: string, run: RunState): JsonObject {
  const live = run.services.filter(({ status }) => hasAddress(status));
  const byName = (value: (service: ServiceRecord) => string | number | null) =>
    Object.fromEntries(
      run.services.map((service) => [service.name, value(service)]),
    );
  const views = new Map(
    run.projects.map(({ name, root }) =>
      [name, { root, services: servicesOf(run, name) }] as const
    ),
  );
  return {
    "schema": "runtime_map",
    "schema_version": RUNTIME_MAP_VERSION,
    "scope": scope,
    "run_id": run.runId,
    "mode": run.mode,
    "projects": mapValues(views, ({ root, services }) => ({
      "root": root,
      ...portsOf(services),
      "services": mapValues(services, describe),
    })),
    "port_to_service": Object.fromEntries(
      live.flatMap((service) =>
        service.actualPort === undefined
          ? []
          : [[String(service.actualPort), service.name]]
      ),
    ),
    "service_to_actual_port": byName(({ actualPort }) => actualPort ?? null),
    "service_to_url": byName(urlOf),
    "service_to_public_url": byName(publicUrlOf),
    "service_to_health_url": byName(healthUrlOf),
    "projection": mapValues(views, ({ services }) => ({
      ...portsOf(services),
      "backend_url": urlOf(services.get("backend")),
      "frontend_url": urlOf(services.get("frontend")),
      "backend_status": services.get("backend")?.status ?? null,
      "frontend_status": services.get("frontend")?.status ?? null,
      "services": mapValues(services, (service) => ({
        "port": portOf(service),
        "url": urlOf(service),
        "public_url": publicUrlOf(service),
        "health_url": healthUrlOf(service),
        "status": service.status,
      })),
    })),
  };
}

type Services = ReadonlyMap<string, ServiceRecord>;

/** Services of exactly this project; a second record of one has a long key. */
function servicesOf(run: RunState, project: string): Services {
  const rank = ({ status }: ServiceRecord) => AUTHORITY.indexOf(status);
  const mine = run.services.filter((service) => service.project === project);
  const found = new Map<string, ServiceRecord>();
  for (const service of mine.toSorted((a, b) => rank(a) - rank(b))) {
    const { slug, name } = service;
    let key = found.has(slug) ? `${slug}@${name}` : slug;
    for (let copy = 2; found.has(key); copy++) key = `${slug}@${name}@${copy}`;
    found.set(key, service);
  }
  return found;
}

function describe(service: ServiceRecord): JsonObject {
  return {
    "name": service.name,
    "service_slug": service.slug,
    "port": portOf(service),
    "requested_port": service.requestedPort ?? null,
    "actual_port": service.actualPort ?? null,
    "url": urlOf(service),
    "public_url": publicUrlOf(service),
    "health_url": healthUrlOf(service),
    "status": service.status,
    "cwd": service.cwd,
    "listener_expected": service.expectsListener,
    "log_path": service.logPath,
    "failure": service.failure ?? null,
    "critical": service.isCritical,
  };
}

function portsOf(services: Services): JsonObject {
  const port = (slug: string) => {
    const service = services.get(slug);
    return service === undefined ? null : portOf(service);
  };
  return {
    "backend_port": port("backend"),
    "frontend_port": port("frontend"),
  };
}

function urlOf(service: ServiceRecord | undefined): string | null {
  if (service === undefined || !hasAddress(service.status)) return null;
  const port = portOf(service);
  const isServer = service.expectsListener && port !== null;
  return isServer ? `http://localhost:${port}` : null;
}

function publicUrlOf(service: ServiceRecord): string | null {
  return hasAddress(service.status) ? service.publicUrl ?? null : null;
}

function healthUrlOf(service: ServiceRecord): string | null {
  return hasAddress(service.status) ? service.healthUrl ?? null : null;
}

function mapValues<T>(
  map: ReadonlyMap<string, T>,
  change: (value: T) => JsonObject,
): JsonObject {
  return Object.fromEntries(
    [...map].map(([key, value]) => [key, change(value)]),
  );
}
