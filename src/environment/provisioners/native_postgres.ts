/**
 * PostgreSQL from the machine's own programs: a cluster of its own for each
 * project, which listens on one port of 127.0.0.1 and nowhere else.
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
import { chooseAccount, postgresWords } from "./postgres_account.ts";
import {
  type ClusterHost,
  clusterPassword,
  findCluster,
  makeCluster,
  programFor,
} from "./postgres_cluster.ts";
import { lockVariables } from "./postgres_lock.ts";
import { processProvisioner } from "./process_unit.ts";
import type {
  ProvisionContext,
  Provisioner,
  ProvisionPlan,
  UnitOwner,
} from "./provisioner.ts";

/** What it needs of the world. */
export type PostgresHost =
  & ClusterHost
  & ProbeHost
  & Pick<Host, "env" | "processes">;

/** Provides PostgreSQL from the machine's own programs. */
export function nativePostgres(
  host: PostgresHost,
  definition: DependencyDefinition,
  owner: UnitOwner,
): Provisioner {
  return processProvisioner({
    plan: (context) => planPostgres(host, context),
    probe: (endpoint, signal) =>
      probeDependency(host, definition, endpoint, { signal }),
    owner,
    graceMs: definition.graceMs,
    // SIGTERM would wait for every client to leave.
    firstSignal: "SIGINT",
  });
}

async function planPostgres(
  host: PostgresHost,
  context: ProvisionContext,
): Promise<ProvisionPlan> {
  const { definition, dataDirectory, ports, project, projectRoot } = context;
  if (context.program === undefined) {
    throw new KnownError("unusable", "There is no program postgres", {
      hint: "Install it, or choose another mode.",
    });
  }
  const present = await findCluster(host, dataDirectory);
  const program = await programFor(
    host,
    context.program,
    present?.version,
    definition.native?.directories ?? [],
  );
  const account = await chooseAccount(host, projectRoot, present?.uid);
  const directory = present?.directory ??
    await makeCluster(host, program, account, dataDirectory);
  const password = await clusterPassword(host, dataDirectory);
  const settings = [
    "listen_addresses=127.0.0.1",
    // The path of a socket may be too long, and one way in is enough.
    "unix_socket_directories=",
    "logging_collector=off",
    "log_destination=stderr",
  ];
  return {
    kind: "process",
    endpoint: localEndpoint(definition, ports, password),
    dataDirectory,
    command: {
      name: `${project} ${definition.id}`,
      command: postgresWords(account, directory, (path) => [
        program,
        ...["-D", path, "-p", String(ports["primary"] ?? 0)],
        ...settings.flatMap((setting) => ["-c", setting]),
      ]),
      env: { ...context.baseEnv, ...await lockVariables(host, directory) },
      cwd: "/",
      logPath: context.logPath,
    },
  };
}
