/**
 * Everything that differs from one dependency to the next, as data. A further
 * one is a row here, its ports in the table of keys and the names of its
 * variables in the table of sources.
 *
 * @module
 */

import type { Credentials, DependencyEndpoint } from "./dependency_endpoint.ts";
import {
  type Projection,
  projectN8n,
  projectPostgres,
  projectRedis,
  projectSupabase,
} from "./dependency_projection.ts";
import type { ProvisionMode } from "./model.ts";
import { DEPENDENCY_PORTS, type DependencyId } from "./service_keys.ts";

/** How a dependency says that it is ready. */
export type ProbeSpec =
  | { readonly kind: "http"; readonly path: string }
  | { readonly kind: "postgres" }
  | { readonly kind: "redis" }
  | { readonly kind: "tcp" };

/** Programs that provide a dependency on the machine itself. */
export interface NativeProgram {
  /** Names to look for; the first that is found counts. */
  readonly names: readonly string[];
  /** Directories beside `PATH`; `*` stands for one name. */
  readonly directories: readonly string[];
  /** How a person gets it. */
  readonly install: string;
}

/** An image that provides a dependency in a container. */
export interface ContainerImage {
  /** Name with tag. */
  readonly image: string;
  /** Port inside, by resource. */
  readonly ports: Readonly<Record<string, number>>;
  /** Directory inside that its data is in. */
  readonly dataPath: string;
  /** Words after the image. */
  readonly command: readonly string[];
  /** Variables inside; `{user}` and its like are filled in. */
  readonly env: Readonly<Record<string, string>>;
}

/** One dependency. */
export interface DependencyDefinition {
  /** Its name in settings. */
  readonly id: DependencyId;
  /** Its name for people. */
  readonly displayName: string;
  /** Its resources with their usual ports. */
  readonly resources: Readonly<Record<string, number>>;
  /** Resource that is asked whether it is ready. */
  readonly probed: string;
  /** How that is asked. */
  readonly probe: ProbeSpec;
  /** Programs of mode `native`. */
  readonly native: NativeProgram | undefined;
  /** Image of mode `container`. */
  readonly container: ContainerImage | undefined;
  /** Whether it has data that outlives it. */
  readonly keepsData: boolean;
  /** Who may ask it where settings say nothing; a password is made up. */
  readonly credentials: Credentials;
  /** Whether one that we provide gets a password of its own. */
  readonly hasPassword: boolean;
  /** Variables of this program's environment that hold its secrets. */
  readonly secretNames: readonly string[];
  /** Its variables. */
  readonly project: Projection;
  /** How long it may take to be ready, in milliseconds. */
  readonly readyTimeoutMs: number;
  /** How long it may take to end, in milliseconds. */
  readonly graceMs: number;
}

const NOBODY: Credentials = {
  user: undefined,
  password: undefined,
  database: undefined,
};

/** Every dependency. */
export const DEPENDENCIES: Readonly<
  Record<DependencyId, DependencyDefinition>
> = {
  postgres: {
    id: "postgres",
    displayName: "PostgreSQL",
    resources: DEPENDENCY_PORTS.postgres,
    probed: "primary",
    probe: { kind: "postgres" },
    native: {
      names: ["postgres"],
      directories: [
        "/usr/lib/postgresql/*/bin",
        "/usr/pgsql-*/bin",
        "/opt/homebrew/opt/postgresql@*/bin",
        "/usr/local/opt/postgresql@*/bin",
      ],
      install: "apt-get install postgresql",
    },
    container: {
      image: "postgres:15-alpine",
      ports: { primary: 5432 },
      dataPath: "/var/lib/postgresql/data",
      command: [],
      env: {
        "POSTGRES_USER": "{user}",
        "POSTGRES_PASSWORD": "{password}",
        "POSTGRES_DB": "{database}",
      },
    },
    keepsData: true,
    credentials: {
      user: "postgres",
      password: undefined,
      database: "postgres",
    },
    hasPassword: true,
    secretNames: [],
    project: projectPostgres,
    readyTimeoutMs: 30_000,
    graceMs: 10_000,
  },
  redis: {
    id: "redis",
    displayName: "Redis",
    resources: DEPENDENCY_PORTS.redis,
    probed: "primary",
    probe: { kind: "redis" },
    native: {
      names: ["redis-server", "valkey-server"],
      directories: [],
      install: "apt-get install redis-server",
    },
    container: {
      image: "redis:7-alpine",
      ports: { primary: 6379 },
      dataPath: "/data",
      command: ["redis-server", "--appendonly", "yes"],
      env: {},
    },
    keepsData: true,
    credentials: NOBODY,
    hasPassword: false,
    secretNames: [],
    project: projectRedis,
    readyTimeoutMs: 15_000,
    graceMs: 5000,
  },
  supabase: {
    id: "supabase",
    displayName: "Supabase",
    resources: DEPENDENCY_PORTS.supabase,
    probed: "api",
    probe: { kind: "http", path: "/auth/v1/health" },
    native: undefined,
    container: undefined,
    keepsData: true,
    credentials: {
      user: "postgres",
      password: "postgres",
      database: "postgres",
    },
    hasPassword: false,
    secretNames: [
      "SUPABASE_ANON_KEY",
      "SUPABASE_SERVICE_ROLE_KEY",
      "SUPABASE_JWT_SECRET",
    ],
    project: projectSupabase,
    readyTimeoutMs: 120_000,
    graceMs: 10_000,
  },
  n8n: {
    id: "n8n",
    displayName: "n8n",
    resources: DEPENDENCY_PORTS.n8n,
    probed: "primary",
    probe: { kind: "http", path: "/healthz" },
    native: undefined,
    container: {
      image: "n8nio/n8n",
      ports: { primary: 5678 },
      dataPath: "/home/node/.n8n",
      command: [],
      env: {},
    },
    keepsData: true,
    credentials: NOBODY,
    hasPassword: false,
    secretNames: [],
    project: projectN8n,
    readyTimeoutMs: 60_000,
    graceMs: 10_000,
  },
};

/** The definition of a dependency; `undefined` for a name that is none. */
export function findDefinition(id: string): DependencyDefinition | undefined {
  return Object.values(DEPENDENCIES).find((row) => row.id === id);
}

/** Ways in which a dependency can be provided. */
export function modesFor(
  { native, container }: DependencyDefinition,
): readonly Exclude<ProvisionMode, "auto">[] {
  return [
    "external",
    ...(native === undefined ? [] : ["native" as const]),
    ...(container === undefined ? [] : ["container" as const]),
    "command",
  ];
}

/** Where one that we provide answers. */
export function localEndpoint(
  definition: DependencyDefinition,
  ports: Readonly<Record<string, number>>,
  password: string | undefined,
): DependencyEndpoint {
  const { credentials } = definition;
  return {
    ...credentials,
    password: password ?? credentials.password,
    host: "localhost",
    ports,
    isTls: false,
    path: "",
    query: "",
    secrets: {},
  };
}
