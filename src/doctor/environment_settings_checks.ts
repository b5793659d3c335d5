/**
 * What is wrong with the settings of an environment.
 *
 * @module
 */

import { writeBlock } from "../environment/managed_block.ts";
import type { LoadedSettings } from "../environment/settings_load.ts";
import { readEnvironmentSettings } from "../environment/settings_read.ts";
import { checksOf, type EnvironmentCheck } from "./environment_check.ts";

const check = checksOf("settings");
/** More faults than this are counted and not told. */
const MOST = 10;

/** Judges the settings of a repository. */
export function settingsChecks(
  loaded: LoadedSettings,
): readonly EnvironmentCheck[] {
  return [
    readCheck(loaded),
    ...loaded.faults.slice(0, MOST).map(({ message, hint, ...fault }, at) =>
      check(`fault_${at + 1}`, "fail", message.replace(/\.$/, ""), {
        remedy: hint,
        evidence: {
          "key": fault.key ?? null,
          "file": fault.file ?? null,
          "line": fault.line ?? null,
        },
      })
    ),
    ...oddCheck(loaded),
    ...roundTripCheck(loaded),
  ];
}

const SOURCES: Readonly<Record<LoadedSettings["source"], string>> = {
  default: "nothing",
  detected: "what the repository seems to have",
  file: ".reeve",
  legacy: ".envctl",
};

function readCheck(
  { settings, source, faults }: LoadedSettings,
): EnvironmentCheck {
  const { services, dependencies } = settings;
  const evidence = {
    "source": source,
    "services": services.map(({ slug }) => slug),
    "dependencies": dependencies.map(({ id }) => id),
    "faults": faults.length,
  };
  if (faults.length > 0) {
    const count = faults.length === 1 ? "a fault" : `${faults.length} faults`;
    return check("read", "fail", `The settings have ${count}`, {
      evidence,
      remedy: "reeve show-config",
    });
  }
  if (source === "default") {
    return check("read", "info", "The repository has no settings", {
      evidence,
      remedy: "reeve config",
    });
  }
  const names = `${services.length} service${services.length === 1 ? "" : "s"}`;
  const more = dependencies.length === 0
    ? ""
    : ` and ${dependencies.map(({ id }) => id).join(", ")}`;
  return check(
    "read",
    "pass",
    `The settings from ${SOURCES[source]} describe ${names}${more}`,
    { evidence },
  );
}

function oddCheck(
  { warnings }: LoadedSettings,
): readonly EnvironmentCheck[] {
  const [first, ...others] = warnings;
  if (first === undefined) return [];
  const more = others.length === 0 ? "" : ` (and ${others.length} more)`;
  return [
    check("odd", "warn", `${first.replace(/\.$/, "")}${more}`, {
      evidence: { "warnings": warnings },
      remedy: "reeve show-config",
    }),
  ];
}

const FILE = ".reeve";

/** Written down and read again they must be what they were. */
function roundTripCheck(
  { settings, faults, source }: LoadedSettings,
): readonly EnvironmentCheck[] {
  if (faults.length > 0 || source === "default") return [];
  const text = writeBlock("", settings);
  const again = readEnvironmentSettings({
    env: { get: () => undefined },
    file: { path: FILE, text },
  });
  const isSame = JSON.stringify(again.settings) === JSON.stringify(settings);
  return [
    isSame
      ? check("round_trip", "pass", "Written and read again they are the same")
      : check(
        "round_trip",
        "fail",
        "Written and read again they would be others",
        {
          evidence: { "faults": again.faults.map(({ message }) => message) },
          remedy: "Do not save them with reeve config; please report this",
        },
      ),
  ];
}
