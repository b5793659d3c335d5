/**
 * Everything outside the program, as small interfaces. A function that touches
 * the world takes a slice of {@linkcode Host} as its first argument.
 *
 * @module
 */

import type { BlockingFiles } from "./blocking_files.ts";
import type { Databases } from "./databases.ts";
import type { KeyReader, ScreenCodes } from "./keyboard.ts";
import type { Modules } from "./modules.ts";
import type { Processes } from "./processes.ts";
import type { Programs } from "./programs.ts";
import type { Tcp } from "./tcp.ts";
import type { Socket, SocketEvents, Web } from "./web.ts";

/** Why the machine refused a file, port or process operation. */
export type HostErrorCode =
  | "address_in_use"
  | "already_exists"
  | "busy"
  | "damaged"
  | "io"
  | "is_a_directory"
  | "no_space"
  | "not_a_directory"
  | "not_found"
  | "permission_denied"
  | "read_only"
  | "too_large"
  | "too_many_files";

/** A refusal by the machine, the same on every platform and in the fake. */
export class HostError extends Error {
  /** Why, in a word. */
  readonly code: HostErrorCode;
  /** The file, port or program it was about. */
  readonly subject: string;

  /** Creates the error for one subject. */
  constructor(code: HostErrorCode, subject: string, cause?: unknown) {
    super(`${subject}: ${code.replaceAll("_", " ")}`, { cause });
    this.name = "HostError";
    this.code = code;
    this.subject = subject;
  }
}

/** Time. */
export interface Clock {
  /** Wall-clock time in epoch milliseconds. */
  now(): number;
  /** Milliseconds since an arbitrary moment; never goes backwards. */
  elapsed(): number;
  /** Settles after `ms` milliseconds, or as soon as `signal` aborts. */
  sleep(ms: number, signal?: AbortSignal): Promise<void>;
  /**
   * Calls back once after `ms` milliseconds, unless disposed of before; alone
   * it does not keep the process alive.
   */
  later(ms: number, callback: () => void): Disposable;
}

/** What a path is, without following its content. */
export interface FileFacts {
  /** Whether it is a regular file, a directory or something else. */
  readonly kind: "file" | "directory" | "other";
  /** Size in bytes. */
  readonly size: number;
  /** Permission bits, or `undefined` where the platform has none. */
  readonly mode: number | undefined;
  /** Last change in epoch milliseconds. */
  readonly modifiedAt: number | undefined;
  /** Numeric id of the user who owns it, where the platform has one. */
  readonly uid: number | undefined;
}

/** An exclusive lock held on a file until it is released. */
export interface FileLock extends Disposable {
  /**
   * Replaces the content of the locked file without changing its inode;
   * `io` for a lock that was taken without `create`.
   */
  write(text: string): Promise<void>;
}

/** Files. Every refusal is a {@linkcode HostError}. */
export interface Files {
  /** Reads UTF-8 text; a file over `maxBytes` (default 1 MiB) is `too_large`. */
  readText(path: string, maxBytes?: number): Promise<string>;
  /**
   * Replaces a file: new file 0600, flushed, renamed; parents 0700. With
   * `isDerived` nothing waits for the disk: for what can be made again after
   * a power loss.
   */
  writeAtomic(
    path: string,
    content: string | Uint8Array,
    options?: { readonly isDerived: boolean },
  ): Promise<void>;
  /**
   * Appends and flushes; the file is 0600, parents 0700. With `isFleeting`
   * nothing waits for the disk: for what outlives our process, and means
   * nothing once the machine has restarted.
   */
  append(
    path: string,
    text: string,
    options?: { readonly isFleeting: boolean },
  ): Promise<void>;
  /** Removes a file; a missing one is fine. */
  remove(path: string): Promise<void>;
  /** Names in a directory, sorted; a missing directory is empty. */
  list(path: string): Promise<readonly string[]>;
  /** Facts about a path, or `undefined` when nothing is there. */
  stat(path: string): Promise<FileFacts | undefined>;
  /** Canonical path: links resolved as far as the path exists. */
  realPath(path: string): Promise<string>;
  /**
   * Takes an exclusive lock without waiting. With `create` the file and its
   * parents are made when missing; without it nothing on disk changes.
   */
  tryLock(
    path: string,
    options: { readonly create: boolean },
  ): Promise<FileLock | "held" | "missing">;
}

/** One request to a server on this machine's loopback address. */
export interface LoopbackRequest {
  /** Address of this machine. @default "127.0.0.1" */
  readonly address?: "127.0.0.1" | "::1";
  /** Port on that address. */
  readonly port: number;
  /** Method. */
  readonly method: "GET" | "POST";
  /** Path with query. */
  readonly path: string;
  /** JSON text of the body. */
  readonly body?: string;
  /** Limit for connecting, sending and receiving together. */
  readonly timeoutMs: number;
  /** Limit for head and body of the reply together. @default 65536 */
  readonly maxBytes?: number;
}

/** What a loopback request met. */
export type LoopbackReply =
  | { readonly kind: "reply"; readonly status: number; readonly body: string }
  | { readonly kind: "refused" }
  | { readonly kind: "timeout"; readonly connected: boolean }
  | { readonly kind: "reset" }
  | { readonly kind: "not_http" }
  | { readonly kind: "too_large" }
  | { readonly kind: "unreachable"; readonly reason: string };

/** A running loopback server. */
export interface LoopbackServer {
  /** The bound port. */
  readonly port: number;
  /** Stops accepting and settles when the requests in progress have ended. */
  stop(): Promise<void>;
}

/** The loopback network of this machine and nothing else. */
export interface Network {
  /** One request: no proxy, no redirect, no second host. */
  request(request: LoopbackRequest): Promise<LoopbackReply>;
  /** Serves HTTP on one port; `address_in_use` when it is taken. */
  serve(
    port: number,
    handler: (request: Request) => Promise<Response>,
  ): Promise<LoopbackServer>;
  /**
   * Whether a server could listen on a port of 127.0.0.1 and of ::1 now. A
   * machine without ::1 is only asked about the other.
   */
  canBind(port: number): Promise<boolean>;
  /** Turns a request of such a server into a WebSocket. */
  acceptSocket(
    request: Request,
    events: SocketEvents,
  ): { readonly response: Response; readonly socket: Socket };
}

/** Randomness. */
export interface Random {
  /** Random bytes as lowercase hexadecimal. */
  hex(bytes: number): string;
}

/** The environment of this process. */
export interface Env {
  /** Value of a variable; empty counts as unset. */
  get(name: string): string | undefined;
  /** Names of all variables, where the machine lists them. */
  readonly names?: readonly string[];
  /** Operating system. */
  readonly os: "linux" | "darwin" | "windows";
  /** The user's home directory, when the environment names one. */
  readonly home: string | undefined;
  /** Directory that relative paths count from. */
  readonly cwd: string;
  /** Our own process id. */
  readonly pid: number;
  /** Our own numeric user id, where there is one. */
  readonly uid: number | undefined;
  /** How to run this program again: executable and leading arguments. */
  readonly self: {
    readonly executable: string;
    readonly args: readonly string[];
  };
}

/** The person's terminal, or the pipe in its place. */
export interface Terminal {
  /** Writes to standard output. */
  out(text: string): void;
  /** Writes to standard error. */
  err(text: string): void;
  /** Whether whoever read standard output has left, as `head` does. */
  isDeserted(): boolean;
  /** Width in columns; 80 where there is no terminal. */
  readonly columns: number;
  /** Whether a person can be asked: input and error output are terminals. */
  readonly isInteractive: boolean;
  /** Whether standard output shows colours. */
  readonly hasColor: boolean;
  /** Whether standard output is a terminal on which one can draw. */
  readonly isScreen: boolean;
  /** Height in rows; 24 where there is no terminal. */
  readonly rows: number;
  /** Asks y/N; end of input and anything but yes count as no. */
  confirm(question: string): Promise<boolean>;
  /**
   * Shows a question on standard error and reads a line, without the blanks
   * around it; `undefined` at the end of input.
   */
  readLine(question: string): Promise<string | undefined>;
  /**
   * Takes the keyboard, key by key and without echo, until it is closed.
   * However the program ends, the terminal is given back as it was.
   */
  openKeys(screen?: ScreenCodes): Promise<KeyReader>;
  /**
   * Reads standard input to its end as UTF-8; more than `maxBytes` (default
   * 64 KiB) is `too_large`.
   */
  readInput(maxBytes?: number): Promise<string>;
}

/** The log of a background process. Secrets are redacted by field name. */
export interface Log {
  /** Something worth knowing happened. */
  info(message: string, fields?: Readonly<Record<string, unknown>>): void;
  /** Something went wrong that the process can live with. */
  warn(message: string, fields?: Readonly<Record<string, unknown>>): void;
  /** Something went wrong that the process cannot live with. */
  error(message: string, fields?: Readonly<Record<string, unknown>>): void;
  /** Flushes and closes the log. */
  close(): Promise<void>;
}

/** The world a command runs in. */
export interface Host {
  /** Time. */
  readonly clock: Clock;
  /** Files. */
  readonly files: Files;
  /** Files, for what must be over when a call returns. */
  readonly blocking: BlockingFiles;
  /** SQLite, which only commands that store something load. */
  readonly databases: () => Promise<Databases>;
  /** Processes. */
  readonly processes: Processes;
  /** Code of the person's own. */
  readonly modules: Modules;
  /** Small programs that are run to their end. */
  readonly programs: Programs;
  /** Loopback network. */
  readonly network: Network;
  /** Raw TCP. */
  readonly tcp: Tcp;
  /** Servers elsewhere. */
  readonly web: Web;
  /** Randomness. */
  readonly random: Random;
  /** Environment. */
  readonly env: Env;
  /** Terminal. */
  readonly terminal: Terminal;
}
