/**
 * What the contract asks of a world, real or fake, to try its host on.
 *
 * @module
 */

import type { Host } from "../../src/host/host.ts";
import type { SpawnCommand } from "../../src/host/processes.ts";

/** What a raw listener does with each connection. */
export type Behaviour =
  /** Sends these bytes and closes the connection. */
  | { readonly kind: "says"; readonly text: string }
  /** Reads and never answers. */
  | { readonly kind: "is_silent" }
  /** Closes the connection at once. */
  | { readonly kind: "hangs_up" };

/** What a server elsewhere does with each socket. */
export type SocketBehaviour =
  /** Tells the authorization header, and then what it hears. */
  | { readonly kind: "echoes" }
  /** Accepts and closes at once. */
  | { readonly kind: "closes"; readonly code: number; readonly reason: string }
  /** Answers the request for a socket with 401. */
  | { readonly kind: "refuses" };

/** A process that the test started and may end. */
export interface StartedProcess {
  /** Process id. */
  readonly pid: number;
  /** Ends it by force and settles when it has gone. */
  end(): Promise<void>;
  /** Settles when it has ended by itself. */
  readonly ended: Promise<unknown>;
}

/** A world with a host to try. */
export interface ContractWorld {
  /** The host. */
  readonly host: Host;
  /** An empty directory of our own, in canonical form. */
  readonly tempDir: string;
  /** Creates a directory. */
  makeDirectory(path: string): Promise<void>;
  /** Creates a symbolic link. */
  makeLink(path: string, target: string): Promise<void>;
  /** Starts a process that ends on SIGTERM, or does not. */
  startProcess(kind: "polite" | "stubborn"): Promise<StartedProcess>;
  /** Starts a process that ends at once and is not reaped; gives its pid. */
  startZombie(): Promise<number>;
  /** Listens on a free port of this process; gives the port. */
  startListener(behaviour: Behaviour): Promise<number>;
  /** Serves requests elsewhere; gives the URL. */
  startWeb(
    respond: (request: Request) => Response | Promise<Response>,
  ): Promise<string>;
  /** Serves sockets elsewhere; gives the URL. */
  startSockets(behaviour: SocketBehaviour): Promise<string>;
  /** A port on which nothing listens. */
  freePort(): Promise<number>;
  /** A program that ends with this exit code. */
  programThatExits(code: number): SpawnCommand;
  /** A program that sleeps until it is ended. */
  programThatSleeps(): SpawnCommand;
  /** A program that writes a text to its output and ends. */
  programThatWrites(text: string): SpawnCommand;
  /** A program that writes what it reads, `done` as an error, and ends. */
  programThatCopies(code: number): SpawnCommand;
  /** A program that appends the variable and its working directory. */
  programThatReports(path: string, variable: string): SpawnCommand;
  /** Ends and removes everything. */
  cleanup(): Promise<void>;
}

/** How to try a host. */
export interface ContractOptions {
  /** Whether zombies can be made here. */
  readonly hasZombies: boolean;
  /** Whether signals, links, permission bits and errors are as in POSIX. */
  readonly isPosix: boolean;
}

/** Registers tests that each get a world of their own. */
export type Check = (
  title: string,
  run: (world: ContractWorld) => Promise<void>,
  options?: { readonly ignore?: boolean },
) => void;
