/**
 * Redis from the machine's own program. Its settings are a file, so that a
 * password never stands in a command line.
 *
 * @module
 */

import { KnownError } from "../../errors.ts";
import type { Host } from "../../host/host.ts";
import { joinPath } from "../../host/path.ts";
import { probeDependency, type ProbeHost } from "../dependency_probe.ts";
import {
  type DependencyDefinition,
  localEndpoint,
} from "../dependency_registry.ts";
import { providePassword } from "../dependency_secrets.ts";
import { processProvisioner } from "./process_unit.ts";
import type {
  ProvisionContext,
  Provisioner,
  ProvisionPlan,
  UnitOwner,
} from "./provisioner.ts";

/** What it needs of the world. */
export type RedisHost = ProbeHost & Pick<Host, "blocking" | "files" | "random">;

/** How a server of ours is set up. */
export interface RedisOptions {
  /** Whether every second of its data survives its end. @default true */
  readonly isDurable?: boolean;
}

/** Provides Redis from the machine's own program. */
export function nativeRedis(
  host: RedisHost,
  definition: DependencyDefinition,
  owner: UnitOwner,
  options: RedisOptions = {},
): Provisioner {
  return processProvisioner({
    plan: (context) => planRedis(host, context, options),
    probe: (endpoint, signal) =>
      probeDependency(host, definition, endpoint, { signal }),
    owner,
    graceMs: definition.graceMs,
    firstSignal: "SIGTERM",
  });
}

async function planRedis(
  host: RedisHost,
  context: ProvisionContext,
  { isDurable = true }: RedisOptions,
): Promise<ProvisionPlan> {
  const { definition, dataDirectory, ports, program, project } = context;
  if (program === undefined) {
    throw new KnownError("unusable", "There is no program redis-server", {
      hint: "Install it, or choose another mode.",
    });
  }
  host.blocking.makeDirectory(dataDirectory);
  const password = definition.hasPassword
    ? await providePassword(host, dataDirectory)
    : undefined;
  const path = joinPath(dataDirectory, "redis.conf");
  const port = ports["primary"] ?? 0;
  await host.files.writeAtomic(
    path,
    redisSettings({ port, dataDirectory, password, isDurable }),
  );
  return {
    kind: "process",
    endpoint: localEndpoint(definition, ports, password),
    dataDirectory,
    command: {
      name: `${project} ${definition.id}`,
      command: [program, path],
      env: context.baseEnv,
      cwd: dataDirectory,
      logPath: context.logPath,
    },
  };
}

/** The settings file of a server of ours. */
export function redisSettings(
  { port, dataDirectory, password, isDurable }: {
    readonly port: number;
    readonly dataDirectory: string;
    readonly password: string | undefined;
    readonly isDurable: boolean;
  },
): string {
  return [
    `port ${port}`,
    "bind 127.0.0.1",
    "daemonize no",
    `dir ${JSON.stringify(dataDirectory)}`,
    `appendonly ${isDurable ? "yes" : "no"}`,
    // A title of its own would overwrite the marker that it is found by.
    "set-proc-title no",
    ...password === undefined ? [] : [`requirepass ${password}`],
    "",
  ].join("\n");
}
