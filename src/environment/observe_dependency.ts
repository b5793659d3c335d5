/**
 * What recorded dependencies are doing: our own processes by their identity,
 * everything else by asking it anew.
 *
 * @module
 */

import { messageOf } from "../errors.ts";
import { isDependency } from "./service_keys.ts";
import type { DependencyRecord } from "./model.ts";
import type { EnvironmentPlace } from "./place.ts";
import { recordedUnit } from "./recorded_dependency.ts";
import type { ProvisionHost } from "./provisioners/pick_provisioner.ts";
import type { Truth, TruthRecord } from "./truth.ts";

/** Looks at dependencies. */
export interface DependencyEyes {
  /** Looks at one; what several projects share is asked once. */
  look(record: DependencyRecord): Promise<Truth>;
}

/** How long a database may go on with its recovery. */
const GRACE_MS = 60_000;

/** Opens eyes; `judge` decides about processes. */
export function openDependencyEyes(
  host: ProvisionHost,
  place: EnvironmentPlace,
  judge: (record: TruthRecord, graceMs: number) => Truth,
): DependencyEyes {
  const asked = new Map<string, Promise<Truth>>();
  const askOnce = (record: DependencyRecord) => {
    const key = `${record.mode} ${record.project} ${record.id}`;
    const before = asked.get(key);
    if (before !== undefined) return before;
    const answer = ask(host, place, record);
    asked.set(key, answer);
    return answer;
  };
  return {
    look(record) {
      const isOurProcess = record.mode === "command" ||
        record.mode === "native";
      if (!isOurProcess && record.status !== "stopped") return askOnce(record);
      const port = record.ports["primary"] ?? Object.values(record.ports)[0];
      const judged = judge({
        identity: record.identity,
        status: record.status,
        expectsListener: port !== undefined,
        actualPort: port,
      }, GRACE_MS);
      const hasFailed = record.identity === undefined &&
        record.failure !== undefined;
      return Promise.resolve(
        hasFailed ? { ...judged, ...unwell(record.failure ?? "") } : judged,
      );
    },
  };
}

async function ask(
  host: ProvisionHost,
  place: EnvironmentPlace,
  record: DependencyRecord,
): Promise<Truth> {
  if (!isDependency(record.id)) return unverified("nobody knows this kind");
  try {
    const found = await recordedUnit(host, place, record);
    if (found.kind === "unknown") return unverified(found.reason);
    if (found.kind === "gone") return unwell("it is not there any more");
    const answer = await found.provisioner.probe(found.unit);
    const port = Object.values(record.ports)[0];
    if (answer.kind === "ready") {
      return {
        status: "running",
        evidence: [{ fact: "alive", text: "it answers" }],
        actualPort: port,
      };
    }
    return {
      status: "unreachable",
      evidence: [{ fact: "no_listener", text: answer.reason }],
      actualPort: undefined,
    };
  } catch (error) {
    return unverified(messageOf(error));
  }
}

function unwell(text: string): Truth {
  const evidence = [{ fact: "gone", text }] as const;
  return { status: "stale", evidence, actualPort: undefined };
}

function unverified(text: string): Truth {
  const evidence = [{ fact: "unknown", text }] as const;
  return { status: "unverified", evidence, actualPort: undefined };
}
