/**
 * The name of a repository at its origin, from Git's own files.
 *
 * @module
 */

import { type Host, HostError } from "../host/host.ts";
import { absolutePath, joinPath } from "../host/path.ts";

const MAX_BYTES = 1024 * 1024;

/** Name of the repository that a checkout comes from, where it is known. */
export function readOriginName(
  host: Pick<Host, "blocking">,
  checkout: string,
): string | undefined {
  const directory = gitDirectories(host, checkout)?.shared;
  if (directory === undefined) return undefined;
  const text = readOrNothing(host, joinPath(directory, "config"));
  const url = parseOriginUrl(text ?? "");
  return url === undefined ? undefined : repositoryName(url);
}

/** Where Git keeps what it knows of a checkout. */
interface GitDirectories {
  /** What belongs to this checkout alone. */
  readonly own: string;
  /** What all worktrees share. */
  readonly shared: string;
}

function gitDirectories(
  host: Pick<Host, "blocking">,
  checkout: string,
): GitDirectories | undefined {
  const marker = joinPath(checkout, ".git");
  const kind = kindOf(host, marker);
  if (kind === undefined) return undefined;
  if (kind !== "file") return { own: marker, shared: marker };
  const pointer = readOrNothing(host, marker) ?? "";
  const target = /^gitdir:\s*(.+?)\s*$/m.exec(pointer)?.[1];
  if (target === undefined) return undefined;
  const own = absolutePath(checkout, target);
  const shared = readOrNothing(host, joinPath(own, "commondir"))?.trim();
  return { own, shared: shared ? absolutePath(own, shared) : own };
}

/** The commit that a checkout is at. */
export interface HeadFacts {
  /** Name of the branch, if it is on one. */
  readonly branch: string | undefined;
  /** Hash of the commit, if there is one. */
  readonly commit: string | undefined;
}

/** Reads what a checkout is at from Git's own files. */
export function readHead(
  host: Pick<Host, "blocking">,
  checkout: string,
): HeadFacts {
  const directories = gitDirectories(host, checkout);
  const none = { branch: undefined, commit: undefined };
  if (directories === undefined) return none;
  const { own, shared } = directories;
  const head = readOrNothing(host, joinPath(own, "HEAD"))?.trim() ?? "";
  const ref = /^ref: (refs\/[^\s]+)$/.exec(head)?.[1];
  if (ref === undefined) {
    return { branch: undefined, commit: hashIn(head) };
  }
  const branch = ref.startsWith("refs/heads/") ? ref.slice(11) : undefined;
  const loose = readOrNothing(host, joinPath(own, ref)) ??
    readOrNothing(host, joinPath(shared, ref));
  const commit = loose === undefined
    ? packedHash(readOrNothing(host, joinPath(shared, "packed-refs")), ref)
    : hashIn(loose.trim());
  return { branch, commit };
}

function hashIn(text: string): string | undefined {
  return /^(?:[0-9a-f]{40}|[0-9a-f]{64})$/.test(text) ? text : undefined;
}

function packedHash(
  text: string | undefined,
  ref: string,
): string | undefined {
  const line = text?.split("\n").find((line) => line.endsWith(` ${ref}`));
  return hashIn(line?.split(" ")[0] ?? "");
}

function kindOf(host: Pick<Host, "blocking">, path: string) {
  try {
    return host.blocking.stat(path)?.kind;
  } catch (error) {
    if (error instanceof HostError) return undefined;
    throw error;
  }
}

/** Nothing here is worth a fault: a project has a name without Git too. */
function readOrNothing(
  host: Pick<Host, "blocking">,
  path: string,
): string | undefined {
  try {
    return host.blocking.readText(path, MAX_BYTES);
  } catch (error) {
    if (error instanceof HostError) return undefined;
    throw error;
  }
}

/** The address of the remote `origin` in the text of Git's settings. */
export function parseOriginUrl(text: string): string | undefined {
  let isOrigin = false;
  for (const line of text.split(/\r?\n/)) {
    const section = /^\s*\[\s*(.*?)\s*\]/.exec(line)?.[1];
    if (section !== undefined) {
      isOrigin = /^remote\s+"origin"$/i.test(section);
      continue;
    }
    const url = /^\s*url\s*=\s*"?(.*?)"?\s*$/i.exec(line)?.[1];
    if (isOrigin && url !== undefined && url !== "") return url;
  }
  return undefined;
}

/** The last name of an address: `git@host:org/My-App.git` is `My-App`. */
export function repositoryName(url: string): string | undefined {
  const path = url.replace(/[?#].*$/, "").replace(/[/\\]+$/, "");
  const name = path.split(/[/\\:]/).at(-1)?.replace(/\.git$/i, "");
  return name === "" ? undefined : name;
}
