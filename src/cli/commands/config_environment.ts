/**
 * `reeve config get`, `set`, `unset` and `show` for keys of a repository's
 * environment.
 *
 * @module
 */

import { faultError, placeOf } from "../../config/fault.ts";
import { formatSetting } from "../../config/value_text.ts";
import { changedText } from "../../environment/settings_change.ts";
import { loadStatedSettings } from "../../environment/settings_load.ts";
import { allowedText } from "../../environment/settings_layers.ts";
import {
  editSettings,
  settingsPath,
} from "../../environment/settings_write.ts";
import type { Host } from "../../host/host.ts";
import type { CommandResult } from "../command.ts";
import {
  asChange,
  asRemoval,
  type EnvironmentKey,
  findKey,
  openPlace,
} from "../environment_key.ts";
import { EXIT } from "../exit_code.ts";

/** Prints one value; refuses when it is wrong. */
export async function getEnvironmentKey(
  host: Pick<Host, "env" | "files">,
  name: string,
): Promise<CommandResult> {
  const place = await openPlace(host);
  const key = findKey(place, name);
  const fault = place.loaded.faults.find(({ key: one }) => one === key.name);
  if (fault !== undefined) throw faultError(fault);
  return {
    exit: EXIT.ok,
    json: {
      "schema": "config_value",
      "schema_version": 1,
      ...keyJson(key),
    },
    text: key.text ?? "",
    notes: key.text === undefined ? [`${key.name} ${countsNowhere(key)}.`] : [],
  };
}

/** Shows one key with what it takes. */
export async function showEnvironmentKey(
  host: Pick<Host, "env" | "files">,
  name: string,
): Promise<CommandResult> {
  const place = await openPlace(host);
  const key = findKey(place, name);
  const { spec } = key;
  const fallback = spec === undefined ? undefined : spec.default;
  const faults = place.loaded.faults.filter(({ key: one }) => one === key.name);
  const rows = [
    ["value", key.text === "" ? "-" : key.text ?? "-"],
    ["origin", key.origin.where],
    ["default", spec === undefined ? "-" : formatSetting(spec, fallback)],
    ["allowed", spec === undefined ? "text of one line" : allowedText(spec)],
    ["variable", key.name],
  ] as const;
  const lines = rows.map(([title, text]) => `  ${title.padEnd(8)}  ${text}`);
  const what = spec?.description ?? "A variable of the service";
  return {
    exit: faults.length === 0 ? EXIT.ok : EXIT.actionable,
    json: {
      "schema": "config_value",
      "schema_version": 1,
      ...keyJson(key),
    },
    text: `${key.name}: ${what}\n${lines.join("\n")}`,
    notes: faults.flatMap(({ hint, message }) => [`${message}.`, `  ${hint}`]),
  };
}

/** Sets one key in the repository's file, or takes it out. */
export async function changeEnvironmentKey(
  host: Pick<Host, "clock" | "env" | "files">,
  name: string,
  value: string | undefined,
): Promise<CommandResult> {
  const change = value === undefined ? asRemoval(name) : asChange(name, value);
  const { repositoryRoot: root } = await openPlace(host);
  const file = settingsPath({ root, file: undefined });
  const project = { root, file };
  const prefill = await loadStatedSettings(host, project);
  const edited = await editSettings(
    host,
    project,
    (text) => changedText(text, [change], prefill),
  );
  const place = await openPlace(host);
  const key = findKey(place, change.name);
  const isChanged = edited.outcome === "changed";
  const action = value === undefined ? "unset" : "set";
  const isStronger = key.origin.source === "env";
  return {
    exit: EXIT.ok,
    json: {
      "schema": "config_change",
      "schema_version": 1,
      ...keyJson(key),
      action,
      "file": file,
      "changed": isChanged,
    },
    text: sentence(key.name, action, { file, isChanged }),
    notes: isStronger
      ? [
        `${key.name} is ${
          key.text ?? "-"
        } all the same: see ${key.origin.where}.`,
      ]
      : [],
  };
}

function keyJson({ name, origin, value }: EnvironmentKey) {
  const { file, line, source, where } = origin;
  return {
    "key": name,
    "value": value ?? null,
    "source": source === "file" ? "project" : source,
    "where": file === undefined ? where : placeOf(file, line),
  };
}

function countsNowhere({ name }: EnvironmentKey): string {
  return name.startsWith("REEVE_DEPENDENCY_")
    ? "counts nowhere: REEVE_DEPENDENCIES does not list it"
    : "is not set";
}

function sentence(
  name: string,
  action: "set" | "unset",
  { file, isChanged }: { readonly file: string; readonly isChanged: boolean },
): string {
  if (action === "set") {
    return isChanged
      ? `${name} is set in ${file}.`
      : `${name} was set so already in ${file}.`;
  }
  return isChanged
    ? `${name} has its default again in ${file}.`
    : `${name} was not set in ${file}.`;
}
