/**
 * The programs of PostgreSQL for tests, which are installed where that can be
 * done. No server of the machine's own is ever started.
 *
 * @module
 */

const MISSING = "These tests need PostgreSQL: install it with " +
  "`apt-get install --no-install-recommends postgresql postgresql-client`.";

/** Keeps the package from starting a server of its own. */
const POLICY = "/usr/sbin/policy-rc.d";

/** Keeps the package from making data of its own. */
const SETTINGS = "/etc/postgresql-common/createcluster.conf";

let providing: Promise<string> | undefined;

/** The directory of `postgres`, `initdb` and `psql`, which are there then. */
export function providePostgres(): Promise<string> {
  return providing ??= provideOnce();
}

async function provideOnce(): Promise<string> {
  const present = await findDirectory();
  if (present !== undefined) return present;
  if (Deno.uid() !== 0) throw new Error(MISSING);
  const path = "/tmp/reeve-install.lock";
  using lock = await Deno.open(path, { create: true, write: true });
  const isExclusive = true;
  await lock.lock(isExclusive);
  if (await findDirectory() === undefined) await install();
  const installed = await findDirectory();
  if (installed === undefined) throw new Error(MISSING);
  return installed;
}

/** Of two versions the later one. */
async function findDirectory(): Promise<string | undefined> {
  const parent = "/usr/lib/postgresql";
  const versions: number[] = [];
  try {
    for await (const { name } of Deno.readDir(parent)) {
      if (/^\d+$/.test(name)) versions.push(Number(name));
    }
  } catch (error) {
    if (!(error instanceof Deno.errors.NotFound)) throw error;
  }
  for (const version of versions.sort((a, b) => b - a)) {
    const directory = `${parent}/${version}/bin`;
    const hasAll = await Promise.all(
      ["postgres", "initdb", "psql"].map((name) =>
        Deno.stat(`${directory}/${name}`).then(() => true, () => false)
      ),
    );
    if (hasAll.every((has) => has)) return directory;
  }
  return undefined;
}

async function install(): Promise<void> {
  const hasPolicy = await create(POLICY, "#!/bin/sh\nexit 101\n", 0o755);
  await Deno.mkdir("/etc/postgresql-common", { recursive: true });
  await create(SETTINGS, "create_main_cluster = false\n", 0o644);
  try {
    for (
      const args of [
        ["update"],
        [
          ...["install", "-y", "--no-install-recommends"],
          ...["postgresql", "postgresql-client"],
        ],
      ]
    ) {
      const { success } = await new Deno.Command("apt-get", {
        args,
        env: { DEBIAN_FRONTEND: "noninteractive", RUNLEVEL: "1" },
        stdin: "null",
        stdout: "null",
        stderr: "null",
      }).output();
      if (!success) throw new Error(MISSING);
    }
  } catch (error) {
    if (error instanceof Deno.errors.NotFound) throw new Error(MISSING);
    throw error;
  } finally {
    if (hasPolicy) await Deno.remove(POLICY);
  }
}

/** Whether the file is ours; one that is there stays as it is. */
async function create(
  path: string,
  text: string,
  mode: number,
): Promise<boolean> {
  return await Deno.writeTextFile(path, text, { createNew: true, mode })
    .then(() => true, () => false);
}
