/**
 * Reads what settings say about one dependency.
 *
 * @module
 */

import { KnownError } from "../errors.ts";
import {
  type DependencyEndpoint,
  parseEndpoint,
} from "./dependency_endpoint.ts";
import type { DependencyChoice, ProvisionMode } from "./model.ts";
import type { DependencyId } from "./service_keys.ts";
import { addFault, type Reading, readKey } from "./settings_layers.ts";
import {
  type DependencyKey,
  dependencyKey,
  portKeys,
} from "./settings_names.ts";
import { modesOf, numberOf, readCommand, textOf } from "./settings_service.ts";

const SECRET_PARAMETER = /[?&][^=&]*(?:pass|secret|token)[^=&]*=./i;

/** Reads a dependency; what is wrong becomes a fault of the reading. */
export function readDependency(
  reading: Reading,
  id: DependencyId,
): DependencyChoice {
  const key = (name: DependencyKey) => dependencyKey(id, name);
  const mode = modeOf(readKey(reading, key("MODE")));
  const url = textOf(reading, key("URL"));
  checkAddress(reading, id, mode, url);
  return {
    id,
    mode,
    ports: Object.fromEntries(
      portKeys(id).map((key) => [
        key.resource,
        numberOf(reading, key) ?? key.port,
      ]),
    ),
    url,
    command: readCommand(
      reading,
      key("CMD"),
      mode === "command" ? `${id} of the mode command` : undefined,
    ),
    isShared: readKey(reading, key("SHARED")) === true,
    modes: modesOf(reading, key("MODES")),
  };
}

function checkAddress(
  reading: Reading,
  id: DependencyId,
  mode: ProvisionMode,
  url: string | undefined,
): void {
  const { name } = dependencyKey(id, "URL");
  if (url === undefined) {
    if (mode === "external" && isUnset(reading, name)) {
      addFault(reading, name, `an external ${id} needs an address`);
    }
    return;
  }
  const endpoint = endpointOf(id, url);
  if (endpoint === undefined) {
    addFault(reading, name, `it must be an address of ${id}`);
    return;
  }
  const { source, where } = reading.origins.get(name) ?? { source: "default" };
  const isSecret = endpoint.password !== undefined ||
    SECRET_PARAMETER.test(endpoint.query);
  if (source === "file" && isSecret) {
    reading.warnings.push(
      `${where}: ${name} has a password that everybody with the file can ` +
        `read; set it in the environment`,
    );
  }
}

function endpointOf(
  id: DependencyId,
  url: string,
): DependencyEndpoint | undefined {
  try {
    return parseEndpoint(id, url);
  } catch (error) {
    if (error instanceof KnownError) return undefined;
    throw error;
  }
}

/** Whether nothing is wrong with it yet besides that it is empty. */
function isUnset({ faults }: Reading, name: string): boolean {
  return faults.every(({ key }) => key !== name);
}

function modeOf(value: unknown): ProvisionMode {
  switch (value) {
    case "command":
    case "container":
    case "external":
    case "native":
      return value;
    default:
      return "auto";
  }
}
