/**
 * What the machine has for the services and dependencies of a repository.
 *
 * @module
 */

import {
  DEPENDENCIES,
  type DependencyDefinition,
} from "../environment/dependency_registry.ts";
import type {
  DependencyChoice,
  EnvironmentSettings,
  Mode,
  ServiceDefinition,
} from "../environment/model.ts";
import {
  chooseProvision,
  findProgram,
} from "../environment/provision_facts.ts";
import type { EngineFacts } from "../environment/provision_plan.ts";
import {
  chooseAccount,
  type PostgresAccount,
} from "../environment/provisioners/postgres_account.ts";
import { DEPENDENCY_IDS, isDependency } from "../environment/service_keys.ts";
import { KnownError } from "../errors.ts";
import type { Host } from "../host/host.ts";
import { absolutePath, joinPath } from "../host/path.ts";

/** A program that a dependency could be provided with. */
export interface ProgramFacts {
  /** The dependency. */
  readonly dependency: string;
  /** Names of the program. */
  readonly names: readonly string[];
  /** Its path, when it is there. */
  readonly path: string | undefined;
}

/** A dependency that the settings want, and where it would come from. */
export interface WantedFacts {
  /** The dependency. */
  readonly id: string;
  /** Where it would come from and why, or why it cannot be had. */
  readonly from:
    | { readonly mode: string; readonly why: string }
    | { readonly problem: string; readonly hint: string | undefined };
}

/** The program of a service. */
export interface ServiceProgramFacts {
  /** Slug of the service. */
  readonly slug: string;
  /** First word of its command. */
  readonly word: string;
  /** Directory that it runs in. */
  readonly directory: string;
  /** Whether that directory is there. */
  readonly hasDirectory: boolean;
  /** The program's path, when it is there and may be run. */
  readonly path: string | undefined;
  /** Whether the word is only known at the start, as it has a placeholder. */
  readonly isOpen: boolean;
}

/** What the machine has. */
export interface NeedsFacts {
  /** Programs for dependencies. */
  readonly programs: readonly ProgramFacts[];
  /** Docker. */
  readonly engine: EngineFacts;
  /** As whom PostgreSQL would run, or why it could not. */
  readonly account: PostgresAccount | { readonly problem: string };
  /** Dependencies of the settings. */
  readonly wanted: readonly WantedFacts[];
  /** Programs of the services. */
  readonly services: readonly ServiceProgramFacts[];
}

type NeedsHost = Pick<Host, "env" | "files" | "programs">;

/** What the machine has for anybody. */
export type MachineFacts = Pick<NeedsFacts, "account" | "engine" | "programs">;

/**
 * Looks at what the machine could provide dependencies with.
 *
 * @param root directory whose owner PostgreSQL would run as, for root.
 * @param asked what Docker says, which takes a while.
 */
export async function readMachineFacts(
  host: NeedsHost,
  root: string,
  asked: Promise<EngineFacts>,
): Promise<MachineFacts> {
  const [programs, engine, account] = await Promise.all([
    Promise.all(
      DEPENDENCY_IDS.flatMap((id) => programOf(host, DEPENDENCIES[id])),
    ),
    asked,
    accountOf(host, root),
  ]);
  return { programs, engine, account };
}

function programOf(
  host: NeedsHost,
  { id, native }: DependencyDefinition,
): readonly Promise<ProgramFacts>[] {
  if (native === undefined) return [];
  const { names, directories } = native;
  return [
    findProgram(host, names, directories)
      .then((path) => ({ dependency: id, names, path })),
  ];
}

async function accountOf(
  host: NeedsHost,
  root: string,
): Promise<NeedsFacts["account"]> {
  try {
    return await chooseAccount(host, root, undefined);
  } catch (error) {
    if (!(error instanceof KnownError)) throw error;
    return { problem: error.message };
  }
}

/**
 * Looks at what the settings of a repository need.
 *
 * @param asked what Docker says.
 */
export async function readNeeds(
  host: NeedsHost,
  root: string,
  settings: EnvironmentSettings,
  asked: Promise<EngineFacts>,
): Promise<Pick<NeedsFacts, "services" | "wanted">> {
  const mode: Mode = "main";
  const [wanted, services] = await Promise.all([
    Promise.all(
      settings.dependencies.map((choice) => wantedOf(host, choice, asked)),
    ),
    Promise.all(
      settings.services.filter(({ modes }) => modes.includes(mode))
        .map((service) => serviceOf(host, root, service)),
    ),
  ]);
  return { wanted, services: services.flat() };
}

async function wantedOf(
  host: NeedsHost,
  choice: DependencyChoice,
  asked: Promise<EngineFacts>,
): Promise<WantedFacts> {
  const { id } = choice;
  if (!isDependency(id)) throw new TypeError(`no dependency ${id}`);
  try {
    const { mode, why } = await chooseProvision(
      host,
      DEPENDENCIES[id],
      choice,
      () => asked,
    );
    return { id, from: { mode, why } };
  } catch (error) {
    if (!(error instanceof KnownError)) throw error;
    const { message: problem, hint } = error;
    return { id, from: { problem, hint } };
  }
}

const EXECUTE_BITS = 0o111;

async function serviceOf(
  host: NeedsHost,
  root: string,
  service: ServiceDefinition,
): Promise<readonly ServiceProgramFacts[]> {
  const { slug, command: [word = ""], onlyIfPath, env } = service;
  const isMeant = onlyIfPath === undefined ||
    await kindOf(host, joinPath(root, onlyIfPath)) !== undefined;
  if (!isMeant || word === "") return [];
  const directory = joinPath(root, service.directory);
  const hasDirectory = await kindOf(host, directory) === "directory";
  const isOpen = word.includes("{") || env["PATH"] !== undefined;
  const path = isOpen ? undefined : await findWord(host, directory, word);
  return [{ slug, word, directory, hasDirectory, path, isOpen }];
}

/** A word with a slash names a file; any other is looked for in `PATH`. */
async function findWord(
  host: NeedsHost,
  directory: string,
  word: string,
): Promise<string | undefined> {
  if (!word.includes("/")) return await findProgram(host, [word], []);
  const path = absolutePath(directory, word);
  const facts = await host.files.stat(path).catch(() => undefined);
  const mode = facts?.mode ?? EXECUTE_BITS;
  return facts?.kind === "file" && (mode & EXECUTE_BITS) !== 0
    ? path
    : undefined;
}

async function kindOf({ files }: Pick<Host, "files">, path: string) {
  return (await files.stat(path).catch(() => undefined))?.kind;
}
