/**
 * The data directory of a PostgreSQL of ours. A new one is made under another
 * name and gets its own when it is complete, so half a one is never used.
 *
 * @module
 */

import { KnownError } from "../../errors.ts";
import { type Host, HostError } from "../../host/host.ts";
import { joinPath, parentPath } from "../../host/path.ts";
import type { ProgramEnd } from "../../host/programs.ts";
import { providePassword, readPassword } from "../dependency_secrets.ts";
import { printable } from "../dependency_wire.ts";
import { expand } from "../provision_facts.ts";
import { type PostgresAccount, postgresWords } from "./postgres_account.ts";

/** What making a cluster needs of the world. */
export type ClusterHost = Pick<
  Host,
  "blocking" | "env" | "files" | "programs" | "random"
>;

/** Name of the user that a cluster is made with. */
export const SUPERUSER = "postgres";

/** A cluster that is there. */
export interface ClusterFacts {
  /** Its directory. */
  readonly directory: string;
  /** Version that made it: `15`. */
  readonly version: string;
  /** User id of its owner, where there are such. */
  readonly uid: number | undefined;
}

const NAME = "cluster";
const UNFINISHED = /^init-[0-9a-f]{16}$/;
const NAME_BYTES = 8;
const PROGRAM_TIMEOUT_MS = 10_000;
const INIT_TIMEOUT_MS = 120_000;

/** The cluster in a directory of data; `undefined` when there is none. */
export async function findCluster(
  { files }: Pick<Host, "files">,
  dataDirectory: string,
): Promise<ClusterFacts | undefined> {
  const directory = joinPath(dataDirectory, NAME);
  const facts = await files.stat(directory);
  if (facts === undefined) return undefined;
  try {
    const text = await files.readText(joinPath(directory, "PG_VERSION"));
    return { directory, version: text.trim(), uid: facts.uid };
  } catch (error) {
    if (!(error instanceof HostError)) throw error;
    throw new KnownError(
      "damaged_file",
      `${directory} is no data directory of PostgreSQL: ` +
        error.code.replaceAll("_", " "),
      { hint: "Restore it, or move it away to begin with new data." },
    );
  }
}

/**
 * The program whose version made the data: another one would refuse it.
 *
 * @param version that of the data; `undefined` for any.
 * @throws {KnownError} `unusable`, with both versions, when there is none.
 */
export async function programFor(
  host: Pick<Host, "files" | "programs">,
  program: string,
  version: string | undefined,
  directories: readonly string[],
): Promise<string> {
  const own = await versionOf(host, program);
  if (version === undefined || own === version) return program;
  const others = (await Promise.all(
    directories.map((pattern) => expand(host, pattern)),
  )).flat().map((directory) => joinPath(directory, "postgres"));
  for (const other of others) {
    const facts = await host.files.stat(other).catch(() => undefined);
    if (facts?.kind !== "file") continue;
    if (await versionOf(host, other) === version) return other;
  }
  throw new KnownError(
    "unusable",
    `The data was made by PostgreSQL ${version}, and ${program} is ` +
      `PostgreSQL ${own ?? "of an unknown version"}`,
    {
      hint: `Install PostgreSQL ${version}, or upgrade the data yourself ` +
        "with pg_upgrade or a dump. Nothing was changed.",
    },
  );
}

async function versionOf(
  host: Pick<Host, "programs">,
  program: string,
): Promise<string | undefined> {
  const end = await host.programs.run({
    executable: program,
    args: ["--version"],
    env: { "LC_ALL": "C" },
    cwd: "/",
    timeoutMs: PROGRAM_TIMEOUT_MS,
  });
  if (end.kind !== "exited" || end.code !== 0) return undefined;
  // Since 10 the first number alone is the version that counts.
  const [, major, minor] =
    /\(PostgreSQL\) (\d+)(?:\.(\d+))?/.exec(end.stdout) ??
      [];
  if (major === undefined) return undefined;
  return Number(major) < 10 ? `${major}.${minor}` : major;
}

/**
 * Makes a cluster with a password of its own.
 *
 * @returns its directory.
 * @throws {KnownError} `start_failed` with what the program says.
 */
export async function makeCluster(
  host: ClusterHost,
  program: string,
  account: PostgresAccount,
  dataDirectory: string,
): Promise<string> {
  host.blocking.makeDirectory(dataDirectory);
  await removeUnfinished(host, dataDirectory);
  const password = await providePassword(host, dataDirectory);
  const unfinished = joinPath(
    dataDirectory,
    `init-${host.random.hex(NAME_BYTES)}`,
  );
  await makeDirectory(host, unfinished, account);
  // `initdb` belongs to the program's own version, wherever a link leads.
  const real = await host.files.realPath(program);
  const initdb = joinPath(parentPath(real), "initdb");
  const run = (
    words: (dataPath: string) => readonly [string, ...string[]],
    input?: string,
  ) => runAs(host, postgresWords(account, unfinished, words), input);
  await run((path) => [
    initdb,
    ...["-D", path, "-U", SUPERUSER, "--encoding=UTF8"],
    // Sockets of the file system are never opened, so only one way counts.
    ...["--auth-local=peer", "--auth-host=scram-sha-256"],
    `--locale=${host.env.os === "linux" ? "C.UTF-8" : "C"}`,
  ]);
  // Through its input: a command line can be read by everybody.
  await run(
    (path) => [
      real,
      ...["--single", "-D", path, "-c", "exit_on_error=true", "postgres"],
    ],
    `ALTER ROLE "${SUPERUSER}" PASSWORD '${password}';\n`,
  );
  const directory = joinPath(dataDirectory, NAME);
  host.blocking.rename(unfinished, directory);
  return directory;
}

/** The password of a cluster that is there. */
export async function clusterPassword(
  host: Pick<Host, "files">,
  dataDirectory: string,
): Promise<string> {
  const password = await readPassword(host, dataDirectory);
  if (password !== undefined) return password;
  throw new KnownError(
    "damaged_file",
    `The password of the database in ${dataDirectory} is gone`,
    {
      hint: `Restore the file password there, or move ${dataDirectory} away ` +
        "to begin with new data.",
    },
  );
}

async function makeDirectory(
  host: ClusterHost,
  path: string,
  account: PostgresAccount,
): Promise<void> {
  if (account.kind === "own") return host.blocking.makeDirectory(path);
  const { uid, gid } = account;
  const owner = ["-o", String(uid), "-g", String(gid)];
  await runAs(host, ["install", "-d", "-m", "700", ...owner, "--", path]);
}

/** What a crash has left of earlier attempts; nothing was ever in use. */
async function removeUnfinished(
  host: ClusterHost,
  dataDirectory: string,
): Promise<void> {
  const names = await host.files.list(dataDirectory);
  for (const name of names.filter((each) => UNFINISHED.test(each))) {
    await runAs(host, ["rm", "-rf", "--", joinPath(dataDirectory, name)]);
  }
}

async function runAs(
  { programs, env }: Pick<Host, "env" | "programs">,
  [executable, ...args]: readonly [string, ...string[]],
  input?: string,
): Promise<void> {
  const end = await programs.run({
    executable,
    args,
    env: { "LC_ALL": "C", "PATH": env.get("PATH") ?? "/usr/bin:/bin" },
    cwd: "/",
    timeoutMs: INIT_TIMEOUT_MS,
    ...input === undefined ? {} : { input },
  });
  if (end.kind === "exited" && end.code === 0) return;
  throw new KnownError(
    "start_failed",
    `Cannot make the data directory of PostgreSQL: ${
      reasonOf(executable, end)
    }`,
    { hint: "Correct what it says, then start again." },
  );
}

function reasonOf(executable: string, end: ProgramEnd): string {
  switch (end.kind) {
    case "exited": {
      const lines = end.stderr.split("\n").map(printable);
      const told = lines.find((line) => /error|fatal/i.test(line)) ??
        lines.findLast((line) => line !== "");
      return told ?? `${executable} ended with ${end.code}`;
    }
    case "missing":
      return `there is no program ${executable}`;
    case "timeout":
      return `${executable} took longer than ${INIT_TIMEOUT_MS} ms`;
    case "aborted":
      return `${executable} was interrupted`;
    case "refused":
      return end.reason;
  }
}
