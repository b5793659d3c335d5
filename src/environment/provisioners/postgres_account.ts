/**
 * As whom PostgreSQL runs. It refuses to run as root, so root hands it to the
 * user who owns the repository, or to nobody. Its data is only ever made by a
 * user with an account; containers often run as a number without one.
 *
 * @module
 */

import { KnownError } from "../../errors.ts";
import type { Host } from "../../host/host.ts";
import { findProgram } from "../provision_facts.ts";

/** As whom PostgreSQL runs. */
export type PostgresAccount =
  /** As we do. */
  | { readonly kind: "own" }
  | {
    readonly kind: "other";
    /** Numeric user id. */
    readonly uid: number;
    /** Numeric group id. */
    readonly gid: number;
    /** Program that changes them. */
    readonly setpriv: string;
  };

/** What the choice follows from. */
export interface AccountFacts {
  /** Our own user id, where there is one. */
  readonly uid: number | undefined;
  /** Owner of the data that is there; `undefined` for none. */
  readonly dataUid: number | undefined;
  /** Owner of the repository. */
  readonly repositoryUid: number | undefined;
  /** Path of the program that changes users. */
  readonly setpriv: string | undefined;
  /** Accounts, in the form of `/etc/passwd`; empty when they are not known. */
  readonly passwd: string;
  /** Operating system. */
  readonly os: Host["env"]["os"];
}

const NOBODY_ID = 65_534;
/** Accounts that a program of root is handed to, the first one first. */
const SERVANTS = ["nobody", "postgres"];
const SYSTEM_DIRECTORIES = ["/usr/bin", "/bin"];
const LOOKUP_TIMEOUT_MS = 2000;

/** Reads what the choice follows from, and chooses. */
export async function chooseAccount(
  host: Pick<Host, "env" | "files" | "programs">,
  projectRoot: string,
  dataUid: number | undefined,
): Promise<PostgresAccount> {
  const { uid, os } = host.env;
  const isRoot = uid === 0;
  const repositoryUid = isRoot
    ? (await host.files.stat(projectRoot))?.uid
    : undefined;
  // What is there already needs no account any more.
  const wanted = dataUid ?? (isRoot ? repositoryUid : uid);
  const isAsked = os === "linux" && (isRoot || dataUid === undefined);
  return pickAccount({
    uid,
    os,
    dataUid,
    repositoryUid,
    setpriv: isRoot
      ? await findProgram(host, ["setpriv"], SYSTEM_DIRECTORIES)
      : undefined,
    passwd: isAsked ? await readPasswd(host, wanted) : "",
  });
}

/** The accounts of this machine, and of its network the one that is meant. */
async function readPasswd(
  { files, programs }: Pick<Host, "files" | "programs">,
  uid: number | undefined,
): Promise<string> {
  const local = await files.readText("/etc/passwd").catch(() => "");
  const isListed = readAccounts(local).some((each) => each.uid === uid);
  if (uid === undefined || isListed) return local;
  const end = await programs.run({
    executable: "getent",
    args: ["passwd", String(uid)],
    env: { "LC_ALL": "C", "PATH": SYSTEM_DIRECTORIES.join(":") },
    cwd: "/",
    timeoutMs: LOOKUP_TIMEOUT_MS,
  });
  return end.kind === "exited" && end.code === 0
    ? `${local}\n${end.stdout}`
    : local;
}

/**
 * Chooses as whom PostgreSQL runs.
 *
 * @throws {KnownError} `unusable` when the data is somebody else's, when we
 * have no account to make data with, or when root cannot hand it to anybody.
 */
export function pickAccount(facts: AccountFacts): PostgresAccount {
  const { uid, dataUid, repositoryUid, setpriv, passwd, os } = facts;
  if (uid !== 0) {
    if (uid === undefined || dataUid === uid) return { kind: "own" };
    if (dataUid === undefined) return ownAccount(uid, passwd);
    throw new KnownError(
      "unusable",
      `The data of PostgreSQL belongs to user ${dataUid}, and we are ${uid}`,
      { hint: "Run reeve as its owner, or change the owner of the data." },
    );
  }
  if (dataUid === 0) {
    throw new KnownError("unusable", "The data of PostgreSQL belongs to root", {
      hint: "PostgreSQL never runs as root: give the data to another user.",
    });
  }
  if (setpriv === undefined || os !== "linux") {
    throw new KnownError(
      "unusable",
      "PostgreSQL never runs as root, and nothing here can change the user",
      { hint: "Run reeve as an ordinary user, or install setpriv." },
    );
  }
  const accounts = readAccounts(passwd);
  const owner = accounts.find((each) =>
    each.uid === (dataUid ?? repositoryUid) && each.uid !== 0
  );
  // Data that is there stays with its owner, with an account or without.
  const found = owner ?? (dataUid === undefined ? servantOf(accounts) : owner);
  const id = dataUid ?? found?.uid ?? NOBODY_ID;
  return { kind: "other", uid: id, gid: found?.gid ?? id, setpriv };
}

function ownAccount(uid: number, passwd: string): PostgresAccount {
  const accounts = readAccounts(passwd);
  if (accounts.length === 0 || accounts.some((each) => each.uid === uid)) {
    return { kind: "own" };
  }
  throw new KnownError(
    "unusable",
    `PostgreSQL makes data only for a user with an account, and user ${uid} ` +
      "has none on this machine",
    {
      hint: "Give it a line in /etc/passwd, run reeve as a user who has one, " +
        "or name a database: " +
        "reeve config set REEVE_DEPENDENCY_POSTGRES_URL=…",
    },
  );
}

function servantOf(accounts: readonly Account[]): Account | undefined {
  return SERVANTS.map((name) => accounts.find((each) => each.name === name))
    .find((account) => account !== undefined);
}

/**
 * The words that run a PostgreSQL program on a data directory. For another
 * user the directory is opened beforehand: he need not be able to get to it,
 * only to own it.
 */
export function postgresWords(
  account: PostgresAccount,
  directory: string,
  words: (dataPath: string) => readonly [string, ...string[]],
): readonly [string, ...string[]] {
  if (account.kind === "own") return words(directory);
  const { uid, gid, setpriv } = account;
  return [
    "/bin/sh",
    "-c",
    'exec 9<"$0" && exec "$@"',
    directory,
    setpriv,
    ...["--reuid", String(uid), "--regid", String(gid), "--clear-groups"],
    ...words("/proc/self/fd/9"),
  ];
}

interface Account {
  readonly name: string;
  readonly uid: number;
  readonly gid: number;
}

function readAccounts(passwd: string): readonly Account[] {
  return passwd.split("\n").flatMap((line) => {
    const [name, , uid, gid] = line.split(":");
    if (name === undefined || uid === undefined || gid === undefined) return [];
    return [{ name, uid: Number(uid), gid: Number(gid) }];
  });
}
