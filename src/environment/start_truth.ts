/**
 * The last look before a start is committed: what was ready once may have
 * ended since.
 *
 * @module
 */

import type { Attempt } from "./attempt.ts";
import { queryOfService } from "./observe.ts";
import { severityOf } from "./evidence.ts";
import { collectUnitFacts } from "./facts.ts";
import { endedService, endUnits } from "./end_units.ts";
import type { EnvironmentSettings, Mode } from "./model.ts";
import { lastWords } from "./service_log.ts";
import type { StartedUnit } from "./start_lane.ts";
import { truthOf } from "./truth.ts";

/** Looks once more at services that are up; those that are not have failed. */
export async function checkTruth(
  attempt: Attempt,
  settings: Pick<EnvironmentSettings, "services">,
  mode: Mode,
  units: readonly StartedUnit[],
): Promise<readonly StartedUnit[]> {
  const queries = units.flatMap((unit) =>
    unit.kind === "service" && unit.failure === undefined
      ? queryOfService(unit.record)
      : []
  );
  if (queries.length === 0) return units;
  const facts = await collectUnitFacts(attempt.host, queries);
  const graces = new Map(
    settings.services.map(({ slug, timeoutMs }) => [slug, timeoutMs]),
  );
  return await Promise.all(units.map(async (unit) => {
    const isLooked = unit.kind === "service" && unit.failure === undefined &&
      unit.record.status === "running";
    if (!isLooked) return unit;
    const { record } = unit;
    const { status, evidence } = truthOf(record, facts, facts.takenAt, {
      graceMs: graces.get(record.slug) ?? 0,
      allowsRebound: true,
    });
    const severity = severityOf(status, record.isCritical);
    if (severity === "fine" || severity === "pending") return unit;
    const looked = failed(attempt, unit, status, evidence[0]?.text ?? status);
    return await endCritical(attempt, mode, looked);
  }));
}

/** One that the environment cannot do without is of no use as it is. */
async function endCritical(
  attempt: Attempt,
  mode: Mode,
  unit: Extract<StartedUnit, { kind: "service" }>,
): Promise<StartedUnit> {
  const { record } = unit;
  if (!record.isCritical) return unit;
  const quiet = { ...attempt, reporter: { onPhase() {}, onUnit() {} } };
  const [end] = (await endUnits(
    quiet,
    [{ kind: "service", mode, record }],
    "It was ready, and is not any more.",
  )).values();
  return end?.kind === "kept"
    ? { ...unit, record: endedService(record, end) }
    : unit;
}

function failed(
  { events, reporter, host }: Attempt,
  unit: Extract<StartedUnit, { kind: "service" }>,
  status: string,
  evidence: string,
): Extract<StartedUnit, { kind: "service" }> {
  const { record } = unit;
  const where = { project: record.project, unit: record.slug };
  events.note("service.truth", { ...where, status, evidence });
  const words = lastWords(host, record.logPath);
  const said = words === undefined ? "" : `: ${words}`;
  const why = `${record.name} was ready, but ${evidence}${said} ` +
    `(log: ${record.logPath})`;
  reporter.onUnit({ ...where, state: "failed", detail: why });
  return {
    ...unit,
    failure: { why, hint: undefined },
    record: {
      ...record,
      failure: why,
      status: record.isCritical ? "stale" : "degraded",
    },
  };
}
