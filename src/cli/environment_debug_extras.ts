/**
 * What a bundle gets besides the files of the state: settings, health, and
 * what the doctor says. A part that cannot be had is missing and told of.
 *
 * @module
 */

import {
  reasonOf,
  severityOfUnit,
  statusWord,
  unitJson,
} from "./environment_unit.ts";
import type { BundleExtras } from "../environment/debug_bundle.ts";
import { type ObservedRun, observeRuns } from "../environment/observe.ts";
import { KnownError } from "../errors.ts";
import { HostError } from "../host/host.ts";
import type { JsonObject } from "../state/json_value.ts";
import type { EnvironmentSession } from "./environment_session.ts";
import { settingsJson } from "./environment_settings_text.ts";

/** Gathers it. */
export async function gatherExtras(
  { host, place, route }: EnvironmentSession,
): Promise<BundleExtras> {
  const { loaded, repositoryRoot: root } = place;
  const looked = await look();
  const { runId } = route.flags;
  const runs = looked.runs.filter(({ run }) =>
    runId === undefined || run.runId === runId
  );
  const units = runs.flatMap((run) => run.units);
  return {
    settings: settingsJson({ root, loaded }),
    faults: loaded.faults.map(({ message }) => message),
    health: looked.problem !== undefined ? undefined : {
      "schema": "debug_health",
      "schema_version": 1,
      "run_ids": runs.map(({ run }) => run.runId),
      "units": units.map(unitJson),
    },
    unwell: units.filter((unit) =>
      severityOfUnit(unit) === "critical" || severityOfUnit(unit) === "degraded"
    ).map((unit) => reasonOf(unit) ?? `${unit.name} is ${statusWord(unit)}.`),
    doctor: undefined,
    notes: looked.problem === undefined ? [] : [looked.problem],
  };

  async function look(): Promise<
    { readonly runs: readonly ObservedRun[]; readonly problem?: string }
  > {
    try {
      return { runs: await observeRuns(host, place, {}) };
    } catch (error) {
      const isExpected = error instanceof KnownError ||
        error instanceof HostError;
      if (!isExpected) throw error;
      const problem = `Nobody could look at what runs: ${error.message}.`;
      return { runs: [], problem };
    }
  }
}

/** What `reeve doctor --json` would print. */
export async function askDoctor(
  session: EnvironmentSession,
): Promise<JsonObject> {
  const [{ examine }, { examJson }] = await Promise.all([
    import("./environment_doctor_exam.ts"),
    import("../doctor/environment_report.ts"),
  ]);
  const where = { kind: "repository", place: session.place } as const;
  const options = { isStrict: false, withInstall: false };
  return examJson(await examine(session, where, options));
}
