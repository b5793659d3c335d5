/**
 * The settings of a repository and where they come from, as text and as JSON.
 * Values that may be secret are not part of it.
 *
 * @module
 */

import { joinCommand } from "../environment/command_words.ts";
import type {
  DependencyChoice,
  ServiceDefinition,
} from "../environment/model.ts";
import { readyText } from "../environment/settings_service.ts";
import type { LoadedSettings } from "../environment/settings_load.ts";
import type { JsonObject } from "../state/json_value.ts";
import { type Column, formatTable } from "./table.ts";

/** Settings, and whose they are. */
export interface ShownSettings {
  /** Root of the repository. */
  readonly root: string;
  /** What was read. */
  readonly loaded: LoadedSettings;
}

const SERVICES: readonly Column[] = [
  { title: "SERVICE" },
  { title: "PORT", align: "right" },
  { title: "READY" },
  { title: "NEEDS" },
  { title: "DIRECTORY" },
  { title: "COMMAND", isFlexible: true },
];

const DEPENDENCIES: readonly Column[] = [
  { title: "DEPENDENCY" },
  { title: "FROM" },
  { title: "PORTS" },
  { title: "SHARED" },
];

const ORIGINS: readonly Column[] = [
  { title: "KEY" },
  { title: "SET BY" },
  { title: "WHERE", isFlexible: true },
];

/** The settings as text. */
export function settingsText(
  { loaded, root }: ShownSettings,
  columns: number,
): string {
  const { faults, notes, origins, settings, source, warnings } = loaded;
  const set = [...origins].filter(([, { source }]) => source !== "default");
  const head = `${root}\nmode ${settings.defaultMode}, worktrees below ` +
    `${settings.treesDirectory}, settings from ${source}`;
  const services = settings.services.length === 0
    ? "There is no service. Name one: reeve config"
    : formatTable(SERVICES, settings.services.map(serviceRow), columns);
  return [
    head,
    services,
    ...settings.dependencies.length === 0 ? [] : [
      formatTable(
        DEPENDENCIES,
        settings.dependencies.map(dependencyRow),
        columns,
      ),
    ],
    ...set.length === 0 ? [] : [
      formatTable(
        ORIGINS,
        set.map(([key, { source, where }]) => [key, source, where]),
        columns,
      ),
    ],
    ...lines("Wrong", faults.map(({ message }) => message)),
    ...lines("Odd", warnings),
    ...lines("Seen", notes),
  ].join("\n\n");
}

function lines(title: string, texts: readonly string[]): readonly string[] {
  return texts.length === 0
    ? []
    : [texts.map((text) => `${title}: ${text}`).join("\n")];
}

function serviceRow(service: ServiceDefinition): readonly string[] {
  const { command, dependsOn, directory, portBase, ready, slug } = service;
  return [
    slug,
    String(portBase ?? "-"),
    readyText(ready),
    dependsOn.join(", ") || "-",
    directory,
    joinCommand(command) || "-",
  ];
}

function dependencyRow(choice: DependencyChoice): readonly string[] {
  const ports = Object.entries(choice.ports)
    .map(([resource, port]) => `${resource} ${port}`);
  return [
    choice.id,
    choice.mode,
    ports.join(", ") || "-",
    choice.isShared ? "yes" : "no",
  ];
}

/** The settings as a document. */
export function settingsJson({ loaded, root }: ShownSettings): JsonObject {
  const { faults, notes, origins, settings, source, warnings } = loaded;
  return {
    "schema": "environment_settings",
    "schema_version": 1,
    "repository_root": root,
    "ok": faults.length === 0,
    "source": source,
    "default_mode": settings.defaultMode,
    "trees_directory": settings.treesDirectory,
    "public_host": settings.publicHost,
    "inherited_env": settings.inheritedEnv,
    "services": settings.services.map(serviceJson),
    "dependencies": settings.dependencies.map(dependencyJson),
    "origins": [...origins].map(([key, origin]) => ({
      "key": key,
      "source": origin.source,
      "where": origin.where,
      "line": origin.line ?? null,
    })),
    "faults": faults.map(({ hint, key, message }) => ({
      "key": key ?? null,
      "message": message,
      "hint": hint,
    })),
    "warnings": warnings,
    "notes": notes,
  };
}

function serviceJson(service: ServiceDefinition): JsonObject {
  return {
    "slug": service.slug,
    "name": service.displayName,
    "argv": service.command,
    "directory": service.directory,
    "port_base": service.portBase ?? null,
    "ready": readyText(service.ready),
    "depends_on": service.dependsOn,
    "env_names": Object.keys(service.env).toSorted(),
    "timeout_ms": service.timeoutMs,
    "grace_ms": service.graceMs,
    "critical": service.isCritical,
    "only_if_path": service.onlyIfPath ?? null,
    "modes": service.modes,
  };
}

function dependencyJson(choice: DependencyChoice): JsonObject {
  return {
    "id": choice.id,
    "mode": choice.mode,
    "ports": { ...choice.ports },
    "shared": choice.isShared,
    "external": choice.url !== undefined,
    "modes": choice.modes,
  };
}
