/**
 * How other managers of processes are told about services, started and stopped.
 * Those of Debian are used when they are installed; those of npm are installed
 * into the bench's own directory.
 */

import { RUN_FLAGS } from "../package_launcher.ts";
import type { Sandbox } from "#support/sandbox.ts";

/** Services that every manager is given. */
export interface Services {
  /** Port of each. */
  readonly ports: readonly number[];
  /** Words of their command; the port comes last. */
  readonly command: readonly string[];
}

/** A manager whose services run; disposing ends the manager. */
export interface Running extends AsyncDisposable {
  /** Asks how the services are; absent where nobody can be asked. */
  readonly status?: () => Promise<void>;
  /** Ends the services; they may still listen for a moment. */
  stop(): Promise<void>;
}

/** A manager of processes. */
export interface Peer {
  /** Its name. */
  readonly name: string;
  /** Starts the services; they may not listen yet. */
  start(): Promise<Running>;
}

type Run = (...words: readonly string[]) => Promise<void>;

function runner(cwd: string, env: Readonly<Record<string, string>>): Run {
  return async (name, ...args) => {
    const { success, stderr } = await new Deno.Command(name ?? "", {
      args: [...args],
      cwd,
      env,
      stdin: "null",
      stdout: "null",
      stderr: "piped",
    }).output();
    if (success) return;
    throw new Error(`${name}: ${new TextDecoder().decode(stderr)}`);
  };
}

function background(
  words: readonly string[],
  cwd: string,
  env: Readonly<Record<string, string>> = {},
): Deno.ChildProcess {
  const [name = "", ...args] = words;
  return new Deno.Command(name, {
    args,
    cwd,
    env,
    stdin: "null",
    stdout: "null",
    stderr: "null",
  }).spawn();
}

async function end(child: Deno.ChildProcess, signal: Deno.Signal) {
  try {
    child.kill(signal);
  } catch {
    // It has ended already.
  }
  await child.status;
}

const commandOf = ({ command }: Services, port: number) =>
  [...command, String(port)].join(" ");

async function reeve(
  main: string,
  sandbox: Sandbox,
  services: Services,
): Promise<Peer> {
  const root = `${sandbox.directory}/reeve-${services.ports.length}`;
  await Deno.mkdir(`${root}/.git`, { recursive: true });
  await Deno.writeTextFile(`${root}/.git/HEAD`, "ref: refs/heads/main\n");
  const names = services.ports.map((_, at) => `s${at}`);
  await Deno.writeTextFile(
    `${root}/.reeve`,
    [
      `REEVE_SERVICES=${names.join(",")}`,
      ...services.ports.flatMap((port, at) => [
        `REEVE_SERVICE_S${at}_CMD=${services.command.join(" ")} {port}`,
        `REEVE_SERVICE_S${at}_PORT=${port}`,
      ]),
      "",
    ].join("\n"),
  );
  const run = runner(root, sandbox.env);
  const line = (word: string) => run(Deno.execPath(), ...RUN_FLAGS, main, word);
  return {
    name: "reeve",
    async start() {
      await line("start");
      return {
        status: () => line("status"),
        stop: () => line("stop"),
        [Symbol.asyncDispose]: () => Promise.resolve(),
      };
    },
  };
}

async function pm2(sandbox: Sandbox, services: Services): Promise<Peer> {
  const directory = `${sandbox.directory}/pm2-${services.ports.length}`;
  const bin = await npmTool(sandbox, "pm2");
  await Deno.mkdir(directory, { recursive: true });
  const [script, ...rest] = services.command;
  await Deno.writeTextFile(
    `${directory}/services.json`,
    JSON.stringify({
      apps: services.ports.map((port, at) => ({
        name: `s${at}`,
        script,
        args: [...rest, String(port)],
        interpreter: "none",
      })),
    }),
  );
  const run = runner(directory, { "PM2_HOME": `${directory}/home` });
  return {
    name: "pm2",
    async start() {
      await run(bin, "start", "services.json");
      return {
        status: () => run(bin, "jlist"),
        stop: () => run(bin, "delete", "all"),
        [Symbol.asyncDispose]: () => run(bin, "kill"),
      };
    },
  };
}

async function foreman(sandbox: Sandbox, services: Services): Promise<Peer> {
  const directory = `${sandbox.directory}/nf-${services.ports.length}`;
  const bin = await npmTool(sandbox, "foreman", "nf");
  await Deno.mkdir(directory, { recursive: true });
  const lines = services.ports.map((port, at) =>
    `s${at}: ${commandOf(services, port)}\n`
  );
  await Deno.writeTextFile(`${directory}/Procfile`, lines.join(""));
  return {
    name: "node-foreman",
    start() {
      const child = background([bin, "start"], directory);
      return Promise.resolve({
        stop: () => end(child, "SIGINT"),
        [Symbol.asyncDispose]: () => Promise.resolve(),
      });
    },
  };
}

async function supervisor(sandbox: Sandbox, services: Services): Promise<Peer> {
  const directory = `${sandbox.directory}/sup-${services.ports.length}`;
  await Deno.mkdir(directory, { recursive: true });
  const config = `${directory}/supervisord.conf`;
  const socket = `${directory}/socket`;
  await Deno.writeTextFile(
    config,
    [
      `[unix_http_server]\nfile=${socket}`,
      `[supervisord]\nlogfile=${directory}/log\npidfile=${directory}/pid`,
      `[supervisorctl]\nserverurl=unix://${socket}`,
      "[rpcinterface:supervisor]\nsupervisor.rpcinterface_factory = " +
      "supervisor.rpcinterface:make_main_rpcinterface",
      ...services.ports.map((port, at) =>
        `[program:s${at}]\ncommand=${commandOf(services, port)}\nstartsecs=0`
      ),
      "",
    ].join("\n"),
  );
  const run = runner(directory, {});
  return {
    name: "supervisor",
    async start() {
      await run("supervisord", "-c", config);
      return {
        status: () => run("supervisorctl", "-c", config, "status"),
        stop: () => run("supervisorctl", "-c", config, "stop", "all"),
        [Symbol.asyncDispose]: async () => {
          await run("supervisorctl", "-c", config, "shutdown");
          while (await Deno.stat(socket).catch(() => undefined)) {
            await new Promise((resolve) => setTimeout(resolve, 10));
          }
        },
      };
    },
  };
}

/** Service directories with run scripts, as s6 and runit want them. */
async function runScripts(directory: string, services: Services) {
  const paths: string[] = [];
  for (const [at, port] of services.ports.entries()) {
    const path = `${directory}/s${at}`;
    await Deno.mkdir(path, { recursive: true });
    const script = `#!/bin/sh\nexec ${commandOf(services, port)}\n`;
    await Deno.writeTextFile(`${path}/run`, script, { mode: 0o755 });
    paths.push(path);
  }
  return paths;
}

function s6(sandbox: Sandbox, services: Services): Peer {
  let round = 0;
  return {
    name: "s6",
    async start() {
      const directory = await Deno.makeTempDir({
        dir: sandbox.directory,
        prefix: `s6-${round++}-`,
      });
      const paths = await runScripts(directory, services);
      const run = runner(directory, {});
      const scan = background(["s6-svscan", directory], directory);
      const downs = paths.map((path) => `s6-svc -d ${path}`).join("; ");
      return {
        status: () =>
          run("sh", "-c", paths.map((path) => `s6-svstat ${path}`).join("; ")),
        stop: () =>
          run("sh", "-c", `${downs}; s6-svwait -D ${paths.join(" ")}`),
        [Symbol.asyncDispose]: async () => {
          await run("s6-svscanctl", "-t", directory);
          await scan.status;
        },
      };
    },
  };
}

function runit(sandbox: Sandbox, services: Services): Peer {
  return {
    name: "runit",
    async start() {
      const directory = await Deno.makeTempDir({
        dir: sandbox.directory,
        prefix: "runit-",
      });
      const paths = await runScripts(directory, services);
      const run = runner(directory, {});
      const scan = background(["runsvdir", directory], directory);
      return {
        status: () => run("sv", "status", ...paths),
        stop: () => run("sv", "force-stop", ...paths),
        [Symbol.asyncDispose]: () => end(scan, "SIGHUP"),
      };
    },
  };
}

async function npmTool(
  sandbox: Sandbox,
  name: string,
  bin = name,
): Promise<string> {
  const prefix = `${sandbox.directory}/npm`;
  const path = `${prefix}/node_modules/.bin/${bin}`;
  if (await Deno.stat(path).catch(() => undefined)) return path;
  await Deno.mkdir(prefix, { recursive: true });
  await runner(prefix, {})(
    "npm",
    "install",
    "--no-audit",
    "--no-fund",
    "--prefix",
    prefix,
    name,
  );
  return path;
}

async function has(name: string): Promise<boolean> {
  try {
    await runner("/", {})("sh", "-c", `command -v ${name}`);
    return true;
  } catch {
    return false;
  }
}

/** The managers that are here, Reeve first, and why others are not. */
export async function peersOf(
  main: string,
  sandbox: Sandbox,
  services: Services,
): Promise<{
  readonly available: readonly Peer[];
  readonly missing: readonly {
    readonly name: string;
    readonly reason: string;
  }[];
}> {
  const available = [await reeve(main, sandbox, services)];
  const missing: { name: string; reason: string }[] = [];
  const npm = { pm2, "node-foreman": foreman };
  for (const [name, make] of Object.entries(npm)) {
    try {
      available.push(await make(sandbox, services));
    } catch {
      missing.push({ name, reason: "npm cannot install it" });
    }
  }
  const debian = { supervisor, s6, runit };
  const programs = {
    supervisor: "supervisord",
    s6: "s6-svscan",
    runit: "runsvdir",
  };
  for (const [name, make] of Object.entries(debian)) {
    const program = programs[name as keyof typeof programs];
    if (await has(program)) available.push(await make(sandbox, services));
    else missing.push({ name, reason: `apt-get install ${name}` });
  }
  return { available, missing };
}
