/**
 * Gathers the secrets that are known on this machine, so that a bundle can be
 * searched for them: of the environment, of settings and their commands, of
 * `.env` files, of dependencies, of the sign-in, and of units.
 *
 * @module
 */

import { parseEnvLines } from "../config/env_lines.ts";
import { type Host, HostError } from "../host/host.ts";
import { joinPath } from "../host/path.ts";
import type { JsonValue } from "../state/json_value.ts";
import { statePaths } from "../state/paths.ts";
import type { Secret } from "./debug_redact.ts";
import {
  credentialsIn,
  credentialsInWords,
  isPlace,
  isSecretKey,
  isSecretVariable,
  looksRandom,
} from "./debug_names.ts";
import { DEPENDENCIES } from "./dependency_registry.ts";
import { passwordPath } from "./dependency_secrets.ts";
import type { EnvironmentPlace } from "./place.ts";
import { LEGACY_FILE } from "./settings_load.ts";

type SecretsHost = Pick<Host, "env" | "files">;

/** The secrets, and what could not be searched for them. */
export interface GatheredSecrets {
  /** Each that was found. */
  readonly secrets: readonly Secret[];
  /** Files that are there and could not be read. */
  readonly unread: readonly string[];
}

const TEXT_BYTES = 1024 * 1024;

/**
 * Gathers all that is known.
 *
 * @param roots roots of projects, whose `.env` files are read too.
 */
export async function gatherSecrets(
  host: SecretsHost,
  place: EnvironmentPlace,
  roots: readonly string[],
): Promise<GatheredSecrets> {
  const unread: string[] = [];
  const read = (path: string) => readText(host, path, unread);
  const settings = [place.repositoryRoot, place.executionRoot].flatMap((root) =>
    [".reeve", LEGACY_FILE].map((name) => joinPath(root, name))
  );
  const directories = projectDirectories(place, roots);
  const [files, envFiles, passwords, state] = await Promise.all([
    Promise.all(settings.map(read)),
    readEnvFiles(host, directories, read),
    readPasswords(host, place, read),
    readState(host, place, read),
  ]);
  return {
    secrets: [
      ...fromEnvironment(host, place),
      ...files.flatMap((text) => fromLines("settings", text, isSecretVariable)),
      ...fromSettings(place),
      ...envFiles.flatMap((text) => fromLines("an .env file", text, always)),
      ...passwords.map((text) => secret("a database password", text.trim())),
      ...state,
    ],
    unread,
  };
}

/** Random words of markers in a text. */
export function markersIn(text: string): readonly Secret[] {
  return [...text.matchAll(/\brepo-[0-9a-f]{12}\.[\w.-]+\.([0-9a-f]{32})\b/g)]
    .map(([, token = ""]) => secret("the marker of a unit", token));
}

function secret(origin: string, value: string): Secret {
  return { origin, value };
}

function always(): boolean {
  return true;
}

async function readText(
  { files }: SecretsHost,
  path: string,
  unread: string[],
): Promise<string> {
  try {
    return await files.readText(path, TEXT_BYTES);
  } catch (error) {
    if (!(error instanceof HostError)) throw error;
    const isThere = error.code !== "not_found" &&
      error.code !== "is_a_directory" && error.code !== "not_a_directory";
    if (isThere) unread.push(path);
    return "";
  }
}

function fromEnvironment(
  { env }: SecretsHost,
  { loaded: { settings } }: EnvironmentPlace,
): readonly Secret[] {
  const inherited = new Set(settings.inheritedEnv);
  const own = Object.values(DEPENDENCIES).flatMap(({ secretNames }) =>
    secretNames
  );
  const names = new Set([...env.names ?? [], ...inherited, ...own]);
  return [...names].flatMap((name) => {
    const value = env.get(name);
    if (value === undefined) return [];
    const isSecret = isSecretVariable(name) || own.includes(name) ||
      inherited.has(name) && looksRandom(value);
    return secretsInValue(`the variable ${name}`, { name, value }, isSecret);
  });
}

/** The value of a variable, where it is a secret, and credentials within it. */
export function secretsInValue(
  origin: string,
  { name, value }: { readonly name: string; readonly value: string },
  isSecret: boolean,
): readonly Secret[] {
  const isTemplate = /^\$\{[^}]*\}$/.test(value);
  const whole = isSecret && !isTemplate && !isPlace(name, value) ? [value] : [];
  return [...whole, ...credentialsIn(value)].map((one) => secret(origin, one));
}

function fromLines(
  place: string,
  text: string,
  counts: (name: string) => boolean,
): readonly Secret[] {
  return [
    ...parseEnvLines(text).lines.flatMap(({ name, value }) =>
      secretsInValue(`${name} of ${place}`, { name, value }, counts(name))
    ),
    ...credentialsIn(text).map((one) => secret(place, one)),
  ];
}

function fromSettings(
  { loaded: { settings } }: EnvironmentPlace,
): readonly Secret[] {
  const { services, dependencies } = settings;
  const commands = [...services, ...dependencies].flatMap(({ command }) =>
    credentialsInWords(command).map((one) => secret("a command", one))
  );
  const variables = services.flatMap(({ env, slug }) =>
    Object.entries(env).flatMap(([name, value]) =>
      secretsInValue(
        `${name} of ${slug}`,
        { name, value },
        isSecretVariable(name) || looksRandom(value),
      )
    )
  );
  const addresses = dependencies.flatMap(({ id, url }) =>
    credentialsIn(url ?? "").map((one) => secret(`the address of ${id}`, one))
  );
  return [...commands, ...variables, ...addresses];
}

function projectDirectories(
  { executionRoot, repositoryRoot, loaded: { settings } }: EnvironmentPlace,
  roots: readonly string[],
): readonly string[] {
  const all = new Set([repositoryRoot, executionRoot, ...roots]);
  return [
    ...new Set([...all].flatMap((root) => [
      root,
      ...settings.services.map(({ directory }) => joinPath(root, directory)),
    ])),
  ];
}

const ENV_FILE = /^\.env(?:\.|$)|\.env$/;
const SAMPLE = /\.(?:example|sample|template|dist)$/;

async function readEnvFiles(
  host: SecretsHost,
  directories: readonly string[],
  read: (path: string) => Promise<string>,
): Promise<readonly string[]> {
  const paths = await Promise.all(
    directories.map(async (directory) =>
      (await listNames(host, directory))
        .filter((name) => ENV_FILE.test(name) && !SAMPLE.test(name))
        .map((name) => joinPath(directory, name))
    ),
  );
  return await Promise.all(paths.flat().map(read));
}

async function listNames(
  { files }: SecretsHost,
  directory: string,
): Promise<readonly string[]> {
  try {
    return await files.list(directory);
  } catch (error) {
    // What is no directory has no names in it.
    if (error instanceof HostError) return [];
    throw error;
  }
}

async function readPasswords(
  host: SecretsHost,
  { paths }: EnvironmentPlace,
  read: (path: string) => Promise<string>,
): Promise<readonly string[]> {
  const below = async (directory: string) =>
    (await listNames(host, directory)).map((name) => joinPath(directory, name));
  const projects = await below(paths.data);
  const kept = (await Promise.all(projects.map(below))).flat();
  return await Promise.all(kept.map((path) => read(passwordPath(path))));
}

/** The sign-in and the credentials of daemons. */
async function readState(
  host: SecretsHost,
  { paths }: EnvironmentPlace,
  read: (path: string) => Promise<string>,
): Promise<readonly Secret[]> {
  const { config, daemonState, owners, session } = statePaths(paths.root);
  const records = (await listNames(host, owners)).map((name) =>
    joinPath(owners, name)
  );
  const texts = await Promise.all(
    [config, daemonState, session, paths.intents, ...records].map(read),
  );
  return texts.flatMap((text) => [
    ...markersIn(text),
    ...credentialsIn(text).map((one) => secret("the state root", one)),
    ...fromJson(parseJson(text)),
  ]);
}

function parseJson(text: string): JsonValue {
  try {
    return JSON.parse(text);
  } catch {
    return null;
  }
}

function fromJson(value: JsonValue): readonly Secret[] {
  if (typeof value !== "object" || value === null) return [];
  return Object.entries(value).flatMap(([key, inner]) => {
    if (typeof inner !== "string") {
      return inner === undefined ? [] : fromJson(inner);
    }
    return isSecretKey(key) ? [secret(`${key} of the state root`, inner)] : [];
  });
}
