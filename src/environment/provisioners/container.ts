/**
 * Dependencies in containers. Who a container is, its labels say: before it is
 * ended or removed, those of exactly that container are read again. A name or
 * a port proves nothing.
 *
 * @module
 */

import { KnownError } from "../../errors.ts";
import type { Host } from "../../host/host.ts";
import { probeDependency, type ProbeHost } from "../dependency_probe.ts";
import {
  type ContainerImage,
  type DependencyDefinition,
  localEndpoint,
} from "../dependency_registry.ts";
import { providePassword } from "../dependency_secrets.ts";
import { containerName, LABEL, ownerLabels } from "./container_labels.ts";
import {
  call,
  type ContainerFacts,
  createContainer,
  type DockerHost,
  findContainers,
  inspectContainer,
  provideImage,
} from "./docker_cli.ts";
import type {
  ProvisionContext,
  ProvisionedUnit,
  Provisioner,
  ProvisionPlan,
  StopOutcome,
} from "./provisioner.ts";

/** What it needs of the world. */
export type ContainerHost =
  & DockerHost
  & ProbeHost
  & Pick<Host, "blocking" | "files" | "random">;

/** A unit that is a container. */
export type ContainerUnit = Extract<
  ProvisionedUnit,
  { readonly kind: "container" }
>;

type ContainerPlan = Extract<ProvisionPlan, { readonly kind: "container" }>;

const TOKEN_BYTES = 16;

/** Provides dependencies in containers. */
export function containerProvisioner(
  host: ContainerHost,
  definition: DependencyDefinition,
): Provisioner {
  return {
    plan: (context) => plan(host, context),
    async start(plan) {
      if (plan.kind !== "container") throw wrongKind(plan.kind);
      return await start(host, plan);
    },
    probe: ({ endpoint }, signal) =>
      probeDependency(host, definition, endpoint, { signal }),
    async isAlive(unit) {
      const facts = await verified(host, containerOf(unit));
      return facts?.isRunning ?? false;
    },
    stop: (unit) => stop(host, containerOf(unit), definition.graceMs),
  };
}

async function plan(
  host: ContainerHost,
  context: ProvisionContext,
): Promise<ProvisionPlan> {
  const { definition, ports, dataDirectory, scope, project } = context;
  imageOf(definition);
  host.blocking.makeDirectory(dataDirectory);
  const password = definition.hasPassword
    ? await providePassword(host, dataDirectory)
    : undefined;
  return {
    kind: "container",
    endpoint: localEndpoint(definition, ports, password),
    name: await containerName(scope, project, definition.id),
    context,
  };
}

/**
 * The container of a dependency, if there is one: after a crash its labels are
 * all that is known of it.
 *
 * @throws {KnownError} `unusable` when several claim to be it.
 */
export async function findUnit(
  host: DockerHost,
  plan: Pick<ContainerPlan, "endpoint" | "name"> & {
    readonly context: Pick<
      ProvisionContext,
      "definition" | "project" | "scope"
    >;
  },
): Promise<ContainerUnit | undefined> {
  const labels = ownerLabels(plan.context);
  const [id, ...more] = await findContainers(host, labels);
  if (id === undefined) return undefined;
  if (more.length > 0) {
    throw new KnownError(
      "unusable",
      `${more.length + 1} containers claim to be ${plan.name}`,
      {
        hint: `Look at them with \`docker ps --all --filter ` +
          `label=${LABEL}.scope=${plan.context.scope}\` and remove all but one.`,
      },
    );
  }
  const facts = await inspectContainer(host, id);
  const token = facts?.labels[`${LABEL}.token`];
  if (token === undefined) return undefined;
  const { endpoint, name } = plan;
  const container = { id, token };
  return { kind: "container", endpoint, name, container, labels };
}

async function start(
  host: ContainerHost,
  plan: ContainerPlan,
): Promise<ContainerUnit> {
  const present = await findUnit(host, plan);
  if (present !== undefined) {
    const facts = await verified(host, present);
    if (facts !== undefined && hasPorts(plan, facts)) {
      if (!facts.isRunning) await call(host, ["start", facts.id]);
      return present;
    }
    await remove(host, present);
  }
  const unit = await create(host, plan);
  try {
    await call(host, ["start", unit.container.id]);
    return unit;
  } catch (error) {
    // It would keep its name and the port that it could not have.
    await remove(host, unit);
    throw error;
  }
}

function hasPorts(
  { context }: ContainerPlan,
  { ports }: ContainerFacts,
): boolean {
  const { definition } = context;
  return Object.entries(imageOf(definition).ports).every(([name, inside]) =>
    ports.get(inside) === context.ports[name]
  );
}

async function create(
  host: ContainerHost,
  { context, endpoint, name }: ContainerPlan,
): Promise<ContainerUnit> {
  const { definition, ports } = context;
  const image = imageOf(definition);
  await provideImage(host, image.image);
  const token = host.random.hex(TOKEN_BYTES);
  const labels = ownerLabels(context);
  const all = { ...labels, [`${LABEL}.token`]: token };
  const env = Object.fromEntries(
    Object.entries(image.env).map(([key, value]) => [
      key,
      value.replace(
        /\{(user|password|database)\}/g,
        (_, word: "database" | "password" | "user") => endpoint[word] ?? "",
      ),
    ]),
  );
  const args = [
    ...["--name", name],
    ...Object.entries(all).flatMap(([key, value]) => [
      "--label",
      `${key}=${value}`,
    ]),
    ...Object.entries(image.ports).flatMap(([resource, inside]) => [
      "--publish",
      `127.0.0.1:${ports[resource]}:${inside}`,
    ]),
    ...["--volume", `${name}:${image.dataPath}`],
    // Values come from the client's environment: a command line can be read.
    ...Object.keys(env).flatMap((key) => ["--env", key]),
    image.image,
    ...image.command,
  ];
  const id = await createContainer(host, args, env);
  return {
    kind: "container",
    endpoint,
    name,
    container: { id, token },
    labels,
  };
}

/** What the engine shows of exactly that container, if it is still ours. */
async function verified(
  host: DockerHost,
  { container, labels }: ContainerUnit,
): Promise<ContainerFacts | undefined> {
  const facts = await inspectContainer(host, container.id);
  if (facts === undefined) return undefined;
  const expected = { ...labels, [`${LABEL}.token`]: container.token };
  const isOurs = Object.entries(expected).every(([name, value]) =>
    facts.labels[name] === value
  );
  return isOurs ? facts : undefined;
}

/** Removes a container that does not run; its data is in its volume. */
async function remove(host: DockerHost, unit: ContainerUnit): Promise<void> {
  const facts = await verified(host, unit);
  if (facts === undefined) return;
  if (facts.isRunning) await call(host, ["stop", facts.id]);
  if (await verified(host, unit) === undefined) return;
  await call(host, ["rm", facts.id]);
}

async function stop(
  host: DockerHost,
  unit: ContainerUnit,
  graceMs: number,
): Promise<StopOutcome> {
  const { id } = unit.container;
  const unconfirmed = (reason: string): StopOutcome => ({
    kind: "unconfirmed",
    reason: `container ${id.slice(0, 12)} ${reason}`,
  });
  try {
    if (await inspectContainer(host, id) === undefined) {
      return { kind: "confirmed" };
    }
    const facts = await verified(host, unit);
    if (facts === undefined) {
      return unconfirmed("has other labels than the one that was started");
    }
    if (facts.isRunning) {
      const seconds = String(Math.ceil(graceMs / 1000));
      await call(host, ["stop", "--time", seconds, id]);
    }
    const after = await verified(host, unit);
    if (after?.isRunning) return unconfirmed("still runs after docker stop");
    if (after !== undefined) await call(host, ["rm", id]);
    return { kind: "confirmed" };
  } catch (error) {
    if (!(error instanceof KnownError)) throw error;
    return unconfirmed(`stays: ${error.message}`);
  }
}

function imageOf(definition: DependencyDefinition): ContainerImage {
  if (definition.container !== undefined) return definition.container;
  throw new KnownError(
    "unusable",
    `${definition.displayName} cannot be provided as container`,
  );
}

function containerOf(unit: ProvisionedUnit): ContainerUnit {
  if (unit.kind !== "container") throw wrongKind(unit.kind);
  return unit;
}

function wrongKind(kind: string): TypeError {
  return new TypeError(`Cannot be used here: ${kind}`);
}
