/**
 * The names that `${…}` in a service's variables may use.
 *
 * @module
 */

import type { DependencyId } from "./service_keys.ts";
import { suffixOf } from "./settings_names.ts";
import type { KnownSource, TemplateSource } from "./template_fill.ts";

const OPEN: KnownSource = { isSecret: false };
const SECRET: KnownSource = { isSecret: true };

/** What each dependency provides, by name. */
export const DEPENDENCY_SOURCES: Readonly<
  Record<DependencyId, Readonly<Record<string, KnownSource>>>
> = {
  n8n: { N8N_HOST: OPEN, N8N_PORT: OPEN, N8N_URL: OPEN },
  postgres: {
    DB_HOST: OPEN,
    DB_PORT: OPEN,
    DB_USER: OPEN,
    DB_PASSWORD: SECRET,
    DB_NAME: OPEN,
    DATABASE_URL: SECRET,
    SQLALCHEMY_DATABASE_URL: SECRET,
    ASYNC_DATABASE_URL: SECRET,
  },
  redis: { REDIS_HOST: OPEN, REDIS_PORT: OPEN, REDIS_URL: SECRET },
  supabase: {
    DB_HOST: OPEN,
    DB_PORT: OPEN,
    DB_USER: OPEN,
    DB_PASSWORD: SECRET,
    DB_NAME: OPEN,
    DATABASE_URL: SECRET,
    SQLALCHEMY_DATABASE_URL: SECRET,
    ASYNC_DATABASE_URL: SECRET,
    SUPABASE_URL: OPEN,
    SUPABASE_PUBLIC_URL: OPEN,
    SUPABASE_ANON_KEY: OPEN,
    SUPABASE_SERVICE_ROLE_KEY: SECRET,
    SUPABASE_JWT_SECRET: SECRET,
    SUPABASE_JWKS_URL: OPEN,
  },
};

/** Names that are there in every project. */
const PROJECT_SOURCES = ["PROJECT_NAME", "PROJECT_ROOT"];

/** A service's address, as others may want it. */
export interface ServiceAddress {
  /** Its slug. */
  readonly slug: string;
  /** Its port, if it has one. */
  readonly port: number | undefined;
  /** Its address for people, if it has one of its own. */
  readonly publicUrl: string | undefined;
}

/** Every name that can be filled in, with these services and dependencies. */
export function knownSources(
  services: readonly { readonly slug: string; readonly portBase: unknown }[],
  dependencies: readonly DependencyId[],
): ReadonlyMap<string, KnownSource> {
  const served = services
    .filter(({ portBase }) => portBase !== undefined)
    .flatMap(({ slug }) =>
      Object.keys(addressSources({ slug, port: 1, publicUrl: undefined }, ""))
    );
  return new Map([
    ...[...PROJECT_SOURCES, ...served].map((name) => [name, OPEN] as const),
    ...dependencies.flatMap((id) => Object.entries(DEPENDENCY_SOURCES[id])),
  ]);
}

/**
 * What a project and its services provide: `PROJECT_NAME`, `PROJECT_ROOT`, and
 * for each service with a port `SERVICE_API_HOST`, `…_PORT`, `…_URL`,
 * `…_WS_URL` and `…_PUBLIC_URL`.
 */
export function serviceSources(
  project: { readonly name: string; readonly root: string },
  services: readonly ServiceAddress[],
  publicHost: string,
): ReadonlyMap<string, TemplateSource> {
  const values: Readonly<Record<string, string>> = Object.assign(
    { "PROJECT_NAME": project.name, "PROJECT_ROOT": project.root },
    ...services.map((service) => addressSources(service, publicHost)),
  );
  return new Map(
    Object.entries(values).map(([name, value]) => [name, { value }]),
  );
}

function addressSources(
  { slug, port, publicUrl }: ServiceAddress,
  publicHost: string,
): Readonly<Record<string, string>> {
  if (port === undefined) return {};
  const prefix = `SERVICE_${suffixOf(slug)}`;
  return {
    [`${prefix}_HOST`]: "localhost",
    [`${prefix}_PORT`]: String(port),
    [`${prefix}_URL`]: `http://localhost:${port}`,
    [`${prefix}_WS_URL`]: `ws://localhost:${port}`,
    [`${prefix}_PUBLIC_URL`]: publicUrl ?? `http://${publicHost}:${port}`,
  };
}
