/**
 * `reeve config show`.
 *
 * @module
 */

import type { Fault } from "../../config/fault.ts";
import { KEY_NAMES, type KeyName, specOf } from "../../config/keys.ts";
import { projectFields } from "../../config/project.ts";
import type { Config } from "../../config/read_config.ts";
import { describeAllowed, formatSetting } from "../../config/value_text.ts";
import type { CommandContext, CommandResult, JsonFlags } from "../command.ts";
import { EXIT } from "../exit_code.ts";
import { mayBeEnvironmentKey } from "../environment_words.ts";
import { formatTable } from "../table.ts";
import { type ConfigScope, readScope, requireKey } from "./config_scope.ts";

/** Shows settings with their origin; changes nothing. */
export async function run(
  { host }: CommandContext,
  _flags: JsonFlags,
  name?: string,
): Promise<CommandResult> {
  if (name !== undefined && mayBeEnvironmentKey(name)) {
    const { showEnvironmentKey } = await import("./config_environment.ts");
    return await showEnvironmentKey(host, name);
  }
  const scope = readScope(host);
  const { config } = scope;
  const keys = name === undefined ? KEY_NAMES : [requireKey(name)];
  const faults = faultsOf(scope);
  return {
    exit: faults.length === 0 ? EXIT.ok : EXIT.actionable,
    json: { ...headOf(scope, faults), "settings": keys.map(toJson(config)) },
    text: name === undefined
      ? formatAll(config, faults, host.terminal.columns)
      : formatOne(config, requireKey(name)),
    notes: [
      ...faults.flatMap(({ message, hint }) => [`${message}.`, `  ${hint}`]),
      ...config.warnings.map((warning) => `${warning}.`),
    ],
  };
}

/** Those of the settings, and that of the project's identity. */
function faultsOf({ config, project }: ConfigScope): readonly Fault[] {
  const own = project?.fault;
  const isListed = config.faults.some(({ message }) =>
    message === own?.message
  );
  return own === undefined || isListed ? config.faults : [
    ...config.faults,
    own,
  ];
}

function headOf(
  { config, project }: ConfigScope,
  faults: readonly Fault[],
) {
  return {
    "schema": "config",
    "schema_version": 1,
    "user_file": config.userFile,
    "project_file": config.projectFile ?? null,
    ...projectFields(project),
    "faults": faults.map(({ kind, where, file, line, key, message, hint }) => ({
      kind,
      where,
      "file": file ?? null,
      "line": line ?? null,
      "key": key ?? null,
      message,
      hint,
    })),
    "warnings": config.warnings,
  };
}

function toJson(config: Config) {
  return (key: KeyName) => {
    const spec = specOf(key);
    return {
      key,
      "value": config.get(key) ?? null,
      ...config.origin(key),
      "default": spec.default ?? null,
      "env": spec.env ?? null,
      "allowed": describeAllowed(spec),
      "description": spec.description,
    };
  };
}

function formatAll(
  config: Config,
  faults: readonly Fault[],
  width: number,
): string {
  const faulty = new Set(faults.map(({ key }) => key));
  return formatTable(
    [
      { title: "KEY" },
      { title: "VALUE", isFlexible: true },
      { title: "ORIGIN", isFlexible: true },
    ],
    KEY_NAMES.map((key) => [
      key,
      formatSetting(specOf(key), config.get(key)),
      faulty.has(key) ? "default, as it is wrong" : config.origin(key).where,
    ]),
    width,
  );
}

function formatOne(config: Config, key: KeyName): string {
  const spec = specOf(key);
  const rows = [
    ["value", formatSetting(spec, config.get(key))],
    ["origin", config.origin(key).where],
    ["default", formatSetting(spec, spec.default)],
    ["allowed", describeAllowed(spec)],
    ["variable", spec.env ?? "-"],
  ] as const;
  const lines = rows.map(([title, text]) => `  ${title.padEnd(8)}  ${text}`);
  return `${key}: ${spec.description}\n${lines.join("\n")}`;
}
