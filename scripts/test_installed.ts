/**
 * The archive of this machine, installed for the tests of the command line.
 *
 * @module
 */

import { providePostgres } from "#support/postgres_binaries.ts";
import { provideRedis } from "#support/redis_server.ts";
import {
  HAS_INSTALLER,
  installArchive,
  makePackages,
} from "./package_install.ts";

/** What tests are told of packages that were made for them. */
export interface Installed extends AsyncDisposable {
  /** Variables of the tests in a folder such as `tests/cli/`. */
  readonly variables: Readonly<
    Record<string, Readonly<Record<string, string>>>
  >;
}

const NOTHING: Installed = {
  variables: {},
  [Symbol.asyncDispose]: () => Promise.resolve(),
};

/**
 * Makes and installs the packages of this checkout where one of the suites
 * wants them: what is tested is then what people download, on a PATH without
 * Deno and Node. Where no archive can be installed, tests use the checkout.
 *
 * @throws {ScriptError} when a program that packaging needs is missing.
 */
export async function provideInstalled(
  suites: readonly string[],
): Promise<Installed> {
  const isWanted = suites.includes("cli") || suites.includes("package");
  if (!isWanted || !HAS_INSTALLER) return NOTHING;
  // The bare PATH holds what is there now; who cannot install it is told so by
  // the tests that need it.
  await providePostgres().catch(() => undefined);
  await provideRedis().catch(() => undefined);
  const directory = await Deno.makeTempDir({ prefix: "reeve-packages-" });
  const remove = () => Deno.remove(directory, { recursive: true });
  try {
    const packages = await makePackages(directory);
    const command = await installArchive(packages);
    return {
      variables: {
        "tests/cli/": {
          "PATH": packages.path,
          "REEVE_TEST_COMMAND": command,
          // A reader of the documents has more installed than Reeve.
          "REEVE_TEST_READER_PATH": Deno.env.get("PATH") ?? "",
        },
        "tests/package/": { "REEVE_TEST_PACKAGES": directory },
      },
      [Symbol.asyncDispose]: remove,
    };
  } catch (error) {
    await remove();
    throw error;
  }
}
