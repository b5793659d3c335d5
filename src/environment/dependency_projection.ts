/**
 * The variables that a dependency's clients get. They follow from where it
 * answers in the end, so a port that had to be changed changes them all.
 *
 * @module
 */

import {
  baseUrl,
  type DependencyEndpoint,
  hostInUrl,
} from "./dependency_endpoint.ts";

/** A variable of a dependency. */
export interface ProjectedVariable {
  /** Its name. */
  readonly name: string;
  /** Its value. */
  readonly value: string;
  /** Whether it must not be shown or reach a browser. */
  readonly isSecret: boolean;
}

/** Gives the variables of a dependency; `publicHost` is for people. */
export type Projection = (
  endpoint: DependencyEndpoint,
  publicHost: string,
) => readonly ProjectedVariable[];

/** PostgreSQL: every address is the same one with another driver. */
export function projectPostgres(
  endpoint: DependencyEndpoint,
): readonly ProjectedVariable[] {
  return databaseVariables(endpoint, "primary");
}

/** Redis. */
export function projectRedis(
  endpoint: DependencyEndpoint,
): readonly ProjectedVariable[] {
  const { host, ports, isTls, user, password, database } = endpoint;
  const port = String(ports["primary"]);
  const scheme = isTls ? "rediss" : "redis";
  const account = accountInUrl(user, password);
  const path = database === undefined ? "" : `/${encode(database)}`;
  return [
    open("REDIS_HOST", host),
    open("REDIS_PORT", port),
    secret(
      "REDIS_URL",
      `${scheme}://${account}${
        hostInUrl(host)
      }:${port}${path}${endpoint.query}`,
    ),
  ];
}

/** The workflow engine n8n. */
export function projectN8n(
  endpoint: DependencyEndpoint,
): readonly ProjectedVariable[] {
  return [
    open("N8N_HOST", endpoint.host),
    open("N8N_PORT", String(endpoint.ports["primary"])),
    open("N8N_URL", baseUrl(endpoint, "primary")),
  ];
}

/** Supabase: its address is that of its API; its database is beside it. */
export function projectSupabase(
  endpoint: DependencyEndpoint,
  publicHost: string,
): readonly ProjectedVariable[] {
  const api = baseUrl(endpoint, "api");
  // An address elsewhere is as public as it will ever be.
  const isHere = endpoint.host === "localhost";
  const publicApi = isHere ? baseUrl(endpoint, "api", publicHost) : api;
  return [
    ...(endpoint.ports["db"] === undefined
      ? []
      : databaseVariables({ ...endpoint, query: "" }, "db")),
    open("SUPABASE_URL", api),
    open("SUPABASE_PUBLIC_URL", publicApi),
    open("SUPABASE_JWKS_URL", `${api}/auth/v1/.well-known/jwks.json`),
    ...Object.entries(endpoint.secrets).map(([name, value]) =>
      // It is made to be given to browsers.
      name === "SUPABASE_ANON_KEY" ? open(name, value) : secret(name, value)
    ),
  ];
}

function databaseVariables(
  endpoint: DependencyEndpoint,
  resource: string,
): readonly ProjectedVariable[] {
  const { host, ports, user, password, database, query } = endpoint;
  const port = String(ports[resource]);
  const path = database === undefined ? "" : `/${encode(database)}`;
  const rest = `://${accountInUrl(user, password)}${hostInUrl(host)}:${port}` +
    `${path}${query}`;
  return [
    open("DB_HOST", host),
    open("DB_PORT", port),
    ...(user === undefined ? [] : [open("DB_USER", user)]),
    ...(password === undefined ? [] : [secret("DB_PASSWORD", password)]),
    ...(database === undefined ? [] : [open("DB_NAME", database)]),
    secret("DATABASE_URL", `postgresql${rest}`),
    secret("SQLALCHEMY_DATABASE_URL", `postgresql${rest}`),
    secret("ASYNC_DATABASE_URL", `postgresql+asyncpg${rest}`),
  ];
}

function accountInUrl(
  user: string | undefined,
  password: string | undefined,
): string {
  if (user === undefined && password === undefined) return "";
  const word = password === undefined ? "" : `:${encode(password)}`;
  return `${encode(user ?? "")}${word}@`;
}

/** Unlike the plain function, for words that may end a part of an address. */
function encode(text: string): string {
  return encodeURIComponent(text).replace(
    /[!'()*]/g,
    (letter) => `%${letter.charCodeAt(0).toString(16).toUpperCase()}`,
  );
}

function open(name: string, value: string): ProjectedVariable {
  return { name, value, isSecret: false };
}

function secret(name: string, value: string): ProjectedVariable {
  return { name, value, isSecret: true };
}
