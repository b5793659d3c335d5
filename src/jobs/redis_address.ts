/**
 * The address of a Redis server, and how it is written for people.
 *
 * @module
 */

import { KnownError } from "../errors.ts";

/** Where a Redis server listens and which of its databases is ours. */
export interface RedisAddress {
  /** Host name or IP address, without brackets. */
  readonly host: string;
  /** TCP port. */
  readonly port: number;
  /** Number of the database. */
  readonly db: number;
  /** Whether the connection is encrypted. */
  readonly tls: boolean;
  /** User of the access list, if the address names one. */
  readonly username: string | undefined;
  /** For people: never holds a user or a password. */
  readonly place: string;
}

const HINT = "Write it as redis://HOST:PORT/DATABASE, or rediss:// for TLS.";

/** Never repeats the address: it could hold a password. */
function wrong(why: string): KnownError {
  return new KnownError("usage", `The address of Redis ${why}.`, {
    hint: HINT,
  });
}

function databaseOf(path: string): number {
  if (path === "" || path === "/") return 0;
  if (!/^\/\d{1,5}$/.test(path)) {
    throw wrong("must end with the number of a database or nothing");
  }
  return Number(path.slice(1));
}

function userOf(encoded: string): string | undefined {
  if (encoded === "") return undefined;
  try {
    return decodeURIComponent(encoded);
  } catch {
    throw wrong("has a user that is not encoded as an address needs it");
  }
}

/**
 * Reads an address such as `rediss://queue.example:6380/2`.
 *
 * @throws {KnownError} `usage` for anything else, and for an address with a
 * password, which would end up in settings and process lists.
 */
export function parseRedisAddress(url: string): RedisAddress {
  if (!URL.canParse(url)) throw wrong("is not a URL");
  const parsed = new URL(url);
  const { protocol, hostname, port, search, hash } = parsed;
  if (protocol !== "redis:" && protocol !== "rediss:") {
    throw wrong("must begin with redis:// or rediss://");
  }
  if (parsed.password !== "") {
    throw wrong("must not hold a password; give the password by itself");
  }
  if (hostname === "") throw wrong("names no host");
  if (search !== "" || hash !== "") {
    throw wrong("must not have a query or a fragment");
  }
  const tls = protocol === "rediss:";
  const db = databaseOf(parsed.pathname);
  const chosen = port === "" ? 6379 : Number(port);
  const suffix = db === 0 ? "" : `/${db}`;
  return {
    host: hostname.replace(/^\[(.*)\]$/, "$1"),
    port: chosen,
    db,
    tls,
    username: userOf(parsed.username),
    place: `${protocol}//${hostname}:${chosen}${suffix}`,
  };
}
