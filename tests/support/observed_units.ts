/** Runs and units as commands about environments see them. */

import type { RunState } from "../../src/environment/model.ts";
import type {
  ObservedDependency,
  ObservedRun,
  ObservedService,
  ObservedUnit,
} from "../../src/environment/observe.ts";
import type { Truth } from "../../src/environment/truth.ts";

/** Where logs of samples are. */
export const LOGS = "/s/runs/run-1/logs";

const IDENTITY = {
  pid: 4711,
  startStamp: "99",
  bootId: "boot",
  pidNamespace: "ns",
  marker: "m",
};

/** A service that runs on port 8000, and what differs. */
export function sampleService(
  id: string,
  truth: Partial<Truth> = {},
  rest: {
    readonly isCritical?: boolean;
    readonly record?: Partial<ObservedService["record"]>;
  } = {},
): ObservedService {
  const name = `Main ${id.charAt(0).toUpperCase()}${id.slice(1)}`;
  const { isCritical = true, record = {} } = rest;
  return {
    kind: "service",
    project: "Main",
    id,
    name,
    isCritical,
    record: {
      name,
      project: "Main",
      slug: id,
      identity: IDENTITY,
      cwd: "/r",
      argvHash: "0",
      requestedPort: 8000,
      actualPort: 8000,
      logPath: `${LOGS}/Main_${id}.log`,
      startedAt: 0,
      status: "running",
      expectsListener: true,
      isCritical,
      failure: undefined,
      publicUrl: "http://localhost:8000",
      healthUrl: undefined,
      ...record,
    },
    truth: {
      status: "running",
      evidence: [{ fact: "alive", text: "process 4711 is it" }],
      actualPort: 8000,
      ...truth,
    },
  };
}

/** A Redis of ours that runs. */
export function sampleDependency(
  truth: Partial<Truth> = {},
): ObservedDependency {
  return {
    kind: "dependency",
    project: "Main",
    id: "redis",
    name: "Main redis",
    isCritical: true,
    record: {
      id: "redis",
      project: "Main",
      mode: "native",
      identity: IDENTITY,
      ports: { primary: 6379 },
      url: undefined,
      dataDirectory: "/s/data/Main/redis",
      logPath: `${LOGS}/Main_redis.log`,
      status: "running",
      failure: undefined,
      retries: 0,
    },
    truth: {
      status: "running",
      evidence: [{ fact: "alive", text: "process 4711 is it" }],
      actualPort: 6379,
      ...truth,
    },
  };
}

/** A run of the main checkout with these units. */
export function sampleRun(
  units: readonly ObservedUnit[],
  run: Partial<RunState> = {},
): ObservedRun {
  return {
    units,
    run: {
      runId: "run-20260101000000-0123abcd",
      mode: "main",
      projects: [{ name: "Main", root: "/r" }],
      fingerprint: "",
      services: units.flatMap((unit) =>
        unit.kind === "service" ? [unit.record] : []
      ),
      dependencies: units.flatMap((unit) =>
        unit.kind === "dependency" ? [unit.record] : []
      ),
      ports: [],
      createdAt: 0,
      failure: undefined,
      ...run,
    },
  };
}
