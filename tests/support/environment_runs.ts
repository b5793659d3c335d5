/**
 * Runs of a made-up repository, as values.
 *
 * @module
 */

import fc from "fast-check";
import type {
  DependencyRecord,
  PortPlan,
  RunState,
  ServiceRecord,
  ServiceStatus,
  UnitIdentity,
} from "../../src/environment/model.ts";
import {
  type EnvironmentPaths,
  environmentPaths,
} from "../../src/state/environment_paths.ts";

/** Repository of these runs. */
export const SCOPE = "repo-0123456789ab";

/** Files of that repository below a state root. */
export function pathsBelow(root: string): EnvironmentPaths {
  return environmentPaths({ root }, SCOPE);
}

/** The id of the n-th run. */
export function runIdOf(n: number): string {
  return `run-20260102030405-${n.toString(16).padStart(8, "0")}`;
}

/** An identity. */
export function identityOf(pid: number): UnitIdentity {
  return {
    pid,
    startStamp: `stamp-${pid}`,
    bootId: "boot-1",
    pidNamespace: "pid:[1]",
    marker: `${SCOPE}.run.unit.${pid}`,
  };
}

/** A service that runs. */
export function serviceOf(
  project: string,
  slug: string,
  facts: Partial<ServiceRecord> = {},
): ServiceRecord {
  return {
    name: `${project} ${slug}`,
    project,
    slug,
    identity: identityOf(4000),
    cwd: `/shop/${project}`,
    argvHash: "a1",
    requestedPort: 8000,
    actualPort: 8000,
    logPath: `/logs/${project}_${slug}.log`,
    startedAt: 1_700_000_000_000,
    status: "running",
    expectsListener: true,
    isCritical: true,
    failure: undefined,
    publicUrl: undefined,
    healthUrl: undefined,
    ...facts,
  };
}

/** A dependency that runs. */
export function dependencyOf(
  project: string,
  id: string,
  facts: Partial<DependencyRecord> = {},
): DependencyRecord {
  return {
    id,
    project,
    mode: "native",
    identity: identityOf(4100),
    ports: { db: 5432 },
    url: undefined,
    dataDirectory: `/data/${project}/${id}`,
    logPath: undefined,
    status: "running",
    failure: undefined,
    retries: 0,
    ...facts,
  };
}

/** A plan that got what it asked for. */
export function planOf(
  project: string,
  unit: string,
  port: number,
  facts: Partial<PortPlan> = {},
): PortPlan {
  return {
    project,
    unit,
    requested: port,
    assigned: port,
    final: port,
    source: "planner",
    retries: 0,
    ...facts,
  };
}

/** A run of some projects with one service each. */
export function runOf(
  n: number,
  projects: readonly string[] = ["Main"],
  facts: Partial<RunState> = {},
): RunState {
  return {
    runId: runIdOf(n),
    mode: "main",
    projects: projects.map((name) => ({ name, root: `/shop/${name}` })),
    fingerprint: `fingerprint-${n}`,
    services: projects.map((name) => serviceOf(name, "api")),
    dependencies: projects.map((name) => dependencyOf(name, "postgres")),
    ports: projects.map((name) => planOf(name, "api", 8000)),
    createdAt: 1_700_000_000_000,
    failure: undefined,
    ...facts,
  };
}

const STATUSES: readonly ServiceStatus[] = [
  "degraded",
  "finished",
  "running",
  "stale",
  "starting",
  "stopped",
  "termination_failed",
  "unreachable",
  "unverified",
];

const word = fc.string({ minLength: 1, unit: "grapheme" });
const text = fc.string({ unit: "grapheme" });
const port = fc.integer({ min: 1, max: 65535 });
const time = fc.integer({ min: 0, max: 8e15 });
const status = fc.constantFrom(...STATUSES);
const maybe = <T>(value: fc.Arbitrary<T>) =>
  fc.option(value, { nil: undefined });

const identity: fc.Arbitrary<UnitIdentity> = fc.record({
  pid: fc.integer({ min: 2, max: 2 ** 31 }),
  startStamp: word,
  bootId: maybe(text),
  pidNamespace: maybe(text),
  marker: word,
});

const service: fc.Arbitrary<ServiceRecord> = fc.record({
  name: word,
  project: word,
  slug: word,
  identity: maybe(identity),
  cwd: text,
  argvHash: text,
  requestedPort: maybe(port),
  actualPort: maybe(port),
  logPath: text,
  startedAt: time,
  status,
  expectsListener: fc.boolean(),
  isCritical: fc.boolean(),
  failure: maybe(text),
  publicUrl: maybe(text),
  healthUrl: maybe(text),
});

const dependency: fc.Arbitrary<DependencyRecord> = fc.record({
  id: word,
  project: word,
  mode: fc.constantFrom("command", "container", "external", "native"),
  identity: maybe(identity),
  ports: fc.dictionary(fc.stringMatching(/^[a-z_]{1,8}$/), port, {
    noNullPrototype: true,
  }),
  url: maybe(text),
  dataDirectory: maybe(text),
  logPath: maybe(text),
  status,
  failure: maybe(text),
  retries: fc.nat(),
});

const plan: fc.Arbitrary<PortPlan> = fc.record({
  project: word,
  unit: word,
  requested: port,
  assigned: port,
  final: port,
  source: fc.constantFrom(
    "env",
    "fresh_start_replacement",
    "planner",
    "restart",
    "resume",
    "retry",
  ),
  retries: fc.nat(),
});

/** Any run. */
export const anyRun: fc.Arbitrary<RunState> = fc.record({
  runId: fc.nat().map(runIdOf),
  mode: fc.constantFrom("main", "trees"),
  projects: fc.array(fc.record({ name: word, root: text })),
  fingerprint: text,
  services: fc.array(service),
  dependencies: fc.array(dependency),
  ports: fc.array(plan),
  createdAt: time,
  failure: maybe(text),
});
