/**
 * A Redis server of a test's own: a child process on a free loopback port, with
 * its files in a temporary directory. Nothing of it is left afterwards.
 *
 * @module
 */

/** How the server is set up. */
export interface RedisServerOptions {
  /** Password that clients need. */
  readonly requirepass?: string;
  /** Memory that it may use, such as `3mb`. */
  readonly maxmemory?: string;
  /** What it does when that is full. @default "noeviction" */
  readonly policy?: string;
  /** Whether each write is on disk before it is answered. @default false */
  readonly appendonly?: boolean;
  /** Whether the port speaks TLS only, with a certificate of its own. */
  readonly tls?: boolean;
  /** Port of the server that this one copies. */
  readonly replicaOf?: number;
  /** More lines of its settings. */
  readonly settings?: readonly string[];
}

/** A running server. */
export interface RedisServer extends AsyncDisposable {
  /** Its port, the same after a restart. */
  readonly port: number;
  /** Its address, without a password. */
  readonly url: string;
  /** Its process. */
  readonly pid: number;
  /** File of the authority that its certificate is from, with TLS. */
  readonly authority: string;
  /** Ends the process. @default "SIGTERM" */
  stop(signal?: "SIGKILL" | "SIGTERM"): Promise<void>;
  /** Starts it again after {@linkcode stop}, on the same port and files. */
  restart(): Promise<void>;
  /** Stops it in the middle of whatever it does. */
  freeze(): void;
  /** Lets it go on. */
  thaw(): void;
  /** Asks it something with its own client program. */
  ask(...words: readonly string[]): Promise<string>;
}

const PROGRAM = "redis-server";
const MISSING =
  "These tests need redis-server: install it with `apt-get install redis-server`.";

/** Starts a server and waits until it answers. */
export async function startRedis(
  options: RedisServerOptions = {},
): Promise<RedisServer> {
  await provideRedis();
  for (let attempt = 1;; attempt++) {
    const directory = await Deno.makeTempDir({ prefix: "reeve-redis-" });
    const server = new OwnServer(freePort(), directory, options);
    try {
      await server.restart();
      return server;
    } catch (error) {
      await server[Symbol.asyncDispose]();
      // Another process may have taken the port in the meantime.
      if (attempt === 3) throw error;
    }
  }
}

function freePort(): number {
  using listener = Deno.listen({ hostname: "127.0.0.1", port: 0 });
  return listener.addr.port;
}

class OwnServer implements RedisServer {
  readonly port: number;
  readonly #directory: string;
  readonly #options: RedisServerOptions;
  #child: Deno.ChildProcess | undefined;

  constructor(port: number, directory: string, options: RedisServerOptions) {
    this.port = port;
    this.#directory = directory;
    this.#options = options;
  }

  get url(): string {
    return `${this.#options.tls ? "rediss" : "redis"}://localhost:${this.port}`;
  }

  get authority(): string {
    return `${this.#directory}/authority.pem`;
  }

  get pid(): number {
    if (this.#child === undefined) throw new Error("The server is stopped");
    return this.#child.pid;
  }

  async restart(): Promise<void> {
    if (this.#options.tls) await makeCertificate(this.#directory);
    const path = `${this.#directory}/redis.conf`;
    await Deno.writeTextFile(path, this.#settings());
    const child = new Deno.Command(PROGRAM, {
      args: [path],
      cwd: this.#directory,
      stdin: "null",
      stdout: "null",
      stderr: "null",
    }).spawn();
    this.#child = child;
    let hasEnded = false;
    const ended = child.status.then(() => hasEnded = true);
    for (const end = Date.now() + 10_000; Date.now() < end;) {
      if (hasEnded) break;
      if (/PONG|NOAUTH|MASTERDOWN/.test(await this.ask("PING"))) return;
      await new Promise((resolve) => setTimeout(resolve, 20));
    }
    if (!hasEnded) child.kill("SIGKILL");
    await ended;
    this.#child = undefined;
    const log = await Deno.readTextFile(`${this.#directory}/log`)
      .catch(() => "");
    throw new Error(`redis-server did not start.\n${log}`);
  }

  async stop(signal: "SIGKILL" | "SIGTERM" = "SIGTERM"): Promise<void> {
    const child = this.#child;
    if (child === undefined) return;
    this.#child = undefined;
    child.kill(signal);
    await child.status;
  }

  freeze(): void {
    Deno.kill(this.pid, "SIGSTOP");
  }

  thaw(): void {
    Deno.kill(this.pid, "SIGCONT");
  }

  async ask(...words: readonly string[]): Promise<string> {
    const { requirepass, tls } = this.#options;
    const { stdout, stderr } = await new Deno.Command("redis-cli", {
      args: [
        "-h",
        "localhost",
        "-p",
        `${this.port}`,
        ...(tls ? ["--tls", "--cacert", this.authority] : []),
        ...words,
      ],
      env: requirepass === undefined ? {} : { REDISCLI_AUTH: requirepass },
    }).output();
    const decoder = new TextDecoder();
    return (decoder.decode(stdout) + decoder.decode(stderr)).trim();
  }

  async [Symbol.asyncDispose](): Promise<void> {
    await this.stop("SIGKILL");
    await Deno.remove(this.#directory, { recursive: true });
  }

  #settings(): string {
    const { requirepass, maxmemory, policy, appendonly, replicaOf, tls } =
      this.#options;
    const port = tls
      ? [
        "port 0",
        `tls-port ${this.port}`,
        `tls-cert-file ${this.#directory}/server.pem`,
        `tls-key-file ${this.#directory}/server.key`,
        `tls-ca-cert-file ${this.authority}`,
        "tls-auth-clients no",
      ]
      : [`port ${this.port}`];
    return [
      ...port,
      "bind 127.0.0.1 -::1",
      "daemonize no",
      `dir ${this.#directory}`,
      `logfile ${this.#directory}/log`,
      'save ""',
      `maxmemory-policy ${policy ?? "noeviction"}`,
      `appendonly ${appendonly ? "yes" : "no"}`,
      "appendfsync always",
      ...(requirepass === undefined ? [] : [`requirepass ${requirepass}`]),
      ...(maxmemory === undefined ? [] : [`maxmemory ${maxmemory}`]),
      ...(replicaOf === undefined ? [] : [`replicaof 127.0.0.1 ${replicaOf}`]),
      ...(this.#options.settings ?? []),
      "",
    ].join("\n");
  }
}

/** An authority of the test's own, and a certificate for this machine. */
async function makeCertificate(directory: string): Promise<void> {
  const name = `${directory}/names`;
  await Deno.writeTextFile(name, "subjectAltName=DNS:localhost\n");
  const key = ["-newkey", "rsa:2048", "-nodes", "-keyout"];
  await openssl(
    directory,
    ["req", "-x509", "-days", "2", "-subj", "/CN=Test authority"],
    [...key, "authority.key", "-out", "authority.pem"],
  );
  await openssl(
    directory,
    ["req", "-subj", "/CN=localhost"],
    [...key, "server.key", "-out", "server.csr"],
  );
  await openssl(
    directory,
    ["x509", "-req", "-days", "2", "-in", "server.csr", "-CA", "authority.pem"],
    ["-CAkey", "authority.key", "-CAcreateserial", "-extfile", name],
    ["-out", "server.pem"],
  );
}

async function openssl(
  cwd: string,
  ...words: readonly (readonly string[])[]
): Promise<void> {
  const { success, stderr } = await new Deno.Command("openssl", {
    args: words.flat(),
    cwd,
  }).output();
  if (!success) throw new Error(new TextDecoder().decode(stderr));
}

async function hasProgram(): Promise<boolean> {
  try {
    await new Deno.Command(PROGRAM, { args: ["--version"] }).output();
    return true;
  } catch (error) {
    if (error instanceof Deno.errors.NotFound) return false;
    throw error;
  }
}

let providing: Promise<void> | undefined;

/** Has the server's program on the PATH, once the promise holds. */
export function provideRedis(): Promise<void> {
  return providing ??= provideOnce();
}

/** Installs the server where that can be done, once for all test processes. */
async function provideOnce(): Promise<void> {
  if (await hasProgram()) return;
  if (Deno.uid() !== 0) throw new Error(MISSING);
  const path = "/tmp/reeve-install.lock";
  using lock = await Deno.open(path, { create: true, write: true });
  const isExclusive = true;
  await lock.lock(isExclusive);
  if (!await hasProgram()) await install();
  if (!await hasProgram()) throw new Error(MISSING);
}

/** Keeps the package from starting a server of its own. */
const POLICY = "/usr/sbin/policy-rc.d";

async function install(): Promise<void> {
  const isOurs = await Deno.writeTextFile(POLICY, "#!/bin/sh\nexit 101\n", {
    createNew: true,
    mode: 0o755,
  }).then(() => true, () => false);
  try {
    for (
      const args of [
        ["update"],
        ["install", "-y", "--no-install-recommends", "redis-server"],
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
    if (isOurs) await Deno.remove(POLICY);
  }
}
