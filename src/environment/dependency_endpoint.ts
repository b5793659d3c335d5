/**
 * Where a dependency answers and who may ask it: the one thing from which its
 * probes and its variables follow.
 *
 * @module
 */

import { KnownError } from "../errors.ts";
import type { DependencyId } from "./service_keys.ts";

/** Who may ask a dependency. */
export interface Credentials {
  /** Name of the user. */
  readonly user: string | undefined;
  /** Its password. */
  readonly password: string | undefined;
  /** Database, or number of one. */
  readonly database: string | undefined;
}

/** Where a dependency answers. */
export interface DependencyEndpoint extends Credentials {
  /** Name or address of its machine. */
  readonly host: string;
  /** Ports by resource, as far as they are known. */
  readonly ports: Readonly<Record<string, number>>;
  /** Whether connections are encrypted from their first byte on. */
  readonly isTls: boolean;
  /** Path of its address, such as `/base`; empty without one. */
  readonly path: string;
  /** What follows a question mark in its address, with it; or nothing. */
  readonly query: string;
  /** More words that only it and its clients know, by variable. */
  readonly secrets: Readonly<Record<string, string>>;
}

/** What an address says about a dependency, by dependency. */
const ADDRESS_RULES: Readonly<
  Record<
    DependencyId,
    {
      readonly scheme: RegExp;
      /** Resource that the address is of. */
      readonly resource: string;
      /** Port of an address without one. */
      readonly port: (isTls: boolean) => number;
      readonly example: string;
    }
  >
> = {
  n8n: {
    scheme: /^https?$/,
    resource: "primary",
    port: (isTls) => isTls ? 443 : 80,
    example: "http://localhost:5678",
  },
  postgres: {
    scheme: /^postgres(?:ql)?(?:\+[a-z0-9]+)?$/,
    resource: "primary",
    port: () => 5432,
    example: "postgres://user@localhost:5432/app",
  },
  redis: {
    scheme: /^rediss?$/,
    resource: "primary",
    port: () => 6379,
    example: "redis://localhost:6379/0",
  },
  supabase: {
    scheme: /^https?$/,
    resource: "api",
    port: (isTls) => isTls ? 443 : 80,
    example: "http://localhost:54321",
  },
};

/**
 * Reads the address of an external dependency.
 *
 * @throws {KnownError} `usage` for one that is not an address of its kind; the
 * message repeats nothing of it, as it may hold a password.
 */
export function parseEndpoint(
  id: DependencyId,
  address: string,
): DependencyEndpoint {
  const rule = ADDRESS_RULES[id];
  const url = URL.parse(address);
  const scheme = url?.protocol.slice(0, -1) ?? "";
  if (url === null || url.hostname === "" || !rule.scheme.test(scheme)) {
    throw new KnownError("usage", `The address of ${id} is not usable`, {
      hint: `Write one such as ${rule.example}.`,
    });
  }
  const isTls = scheme === "https" || scheme === "rediss";
  const isHttp = scheme.startsWith("http");
  const port = url.port === "" ? rule.port(isTls) : Number(url.port);
  const path = url.pathname.replace(/\/+$/, "");
  return {
    host: url.hostname.replace(/^\[|\]$/g, ""),
    ports: { [rule.resource]: port },
    isTls,
    user: textOrNone(url.username),
    password: textOrNone(url.password),
    database: isHttp ? undefined : textOrNone(path.slice(1)),
    path: isHttp ? path : "",
    query: url.search,
    secrets: {},
  };
}

/** An address as it may be shown and stored: without password and query. */
export function publicAddress(address: string): string {
  const url = URL.parse(address);
  if (url === null) return "";
  url.password = "";
  // Passwords are also given as ?password=… and ?token=….
  url.search = "";
  url.hash = "";
  return url.href;
}

/** A host as it stands in an address. */
export function hostInUrl(host: string): string {
  return host.includes(":") ? `[${host}]` : host;
}

/** The base of the addresses of an HTTP dependency: `http://localhost:5678`. */
export function baseUrl(
  endpoint: DependencyEndpoint,
  resource: string,
  host: string = endpoint.host,
): string {
  const scheme = endpoint.isTls ? "https" : "http";
  const port = endpoint.ports[resource];
  const usual = endpoint.isTls ? 443 : 80;
  const suffix = port === undefined || port === usual ? "" : `:${port}`;
  return `${scheme}://${hostInUrl(host)}${suffix}${endpoint.path}`;
}

function textOrNone(encoded: string): string | undefined {
  if (encoded === "") return undefined;
  try {
    return decodeURIComponent(encoded);
  } catch {
    // A lone percent sign stands for itself.
    return encoded;
  }
}
