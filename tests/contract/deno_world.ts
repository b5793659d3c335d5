/**
 * The real machine as a world for the contract: every process, listener and
 * file in it was made by the test itself and ends with it.
 *
 * @module
 */

import { denoHost } from "../../src/host/deno_host.ts";
import type { SpawnCommand } from "../../src/host/processes.ts";
import type {
  Behaviour,
  ContractWorld,
  SocketBehaviour,
  StartedProcess,
} from "./contract_world.ts";

const NO_CONFIG = ["--no-config", "--no-lock"];
const WAITS = "setInterval(() => {}, 1000); console.log('ready');";
const SCRIPTS = {
  polite: WAITS,
  stubborn: `Deno.addSignalListener("SIGTERM", () => {}); ${WAITS}`,
};
const REPORTS = `
  const [path, name] = Deno.args;
  const text = (Deno.env.get(name) ?? "") + "\\n" + Deno.cwd() + "\\n";
  Deno.writeTextFileSync(path, text);
`;

const ANY_PORT = { hostname: "127.0.0.1", port: 0 };

/**
 * The shell's child ends after the shell has become a program that knows
 * nothing of it and never reaps it.
 */
const UNREAPED: SpawnCommand = {
  executable: "/bin/sh",
  args: ["-c", "sleep 0.05 & echo $!; exec sleep 60"],
  env: {},
  cwd: "/",
};

/** A command that runs a script with Deno. */
export function script(
  source: string,
  ...args: readonly string[]
): SpawnCommand {
  return {
    executable: Deno.execPath(),
    args: ["eval", ...NO_CONFIG, source, ...args],
    env: {},
    cwd: Deno.cwd(),
  };
}

function shell(source: string, ...args: readonly string[]): SpawnCommand {
  return {
    executable: "/bin/sh",
    args: ["-c", source, ...args],
    env: {},
    cwd: "/",
  };
}

/** A child of this process that has said its first word. */
export interface Child extends StartedProcess {
  /** The first thing that it wrote. */
  readonly firstWord: string;
  /** Sends it a signal, by its own handle. */
  signal(name: Deno.Signal): void;
  /** Settles when it has ended. */
  readonly ended: Promise<Deno.CommandStatus>;
}

/** Starts a child and waits until it says something. */
export async function startChild(
  { executable, args, env }: SpawnCommand,
): Promise<Child> {
  const child = new Deno.Command(executable, {
    args: [...args],
    env: { ...env },
    stdin: "null",
    stdout: "piped",
  }).spawn();
  let isRunning = true;
  const ended = child.status.finally(() => isRunning = false);
  const reader = child.stdout.getReader();
  const { value } = await reader.read();
  await reader.cancel();
  const signal = (name: Deno.Signal) => {
    if (isRunning) child.kill(name);
  };
  return {
    pid: child.pid,
    firstWord: new TextDecoder().decode(value).trim(),
    signal,
    async end() {
      signal("SIGKILL");
      await ended;
    },
    ended,
  };
}

async function meet(connection: Deno.TcpConn, behaviour: Behaviour) {
  const buffer = new Uint8Array(4096);
  if (behaviour.kind === "hangs_up") return;
  await connection.read(buffer);
  if (behaviour.kind === "says") {
    await connection.write(new TextEncoder().encode(behaviour.text));
    await connection.closeWrite();
  }
  // Closing with unread bytes would reset the connection.
  while (await connection.read(buffer) !== null);
}

async function acceptAll(
  listener: Deno.TcpListener,
  connections: Set<Deno.TcpConn>,
  behaviour: Behaviour,
): Promise<void> {
  for await (const connection of listener) {
    connections.add(connection);
    meet(connection, behaviour).catch(() => undefined).finally(() => {
      if (connections.delete(connection)) connection.close();
    });
  }
}

function startListener(behaviour: Behaviour) {
  const listener = Deno.listen(ANY_PORT);
  const connections = new Set<Deno.TcpConn>();
  const done = acceptAll(listener, connections, behaviour);
  return {
    port: listener.addr.port,
    async close() {
      listener.close();
      for (const connection of connections) connection.close();
      connections.clear();
      await done;
    },
  };
}

type Respond = (request: Request) => Response | Promise<Response>;

/** A server that can be closed although somebody waits for it. */
function startServer(respond: Respond) {
  const options = { ...ANY_PORT, onListen: () => undefined };
  const abort = new AbortController();
  const server = Deno.serve({ ...options, signal: abort.signal }, respond);
  const close = async () => {
    abort.abort();
    await server.finished;
  };
  return { url: `127.0.0.1:${server.addr.port}`, close };
}

function meetSocket(behaviour: SocketBehaviour): Respond {
  return (request) => {
    if (behaviour.kind === "refuses") return new Response("", { status: 401 });
    const token = request.headers.get("authorization") ?? "";
    const { socket, response } = Deno.upgradeWebSocket(request);
    socket.onopen = () => {
      if (behaviour.kind === "echoes") socket.send(token);
      else socket.close(behaviour.code, behaviour.reason);
    };
    socket.onmessage = ({ data }) => socket.send(data);
    return response;
  };
}

type Servers = Pick<ContractWorld, "startWeb" | "startSockets">;

function startServers(closings: (() => Promise<void>)[]): Servers {
  const start = (scheme: string, respond: Respond) => {
    const { url, close } = startServer(respond);
    closings.push(close);
    return Promise.resolve(`${scheme}://${url}`);
  };
  return {
    startWeb: (respond) => start("http", respond),
    startSockets: (behaviour) => start("ws", meetSocket(behaviour)),
  };
}

/** The real machine, with an empty directory of our own. */
export async function makeDenoWorld(): Promise<ContractWorld> {
  const made = await Deno.makeTempDir({ prefix: "reeve-contract-" });
  const tempDir = await Deno.realPath(made);
  const children: Child[] = [];
  const closings: (() => Promise<void>)[] = [];
  const start = async (command: SpawnCommand) => {
    const child = await startChild(command);
    children.push(child);
    return child;
  };
  return {
    host: denoHost,
    tempDir,
    makeDirectory: (path) => Deno.mkdir(path, { recursive: true }),
    makeLink: (path, target) => Deno.symlink(target, path),
    startProcess: (kind) => start(script(SCRIPTS[kind])),
    startZombie: async () => Number((await start(UNREAPED)).firstWord),
    startListener(behaviour) {
      const { port, close } = startListener(behaviour);
      closings.push(close);
      return Promise.resolve(port);
    },
    ...startServers(closings),
    freePort() {
      using listener = Deno.listen(ANY_PORT);
      return Promise.resolve(listener.addr.port);
    },
    programThatExits: (code) => script(`Deno.exit(${code})`),
    programThatSleeps: () => shell("exec sleep 60"),
    programThatWrites: (text) => shell('printf %s "$0"', text),
    programThatCopies: (code) => shell(`cat; echo done >&2; exit ${code}`),
    programThatReports: (path, name) => script(REPORTS, path, name),
    async cleanup() {
      await Promise.all(children.map((child) => child.end()));
      await Promise.all(closings.map((close) => close()));
      await Deno.remove(tempDir, { recursive: true });
    },
  };
}
