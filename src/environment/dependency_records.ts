/**
 * Dependencies as they are stored, and back: what was started can be asked and
 * ended by any later command. Whose it is says its record, not the project
 * that uses it.
 *
 * @module
 */

import type { Host } from "../host/host.ts";
import { parseEndpoint, publicAddress } from "./dependency_endpoint.ts";
import { findDefinition, localEndpoint } from "./dependency_registry.ts";
import { readPassword, readSecrets } from "./dependency_secrets.ts";
import type { DependencyChoice, DependencyRecord } from "./model.ts";
import type { DependencyStart } from "./provision_start.ts";
import { findUnit } from "./provisioners/container.ts";
import { containerName } from "./provisioners/container_labels.ts";
import type {
  ProvisionContext,
  ProvisionedUnit,
} from "./provisioners/provisioner.ts";

/** The record of a dependency, whatever became of its start. */
export function recordDependency(
  start: DependencyStart,
  context: ProvisionContext,
  mode: DependencyRecord["mode"],
): DependencyRecord {
  const { definition, choice, project, dataDirectory, logPath } = context;
  const unit = start.kind === "failed" ? start.leftover : start.unit;
  const isOurs = mode !== "external";
  return {
    id: definition.id,
    project,
    mode,
    identity: unit?.kind === "process" ? unit.identity : undefined,
    ports: unit?.endpoint.ports ?? context.ports,
    url: choice.url === undefined || isOurs
      ? undefined
      : publicAddress(choice.url),
    dataDirectory: isOurs && definition.keepsData ? dataDirectory : undefined,
    // The engine keeps the output of containers.
    logPath: mode === "native" || mode === "command" ? logPath : undefined,
    status: statusOf(start),
    failure: start.kind === "ready" ? undefined : start.reason,
    retries: start.kind === "unreachable" ? 0 : start.retries,
  };
}

function statusOf(start: DependencyStart): DependencyRecord["status"] {
  if (start.kind === "ready") return "running";
  if (start.kind === "unreachable") return "unreachable";
  return start.leftover === undefined ? "stopped" : "termination_failed";
}

/**
 * What a record is about; `undefined` for something that was not started, and
 * for a dependency that this version does not know.
 *
 * @param url address that the settings have now: a record never holds the
 * password of an external one.
 * @throws {KnownError} when its password is damaged, or an engine of
 * containers does not answer.
 */
export async function unitOfRecord(
  host: Pick<Host, "env" | "files" | "programs">,
  record: DependencyRecord,
  scope: string,
  url: DependencyChoice["url"],
): Promise<ProvisionedUnit | undefined> {
  const definition = findDefinition(record.id);
  if (definition === undefined) return undefined;
  const { id, project, ports, identity, dataDirectory } = record;
  const secrets = readSecrets(host, definition);
  if (record.mode === "external") {
    const address = url ?? record.url;
    if (address === undefined) return undefined;
    const endpoint = { ...parseEndpoint(definition.id, address), secrets };
    return { kind: "external", endpoint };
  }
  const password = dataDirectory === undefined || !definition.hasPassword
    ? undefined
    : await readPassword(host, dataDirectory);
  const endpoint = { ...localEndpoint(definition, ports, password), secrets };
  if (record.mode === "container") {
    const name = await containerName(scope, project, id);
    const context = { definition, project, scope };
    return await findUnit(host, { context, endpoint, name });
  }
  if (identity === undefined) return undefined;
  return { kind: "process", endpoint, name: `${project} ${id}`, identity };
}
