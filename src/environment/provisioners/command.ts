/**
 * Dependencies that a person's own command runs, in the foreground and for as
 * long as they are needed. They are ready when they answer in their language.
 *
 * @module
 */

import { KnownError } from "../../errors.ts";
import type { Host } from "../../host/host.ts";
import { probeDependency, type ProbeHost } from "../dependency_probe.ts";
import {
  type DependencyDefinition,
  localEndpoint,
} from "../dependency_registry.ts";
import { readSecrets } from "../dependency_secrets.ts";
import { processProvisioner } from "./process_unit.ts";
import type {
  ProvisionContext,
  Provisioner,
  ProvisionPlan,
  UnitOwner,
} from "./provisioner.ts";

/** What it needs of the world. */
export type CommandHost = ProbeHost & Pick<Host, "blocking" | "env">;

/** Provides what a command runs. */
export function commandProvisioner(
  host: CommandHost,
  definition: DependencyDefinition,
  owner: UnitOwner,
): Provisioner {
  return processProvisioner({
    plan: (context) => new Promise((resolve) => resolve(plan(host, context))),
    probe: (endpoint, signal) =>
      probeDependency(host, definition, endpoint, { signal }),
    owner,
    graceMs: definition.graceMs,
    firstSignal: "SIGTERM",
  });
}

function plan(host: CommandHost, context: ProvisionContext): ProvisionPlan {
  const { definition, choice, ports, dataDirectory } = context;
  const [program, ...args] = choice.command.map((word) =>
    fillWord(word, context)
  );
  if (program === undefined) {
    throw new KnownError(
      "usage",
      `${definition.displayName} has the mode command, and no command`,
      { hint: `Set REEVE_DEPENDENCY_${definition.id.toUpperCase()}_CMD.` },
    );
  }
  host.blocking.makeDirectory(dataDirectory);
  return {
    kind: "process",
    endpoint: {
      ...localEndpoint(definition, ports, undefined),
      secrets: readSecrets(host, definition),
    },
    dataDirectory,
    command: {
      name: `${context.project} ${definition.id}`,
      command: [program, ...args],
      env: context.baseEnv,
      cwd: context.projectRoot,
      logPath: context.logPath,
    },
  };
}

/**
 * Fills one word: `{port}` and `{port:resource}`, `{data_dir}`, which only we
 * know, and `{project_root}`. Everything else stays as it is.
 *
 * @throws {KnownError} `usage` for a resource that the dependency has not.
 */
export function fillWord(
  word: string,
  { definition, ports, dataDirectory, projectRoot }: Pick<
    ProvisionContext,
    "dataDirectory" | "definition" | "ports" | "projectRoot"
  >,
): string {
  return word.replace(
    /\{(port|data_dir|project_root)(?::([a-z0-9_-]+))?\}/g,
    (whole, name: string, resource: string | undefined) => {
      if (name !== "port") {
        if (resource !== undefined) return whole;
        return name === "data_dir" ? dataDirectory : projectRoot;
      }
      const port = ports[resource ?? definition.probed];
      if (port !== undefined) return String(port);
      throw new KnownError(
        "usage",
        `${whole} in the command of ${definition.id} is no port of it`,
        {
          hint: `It has ${Object.keys(definition.resources).join(" and ")}.`,
        },
      );
    },
  );
}
