/**
 * Docker through its command line: every call is an argument vector, every
 * answer is read without trust.
 *
 * @module
 */

import { KnownError } from "../../errors.ts";
import type { Host } from "../../host/host.ts";
import type { ProgramEnd } from "../../host/programs.ts";
import { printable } from "../dependency_wire.ts";
import type { EngineFacts } from "../provision_plan.ts";

/** What calling Docker needs of the world. */
export type DockerHost = Pick<Host, "env" | "programs">;

/** A container as the engine shows it. */
export interface ContainerFacts {
  /** Full id. */
  readonly id: string;
  /** Its labels. */
  readonly labels: Readonly<Record<string, string>>;
  /** Whether it runs. */
  readonly isRunning: boolean;
  /** Ports of this machine by port inside. */
  readonly ports: ReadonlyMap<number, number>;
}

const CALL_TIMEOUT_MS = 30_000;
const ENGINE_TIMEOUT_MS = 10_000;
const PULL_TIMEOUT_MS = 15 * 60_000;
const FULL_ID = /^[0-9a-f]{64}$/;

/** Variables that tell the client where its engine is. */
const CLIENT_VARIABLES = [
  "DOCKER_CERT_PATH",
  "DOCKER_CONFIG",
  "DOCKER_CONTEXT",
  "DOCKER_HOST",
  "DOCKER_TLS_VERIFY",
  "HOME",
  "PATH",
  "SSH_AUTH_SOCK",
  "XDG_RUNTIME_DIR",
];

/**
 * Whether there is an engine that answers.
 *
 * @param timeoutMs how long it may take to.
 */
export async function lookAtEngine(
  host: DockerHost,
  timeoutMs: number = ENGINE_TIMEOUT_MS,
): Promise<EngineFacts> {
  const end = await run(
    host,
    ["version", "--format", "{{.Server.Version}}"],
    {},
    timeoutMs,
  );
  if (end.kind === "missing") return { kind: "missing" };
  if (end.kind === "exited" && end.code === 0 && end.stdout.trim() !== "") {
    return { kind: "answers", version: printable(end.stdout) };
  }
  return { kind: "down", reason: reasonOf(end) };
}

/** Ids of the containers that carry all these labels, running or not. */
export async function findContainers(
  host: DockerHost,
  labels: Readonly<Record<string, string>>,
): Promise<readonly string[]> {
  const filters = Object.entries(labels)
    .flatMap(([name, value]) => ["--filter", `label=${name}=${value}`]);
  const stdout = await call(host, [
    "ps",
    "--all",
    "--no-trunc",
    "--format",
    "{{.ID}}",
    ...filters,
  ]);
  return stdout.split("\n").map((line) => line.trim())
    .filter((line) => FULL_ID.test(line));
}

/** What the engine shows of a container; `undefined` when it has none. */
export async function inspectContainer(
  host: DockerHost,
  id: string,
): Promise<ContainerFacts | undefined> {
  const end = await run(host, ["container", "inspect", id], {});
  if (end.kind === "exited" && end.code === 0) {
    return readInspection(end.stdout, id);
  }
  // Only an engine that answers can say that there is none.
  const engine = await lookAtEngine(host);
  if (end.kind === "exited" && engine.kind === "answers") return undefined;
  throw failure("inspect", end);
}

/** Makes a container, which does not run yet. */
export async function createContainer(
  host: DockerHost,
  args: readonly string[],
  env: Readonly<Record<string, string>>,
): Promise<string> {
  const stdout = await call(host, ["create", ...args], env);
  const id = stdout.trim().split("\n").at(-1) ?? "";
  if (FULL_ID.test(id)) return id;
  throw new KnownError("start_failed", "Docker gave no id for a new container");
}

/** Gets an image that is not there, which may take minutes. */
export async function provideImage(
  host: DockerHost,
  image: string,
): Promise<void> {
  const end = await run(host, ["image", "inspect", image], {});
  if (end.kind === "exited" && end.code === 0) return;
  await call(host, ["pull", "--quiet", image], {}, PULL_TIMEOUT_MS);
}

/**
 * Calls Docker and gives what it writes.
 *
 * @throws {KnownError} `start_failed` with its message.
 */
export async function call(
  host: DockerHost,
  args: readonly string[],
  env: Readonly<Record<string, string>> = {},
  timeoutMs: number = CALL_TIMEOUT_MS,
): Promise<string> {
  const end = await run(host, args, env, timeoutMs);
  if (end.kind === "exited" && end.code === 0) return end.stdout;
  throw failure(args[0] ?? "", end);
}

async function run(
  { env, programs }: DockerHost,
  args: readonly string[],
  extra: Readonly<Record<string, string>>,
  timeoutMs: number = CALL_TIMEOUT_MS,
): Promise<ProgramEnd> {
  const own = CLIENT_VARIABLES.flatMap((name) => {
    const value = env.get(name);
    return value === undefined ? [] : [[name, value] as const];
  });
  return await programs.run({
    executable: "docker",
    args,
    env: { ...Object.fromEntries(own), ...extra },
    cwd: "/",
    timeoutMs,
  });
}

function failure(verb: string, end: ProgramEnd): KnownError {
  return new KnownError(
    "start_failed",
    `docker ${verb} failed: ${reasonOf(end)}`,
    { hint: "See what `docker ps --all` and `docker version` say." },
  );
}

function reasonOf(end: ProgramEnd): string {
  switch (end.kind) {
    case "exited": {
      const lines = end.stderr.split("\n").map(printable)
        .filter((line) => line !== "");
      return lines.at(-1) ?? `exit code ${end.code}`;
    }
    case "missing":
      return "there is no program docker";
    case "timeout":
      return "it takes too long";
    case "aborted":
      return "it was interrupted";
    case "refused":
      return end.reason;
  }
}

function readInspection(text: string, id: string): ContainerFacts | undefined {
  let parsed: unknown;
  try {
    parsed = JSON.parse(text);
  } catch {
    return undefined;
  }
  const found = Array.isArray(parsed)
    ? parsed.find((each) => field(each, "Id") === id)
    : undefined;
  if (found === undefined) return undefined;
  const labels = entriesOf(field(field(found, "Config"), "Labels"))
    .flatMap(([name, value]) =>
      typeof value === "string" ? [[name, value] as const] : []
    );
  const bindings = entriesOf(field(field(found, "HostConfig"), "PortBindings"));
  return {
    id,
    labels: Object.fromEntries(labels),
    isRunning: field(field(found, "State"), "Running") === true,
    ports: new Map(bindings.flatMap(([inside, hosts]) => {
      const first = Array.isArray(hosts) ? hosts[0] : undefined;
      const port = Number(field(first, "HostPort"));
      const own = Number(inside.replace("/tcp", ""));
      return Number.isInteger(port) && Number.isInteger(own)
        ? [[own, port] as const]
        : [];
    })),
  };
}

function field(value: unknown, name: string): unknown {
  return typeof value === "object" && value !== null &&
      Object.hasOwn(value, name)
    ? Reflect.get(value, name)
    : undefined;
}

function entriesOf(value: unknown): readonly (readonly [string, unknown])[] {
  return typeof value === "object" && value !== null
    ? Object.entries(value)
    : [];
}
