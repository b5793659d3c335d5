/**
 * The provisioner of a mode.
 *
 * @module
 */

import { KnownError } from "../../errors.ts";
import type { Host } from "../../host/host.ts";
import type { DependencyDefinition } from "../dependency_registry.ts";
import type { ProvisionMode } from "../model.ts";
import { commandProvisioner } from "./command.ts";
import { containerProvisioner } from "./container.ts";
import { externalProvisioner } from "./external.ts";
import { nativePostgres } from "./native_postgres.ts";
import { nativeRedis } from "./native_redis.ts";
import type { Provisioner, UnitOwner } from "./provisioner.ts";

/** What provisioners need of the world. */
export type ProvisionHost = Pick<
  Host,
  | "blocking"
  | "clock"
  | "env"
  | "files"
  | "processes"
  | "programs"
  | "random"
  | "tcp"
  | "web"
>;

/**
 * The provisioner of a mode.
 *
 * @throws {KnownError} `unusable` for a dependency without that mode.
 */
export function pickProvisioner(
  host: ProvisionHost,
  definition: DependencyDefinition,
  mode: Exclude<ProvisionMode, "auto">,
  owner: UnitOwner,
): Provisioner {
  switch (mode) {
    case "external":
      return externalProvisioner(host, definition);
    case "command":
      return commandProvisioner(host, definition, owner);
    case "container":
      return containerProvisioner(host, definition);
    case "native":
      if (definition.id === "postgres") {
        return nativePostgres(host, definition, owner);
      }
      if (definition.id === "redis") {
        return nativeRedis(host, definition, owner);
      }
      throw new KnownError(
        "unusable",
        `${definition.displayName} cannot be provided as native`,
        { hint: "Choose the mode container, command or external." },
      );
  }
}
