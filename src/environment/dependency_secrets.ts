/**
 * The words that only a dependency and its clients know: made once, kept
 * beside its data, and never part of a command line.
 *
 * @module
 */

import { KnownError } from "../errors.ts";
import { type Host, HostError } from "../host/host.ts";
import { joinPath } from "../host/path.ts";
import type { DependencyDefinition } from "./dependency_registry.ts";

const PASSWORD_BYTES = 24;
const PASSWORD = /^[0-9a-f]{48}$/;

/** The secrets that this program's environment has for a dependency. */
export function readSecrets(
  { env }: Pick<Host, "env">,
  { secretNames }: Pick<DependencyDefinition, "secretNames">,
): Readonly<Record<string, string>> {
  return Object.fromEntries(
    secretNames.flatMap((name) => {
      const value = env.get(name);
      return value === undefined ? [] : [[name, value] as const];
    }),
  );
}

/** File of the password of a dependency that we provide. */
export function passwordPath(dataDirectory: string): string {
  return joinPath(dataDirectory, "password");
}

/** The password of a dependency that we provide; `undefined` without one. */
export async function readPassword(
  { files }: Pick<Host, "files">,
  dataDirectory: string,
): Promise<string | undefined> {
  const path = passwordPath(dataDirectory);
  try {
    const text = (await files.readText(path)).trim();
    if (PASSWORD.test(text)) return text;
  } catch (error) {
    if (error instanceof HostError && error.code === "not_found") {
      return undefined;
    }
    throw error;
  }
  throw new KnownError("damaged_file", `${path} holds no password`, {
    hint: `Restore it, or move ${dataDirectory} away to begin with new data.`,
  });
}

/** That password, which is made when there is none. */
export async function providePassword(
  host: Pick<Host, "files" | "random">,
  dataDirectory: string,
): Promise<string> {
  const present = await readPassword(host, dataDirectory);
  if (present !== undefined) return present;
  const password = host.random.hex(PASSWORD_BYTES);
  await host.files.writeAtomic(passwordPath(dataDirectory), `${password}\n`);
  return password;
}
