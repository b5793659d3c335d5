/**
 * As whom PostgreSQL runs. It refuses to run as root, so root hands it to the
 * user who owns the repository, or to nobody.
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
  /** Text of `/etc/passwd`. */
  readonly passwd: string;
  /** Operating system. */
  readonly os: Host["env"]["os"];
}

const NOBODY_ID = 65_534;
const SYSTEM_DIRECTORIES = ["/usr/bin", "/bin"];

/** Reads what the choice follows from, and chooses. */
export async function chooseAccount(
  host: Pick<Host, "env" | "files">,
  projectRoot: string,
  dataUid: number | undefined,
): Promise<PostgresAccount> {
  const { uid, os } = host.env;
  const isRoot = uid === 0;
  return pickAccount({
    uid,
    os,
    dataUid,
    repositoryUid: isRoot
      ? (await host.files.stat(projectRoot))?.uid
      : undefined,
    setpriv: isRoot
      ? await findProgram(host, ["setpriv"], SYSTEM_DIRECTORIES)
      : undefined,
    passwd: isRoot
      ? await host.files.readText("/etc/passwd").catch(() => "")
      : "",
  });
}

/**
 * Chooses as whom PostgreSQL runs.
 *
 * @throws {KnownError} `unusable` when the data is somebody else's, or when
 * root cannot hand it to anybody.
 */
export function pickAccount(facts: AccountFacts): PostgresAccount {
  const { uid, dataUid, repositoryUid, setpriv, passwd, os } = facts;
  if (uid !== 0) {
    if (uid === undefined || dataUid === undefined || dataUid === uid) {
      return { kind: "own" };
    }
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
  const target = dataUid ?? (repositoryUid === 0 ? undefined : repositoryUid);
  const accounts = readAccounts(passwd);
  const found = target === undefined
    ? accounts.find(({ name }) => name === "nobody")
    : accounts.find((account) => account.uid === target);
  const id = target ?? found?.uid ?? NOBODY_ID;
  return { kind: "other", uid: id, gid: found?.gid ?? id, setpriv };
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
