/**
 * What is wrong with the records of an environment, decided on the facts
 * alone.
 *
 * @module
 */

import { ARTIFACT_VERSION, errorsOf } from "../environment/artifacts.ts";
import {
  checksOf,
  type EnvironmentCheck,
  REPAIR,
} from "./environment_check.ts";
import type { StateFacts } from "./environment_state_facts.ts";

const check = checksOf("state");
const MOST_FAILURES = 5;

/** Judges what is written down. */
export function stateChecks(facts: StateFacts): readonly EnvironmentCheck[] {
  return [
    indexCheck(facts),
    runsCheck(facts),
    artifactsCheck(facts),
    leaseCheck(facts),
    intentsCheck(facts),
    eventsCheck(facts),
    failuresCheck(facts),
  ];
}

function indexCheck(
  { verdict, copies, index, runIds }: StateFacts,
): EnvironmentCheck {
  const evidence = {
    "generation": index.generation,
    "copies": copies.map(({ path, read }) => ({
      "path": path,
      "state": read.kind,
      "reason": "reason" in read ? read.reason : null,
    })),
  };
  switch (verdict.kind) {
    case "newer":
      return check("index", "fail", verdict.reason, {
        evidence,
        remedy: "It is from a newer reeve: upgrade this one",
      });
    case "broken":
      return check(
        "index",
        "fail",
        `The list of runs cannot be read: ${verdict.reason}`,
        { evidence, remedy: REPAIR },
      );
    case "missing":
      return runIds.length === 0
        ? check("index", "pass", "Nothing was started here yet", { evidence })
        : check(
          "index",
          "fail",
          `There is no list of runs, but ${
            countRuns(runIds.length)
          } begun here`,
          { evidence: { ...evidence, "run_ids": runIds }, remedy: REPAIR },
        );
    case "found":
      break;
  }
  if (verdict.stale.length > 0) {
    const paths = verdict.stale.map(({ path }) => path).join(", ");
    const why = verdict.broken.length > 0 ? "is damaged" : "is behind";
    return check(
      "index",
      "warn",
      `One copy of the list of runs ${why}: ${paths}; the other one counts`,
      { evidence, remedy: REPAIR },
    );
  }
  return check("index", "pass", "Both copies of the list of runs agree", {
    evidence,
  });
}

function countRuns(count: number): string {
  return count === 1 ? "1 run was" : `${count} runs were`;
}

function runsCheck(
  { runs, notes, index, verdict }: StateFacts,
): EnvironmentCheck {
  if (verdict.kind === "broken" || verdict.kind === "newer") {
    return check(
      "runs",
      "info",
      "What is up is not known without the list of runs",
    );
  }
  const active = runs.map(({ run }) => run.runId);
  const over = index.entries.filter(({ isRetired }) => isRetired).length;
  const evidence = {
    "active": active,
    "over": over,
    "notes": notes.map(({ kind, path, message }) => ({ kind, path, message })),
  };
  const bad = notes.find(({ kind }) => kind === "lost" || kind === "outdated");
  if (bad !== undefined) {
    return check("runs", "fail", bad.message, { evidence, remedy: REPAIR });
  }
  const [first, ...others] = notes;
  if (first !== undefined) {
    const more = others.length === 0 ? "" : `, and ${others.length} more`;
    return check("runs", "warn", `${first.message}${more}`, {
      evidence,
      remedy: REPAIR,
    });
  }
  const text = active.length === 0
    ? "No run is recorded as up"
    : `The last state of ${active.join(", ")} is whole`;
  return check("runs", "pass", text, { evidence });
}

function artifactsCheck({ artifacts, runs }: StateFacts): EnvironmentCheck {
  const there = artifacts.filter(({ isThere }) => isThere);
  const evidence = Object.fromEntries(
    artifacts.map(({ name, version }) => [name, version ?? null]),
  );
  const newer = there.filter(({ version = 0 }) => version > ARTIFACT_VERSION);
  if (newer.length > 0) {
    return check(
      "schemas",
      "fail",
      `${newer.map(({ name }) => name).join(", ")} is from a newer reeve`,
      { evidence, remedy: "Upgrade this reeve" },
    );
  }
  const odd = artifacts.filter(({ isThere, version }) =>
    isThere ? version === undefined : runs.length > 0
  );
  if (odd.length > 0) {
    return check(
      "schemas",
      "warn",
      `${odd.map(({ name }) => name).join(", ")} cannot be read`,
      { evidence, remedy: REPAIR },
    );
  }
  const text = there.length === 0
    ? "There are no documents of a run"
    : `Its ${there.length} documents have version ${ARTIFACT_VERSION}`;
  return check("schemas", "pass", text, { evidence });
}

function leaseCheck({ holder }: StateFacts): EnvironmentCheck {
  if (holder === undefined) {
    return check("lease", "pass", "No other command is changing it", {
      evidence: { "pid": null, "purpose": null },
    });
  }
  const { pid, purpose } = holder;
  const doing = purpose === undefined ? "" : ` (${purpose})`;
  return check(
    "lease",
    "info",
    `Process ${pid} is changing it now${doing}; what is found may be half done`,
    { evidence: { pid, "purpose": purpose ?? null } },
  );
}

function intentsCheck({ intents, holder }: StateFacts): EnvironmentCheck {
  if ("unknown" in intents) {
    return check("intents", "fail", intents.unknown, { remedy: REPAIR });
  }
  const { unresolved, damagedLines } = intents;
  const units = unresolved.map(({ intent }) =>
    `${intent.project} ${intent.unit}`
  );
  const evidence = {
    "unresolved": unresolved.map(({ intent, identity }) => ({
      "intent_id": intent.intentId,
      "run_id": intent.runId,
      "project": intent.project,
      "unit": intent.unit,
      "port": intent.port ?? null,
      "pid": identity?.pid ?? null,
    })),
    "damaged_lines": damagedLines,
  };
  if (unresolved.length === 0) {
    // A torn line is what a killed command leaves; nothing is lost with it.
    return check("intents", "pass", "No start was left unfinished", {
      evidence,
    });
  }
  if (holder !== undefined) {
    return check("intents", "info", `Being started: ${units.join(", ")}`, {
      evidence,
    });
  }
  return check(
    "intents",
    "warn",
    `A command ended while it started ${units.join(", ")}`,
    { evidence, remedy: REPAIR },
  );
}

function eventsCheck({ events }: StateFacts): EnvironmentCheck {
  if ("unknown" in events) {
    return check("events", "warn", events.unknown, {
      remedy: "Move the file away; a new one is begun",
    });
  }
  const { count, damagedLines } = events;
  const evidence = { "events": count, "damaged_lines": damagedLines };
  if (damagedLines === 0) {
    return check("events", "pass", `Its ${count} events can be read`, {
      evidence,
    });
  }
  const lines = damagedLines === 1 ? "1 line" : `${damagedLines} lines`;
  return check(
    "events",
    "info",
    `${lines} of its events cannot be read; the other ${count} can`,
    { evidence },
  );
}

/** What failed in what is recorded, the newest run first. */
function failuresCheck({ runs }: StateFacts): EnvironmentCheck {
  const failures = runs.flatMap(({ run }) =>
    errorsOf(run).map(({ message, status, logPath }) => ({
      "run_id": run.runId,
      "status": status,
      "message": message,
      "log_path": logPath ?? null,
    }))
  );
  const shown = failures.slice(0, MOST_FAILURES);
  const evidence = { "failures": shown, "count": failures.length };
  const [first] = shown;
  if (first === undefined) {
    return check("failures", "pass", "Nothing has failed lately", { evidence });
  }
  const more = failures.length === 1
    ? ""
    : ` (and ${failures.length - 1} more)`;
  return check("failures", "info", `${first.message}${more}`, {
    evidence,
    remedy: "reeve errors",
  });
}
