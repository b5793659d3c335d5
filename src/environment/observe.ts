/**
 * What is recorded for a repository, as it really is now.
 *
 * @module
 */

import { collectUnitFacts, type FactsHost, type UnitQuery } from "./facts.ts";
import { severityOf } from "./evidence.ts";
import type {
  DependencyRecord,
  Mode,
  RunState,
  ServiceRecord,
} from "./model.ts";
import type { DependencyEyes } from "./observe_dependency.ts";
import type { EnvironmentPlace } from "./place.ts";
import type { ProvisionHost } from "./provisioners/pick_provisioner.ts";
import type { StateNote } from "./run_fixes.ts";
import {
  lostRuns,
  readRuns,
  type RepositoryHost,
  selectRuns,
} from "./run_repository.ts";
import { lastWords } from "./service_log.ts";
import { type Truth, truthOf, type TruthRecord } from "./truth.ts";

/** What {@linkcode observeRuns} needs of the world. */
export type ObserveHost = FactsHost & ProvisionHost & RepositoryHost;

interface ObservedBase {
  /** Project that owns it. */
  readonly project: string;
  /** Slug of a service, or id of a dependency. */
  readonly id: string;
  /** For people: `Main Backend`. */
  readonly name: string;
  /** Whether the environment is broken without it. */
  readonly isCritical: boolean;
  /** What it is doing, and why we think so. */
  readonly truth: Truth;
  /**
   * The line of its log that most likely tells why it has ended; only for one
   * that ended without anybody having written down why.
   */
  readonly lastWords?: string;
}

/** A recorded service, as it is. */
export interface ObservedService extends ObservedBase {
  /** Tells it from dependencies. */
  readonly kind: "service";
  /** What is recorded. */
  readonly record: ServiceRecord;
}

/** A recorded dependency, as it is. */
export interface ObservedDependency extends ObservedBase {
  /** Tells it from services. */
  readonly kind: "dependency";
  /** What is recorded. */
  readonly record: DependencyRecord;
}

/** A recorded unit, as it is. */
export type ObservedUnit = ObservedDependency | ObservedService;

/** A recorded run, as it is. */
export interface ObservedRun {
  /** What is recorded. */
  readonly run: RunState;
  /** Dependencies, then services, each in the order of the record. */
  readonly units: readonly ObservedUnit[];
}

/** Which runs are looked at. */
export interface ObserveWhich {
  /** Only those of a mode. */
  readonly mode?: Mode;
  /** Only those with one of these projects. */
  readonly projects?: readonly string[];
}

/** How long after its start a service may not listen, where nobody says. */
const DEFAULT_GRACE_MS = 15_000;

/** What is recorded, as it is, and what was wrong with the records. */
export interface Observation {
  /** The chosen runs, the latest first. */
  readonly runs: readonly ObservedRun[];
  /**
   * What was found wrong, of whatever mode and project. A first start that has
   * not come to its end is no loss, and not in it.
   */
  readonly notes: readonly StateNote[];
}

/** Looks at recorded runs, for who also tells what of them is lost. */
export async function observeRecorded(
  host: ObserveHost,
  place: EnvironmentPlace,
  which: ObserveWhich,
): Promise<Observation> {
  const read = await readRuns(host, place.paths);
  const selected = selectRuns(read.runs, which.mode, which.projects ?? []);
  const lost = lostRuns(read, place.paths);
  return {
    runs: await observeStates(host, place, selected.map(({ run }) => run)),
    notes: read.notes.filter((note) =>
      note.kind !== "lost" || lost.includes(note)
    ),
  };
}

/** Looks at every recorded run, the latest first. */
export async function observeRuns(
  host: ObserveHost,
  place: EnvironmentPlace,
  which: ObserveWhich,
): Promise<readonly ObservedRun[]> {
  return (await observeRecorded(host, place, which)).runs;
}

/** Looks at runs that have been read, with one look at the machine for all. */
export async function observeStates(
  host: ObserveHost,
  place: EnvironmentPlace,
  runs: readonly RunState[],
): Promise<readonly ObservedRun[]> {
  if (runs.length === 0) return [];
  const services = runs.flatMap((run) => run.services);
  const dependencies = runs.flatMap((run) => run.dependencies);
  const facts = await collectUnitFacts(host, [
    ...services.flatMap(queryOfService),
    ...dependencies.flatMap(({ identity, ports }) =>
      identity === undefined ? [] : [{ identity, ports: Object.values(ports) }]
    ),
  ]);
  const judge = (record: TruthRecord, graceMs: number): Truth =>
    truthOf(record, facts, facts.takenAt, { graceMs, allowsRebound: true });
  const eyes = dependencies.length === 0
    ? undefined
    : await openEyes(host, place, judge);
  return await Promise.all(
    runs.map((run) => observeRun(run, place, { host, judge, eyes })),
  );
}

/** All kinds of dependencies are much to load, so only where there are any. */
async function openEyes(
  host: ObserveHost,
  place: EnvironmentPlace,
  judge: Eyes["judge"],
): Promise<DependencyEyes> {
  const { openDependencyEyes } = await import("./observe_dependency.ts");
  return openDependencyEyes(host, place, judge);
}

/**
 * What to look for to judge a service. One without a process needs no look: it
 * was stopped, or never started.
 */
export function queryOfService(
  { actualPort, expectsListener, identity, requestedPort }: ServiceRecord,
): readonly UnitQuery[] {
  if (identity === undefined) return [];
  const port = actualPort ?? requestedPort;
  const ports = port === undefined || !expectsListener ? [] : [port];
  return [{ identity, ports }];
}

interface Eyes {
  readonly host: Pick<ObserveHost, "blocking">;
  readonly judge: (record: TruthRecord, graceMs: number) => Truth;
  readonly eyes: DependencyEyes | undefined;
}

async function observeRun(
  run: RunState,
  place: EnvironmentPlace,
  { host, judge, eyes }: Eyes,
): Promise<ObservedRun> {
  const dependencies = eyes === undefined ? [] : await Promise.all(
    run.dependencies.map(async (record): Promise<ObservedDependency> => ({
      kind: "dependency",
      project: record.project,
      id: record.id,
      name: `${record.project} ${record.id}`,
      isCritical: true,
      record,
      truth: await eyes.look(record),
    })),
  );
  const { services } = place.loaded.settings;
  const graces = new Map(
    services.map(({ slug, timeoutMs }) => [slug, timeoutMs]),
  );
  return {
    run,
    units: [
      ...dependencies,
      ...run.services.map((record): ObservedService => {
        const truth = truthOfService(
          record,
          (one) => judge(one, graces.get(one.slug) ?? DEFAULT_GRACE_MS),
        );
        return {
          kind: "service",
          project: record.project,
          id: record.slug,
          name: record.name,
          isCritical: record.isCritical,
          record,
          truth,
          ...wordsOf(host, record, truth),
        };
      }),
    ],
  };
}

/** Only the log of what has ended unseen is read: nobody else has its reason. */
function wordsOf(
  host: Pick<ObserveHost, "blocking">,
  { failure, logPath }: ServiceRecord,
  { status }: Truth,
): Pick<ObservedService, "lastWords"> {
  if (status !== "stale" || failure !== undefined) return {};
  const words = lastWords(host, logPath);
  return words === undefined ? {} : { lastWords: words };
}

/** What could not be started never had a process, and is not well for that. */
function truthOfService(
  record: ServiceRecord,
  judge: (record: ServiceRecord) => Truth,
): Truth {
  const { failure, identity, status } = record;
  if (identity === undefined && failure !== undefined) {
    return {
      status: status === "stopped" ? "stale" : status,
      evidence: [{ fact: "gone", text: failure }],
      actualPort: undefined,
    };
  }
  return judge(record);
}

/** How an environment is as a whole. */
export type Health = "degraded" | "healthy" | "unhealthy";

/** What is wrong with an environment; no unit is in both lists. */
export interface HealthReport {
  /** The worst of all. */
  readonly overall: Health;
  /** Units whose state breaks the environment. */
  readonly critical: readonly ObservedUnit[];
  /** Units that are not well without breaking it. */
  readonly optional: readonly ObservedUnit[];
}

/** How runs are as a whole. A run whose start failed is not well. */
export function healthOf(runs: readonly ObservedRun[]): HealthReport {
  const units = runs.flatMap((run) => run.units);
  const of = (severity: "critical" | "degraded") =>
    units.filter(({ isCritical, truth }) =>
      severityOf(truth.status, isCritical) === severity
    );
  const [critical, optional] = [of("critical"), of("degraded")];
  const hasFailed = runs.some(({ run }) => run.failure !== undefined);
  if (critical.length > 0 || hasFailed) {
    return { overall: "unhealthy", critical, optional };
  }
  const overall = optional.length > 0 ? "degraded" : "healthy";
  return { overall, critical, optional };
}
