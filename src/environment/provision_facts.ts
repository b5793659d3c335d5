/**
 * What this machine has to provide dependencies with. Nothing is looked at
 * that the decision does not need: asking Docker takes a while.
 *
 * @module
 */

import { KnownError } from "../errors.ts";
import type { Host } from "../host/host.ts";
import { joinPath } from "../host/path.ts";
import type { DependencyDefinition } from "./dependency_registry.ts";
import type { DependencyChoice } from "./model.ts";
import {
  type EngineFacts,
  planProvision,
  type ProvisionFacts,
  type ProvisionVerdict,
} from "./provision_plan.ts";
import { lookAtEngine } from "./provisioners/docker_cli.ts";

/** What looking for programs needs of the world. */
export type FindHost = Pick<Host, "env" | "files">;

/** Where a dependency comes from, with what was found for it. */
export type Provision =
  & Extract<ProvisionVerdict, { readonly kind: "provide" }>
  & {
    /** Path of the program, for mode `native`. */
    readonly program: string | undefined;
  };

const EXECUTE_BITS = 0o111;
const DEFAULT_PATH = "/usr/local/bin:/usr/bin:/bin";

/**
 * Decides where a dependency comes from.
 *
 * @param askEngine asks Docker, where that is needed.
 * @throws {KnownError} `unusable` when nothing provides it; the hint lists the
 * ways out.
 */
export async function chooseProvision(
  host: FindHost & Pick<Host, "programs">,
  definition: DependencyDefinition,
  choice: DependencyChoice,
  askEngine: () => Promise<EngineFacts> = () => lookAtEngine(host),
): Promise<Provision> {
  const mayBeNative = choice.mode === "native" ||
    (choice.mode === "auto" && choice.url === undefined);
  const program = mayBeNative && definition.native !== undefined
    ? await findProgram(
      host,
      definition.native.names,
      definition.native.directories,
    )
    : undefined;
  const facts: ProvisionFacts = { program, engine: undefined };
  const first = planProvision(definition, choice, facts);
  const verdict = first.kind === "look_at_engine"
    ? planProvision(definition, choice, {
      ...facts,
      engine: await askEngine(),
    })
    : first;
  if (verdict.kind === "provide") return { ...verdict, program };
  throw new KnownError(
    "unusable",
    verdict.kind === "impossible"
      ? verdict.message
      : `Nothing provides ${definition.displayName}`,
    verdict.kind === "impossible" ? { hint: verdict.hint } : {},
  );
}

/**
 * The first program of these names, in `PATH` and then in directories in which
 * `*` stands for any name; of two versions the later one.
 */
export async function findProgram(
  host: FindHost,
  names: readonly string[],
  directories: readonly string[],
): Promise<string | undefined> {
  const path = host.env.get("PATH") ?? DEFAULT_PATH;
  for (const directory of path.split(":").filter((each) => each !== "")) {
    const found = await findIn(host, directory, names);
    if (found !== undefined) return found;
  }
  for (const pattern of directories) {
    for (const directory of await expand(host, pattern)) {
      const found = await findIn(host, directory, names);
      if (found !== undefined) return found;
    }
  }
  return undefined;
}

async function findIn(
  { files }: Pick<Host, "files">,
  directory: string,
  names: readonly string[],
): Promise<string | undefined> {
  for (const name of names) {
    const path = joinPath(directory, name);
    // A directory that we may not enter holds nothing for us.
    const facts = await files.stat(path).catch(() => undefined);
    const mode = facts?.mode ?? EXECUTE_BITS;
    if (facts?.kind === "file" && (mode & EXECUTE_BITS) !== 0) return path;
  }
  return undefined;
}

/** Directories that a pattern with one `*` stands for, later versions first. */
export async function expand(
  { files }: Pick<Host, "files">,
  pattern: string,
): Promise<readonly string[]> {
  const star = pattern.indexOf("*");
  if (star < 0) return [pattern];
  const cut = pattern.lastIndexOf("/", star);
  const parent = pattern.slice(0, cut) || "/";
  const start = pattern.slice(cut + 1, star);
  const names = await files.list(parent).catch(() => []);
  const after = pattern.slice(star + 1);
  const slash = after.indexOf("/");
  const end = slash < 0 ? after : after.slice(0, slash);
  return names
    .filter((name) =>
      name.length > start.length + end.length &&
      name.startsWith(start) && name.endsWith(end)
    )
    .sort((a, b) => b.localeCompare(a, "en", { numeric: true }))
    .map((name) => joinPath(parent, name) + after.slice(end.length));
}
