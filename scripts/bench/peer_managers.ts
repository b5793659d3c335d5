/** How developers' managers of processes are told about services and asked. */

import { RUN_FLAGS } from "../package_launcher.ts";
import {
  background,
  end,
  lineOf,
  NOTHING_LEFT,
  type Peer,
  runner,
  type Services,
} from "./peer.ts";

/** Reeve itself, from the bundle that ships. */
export async function reeve(
  main: string,
  services: Services,
  env: Readonly<Record<string, string>>,
): Promise<Peer> {
  const root = services.directory;
  await Deno.mkdir(`${root}/.git`, { recursive: true });
  await Deno.writeTextFile(`${root}/.git/HEAD`, "ref: refs/heads/main\n");
  const names = services.ports.map((_, at) => `s${at}`);
  const lines = services.ports.flatMap((port, at) => [
    `REEVE_SERVICE_S${at}_CMD=${services.command.join(" ")} {port}`,
    `REEVE_SERVICE_S${at}_PORT=${port}`,
  ]);
  await Deno.writeTextFile(
    `${root}/.reeve`,
    [`REEVE_SERVICES=${names.join(",")}`, ...lines, ""].join("\n"),
  );
  const run = runner(root, env);
  const line = (word: string) => run(Deno.execPath(), ...RUN_FLAGS, main, word);
  return {
    name: "reeve",
    async start() {
      await line("start");
      return {
        status: () => line("status"),
        stop: () => line("stop"),
        ...NOTHING_LEFT,
      };
    },
  };
}

/** pm2: `pm2 start FILE`, `pm2 jlist`, `pm2 delete all`, `pm2 kill`. */
export async function pm2(bin: string, services: Services): Promise<Peer> {
  const { directory, ports, command: [script, ...words] } = services;
  const apps = ports.map((port, at) => ({
    name: `s${at}`,
    script,
    args: [...words, String(port)],
    interpreter: "none",
  }));
  const file = `${directory}/services.json`;
  await Deno.writeTextFile(file, JSON.stringify({ apps }));
  const run = runner(directory, {
    "PM2_HOME": `${directory}/home`,
    "PM2_DISABLE_VERSION_CHECK": "true",
  });
  return {
    name: "pm2",
    async start() {
      await run(bin, "start", file);
      return {
        status: () => run(bin, "jlist"),
        stop: () => run(bin, "delete", "all"),
        [Symbol.asyncDispose]: () => run(bin, "kill"),
      };
    },
  };
}

async function writeProcfile(services: Services): Promise<void> {
  // Without `exec` a signal may end at the shell in between.
  const lines = services.ports.map((port, at) =>
    `s${at}: exec ${lineOf(services, port)}\n`
  );
  await Deno.writeTextFile(`${services.directory}/Procfile`, lines.join(""));
}

/** Managers that run a Procfile until they are signalled. */
async function procfile(
  name: string,
  bin: string,
  services: Services,
  signal: Deno.Signal,
): Promise<Peer> {
  await writeProcfile(services);
  return {
    name,
    start() {
      const child = background([bin, "start"], services.directory);
      return Promise.resolve({
        stop: () => end(child, signal),
        [Symbol.asyncDispose]: () => end(child, "SIGKILL"),
      });
    },
  };
}

/** node-foreman: `nf start` until SIGINT. */
export async function foreman(bin: string, services: Services): Promise<Peer> {
  return await procfile("node-foreman", bin, services, "SIGINT");
}

/** honcho: `honcho start` until SIGTERM. */
export async function honcho(bin: string, services: Services): Promise<Peer> {
  return await procfile("honcho", bin, services, "SIGTERM");
}

/** overmind: `overmind start -D`, `overmind ps`, `overmind quit`. */
export async function overmind(bin: string, services: Services): Promise<Peer> {
  await writeProcfile(services);
  const run = runner(services.directory);
  return {
    name: "overmind",
    async start() {
      await run(bin, "start", "-D", "-N");
      return {
        status: () => run(bin, "ps"),
        stop: () => run(bin, "quit"),
        ...NOTHING_LEFT,
      };
    },
  };
}
