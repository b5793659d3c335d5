/** How servers' managers of processes are told about services and asked. */

import {
  background,
  end,
  lineOf,
  type Peer,
  runner,
  type Services,
} from "./peer.ts";

/** Settings of a supervisord with a socket, in a directory. */
export function supervisorSettings(
  directory: string,
  programs: readonly string[],
): string {
  return [
    `[unix_http_server]\nfile=${directory}/socket`,
    `[supervisord]\nlogfile=${directory}/log\npidfile=${directory}/pid`,
    `[supervisorctl]\nserverurl=unix://${directory}/socket`,
    "[rpcinterface:supervisor]\nsupervisor.rpcinterface_factory = " +
    "supervisor.rpcinterface:make_main_rpcinterface",
    ...programs,
    "",
  ].join("\n");
}

/** supervisor: `supervisord`, `supervisorctl status`, `stop all`, `shutdown`. */
export async function supervisor(
  bin: string,
  services: Services,
): Promise<Peer> {
  const { directory, ports } = services;
  const config = `${directory}/supervisord.conf`;
  const programs = ports.map((port, at) =>
    `[program:s${at}]\ncommand=${lineOf(services, port)}\nstartsecs=0`
  );
  await Deno.writeTextFile(config, supervisorSettings(directory, programs));
  const run = runner(directory);
  const ask = (...words: readonly string[]) =>
    run("supervisorctl", "-c", config, ...words);
  return {
    name: "supervisor",
    async start() {
      await run(bin, "-c", config);
      return {
        status: () => ask("status"),
        stop: () => ask("stop", "all"),
        [Symbol.asyncDispose]: () => ask("shutdown"),
      };
    },
  };
}

/** Service directories with run scripts, as s6 and runit want them, anew. */
async function runScripts(services: Services) {
  const prefix = "scan-";
  const scanned = await Deno.makeTempDir({ dir: services.directory, prefix });
  const paths: string[] = [];
  for (const [at, port] of services.ports.entries()) {
    const path = `${scanned}/s${at}`;
    await Deno.mkdir(path);
    const script = `#!/bin/sh\nexec ${lineOf(services, port)}\n`;
    await Deno.writeTextFile(`${path}/run`, script, { mode: 0o755 });
    paths.push(path);
  }
  return { scanned, paths };
}

/** s6: `s6-svscan`, `s6-svstat` for each, `s6-svc -d` for each, `s6-svwait`. */
export function s6(bin: string, services: Services): Promise<Peer> {
  const run = runner(services.directory);
  return Promise.resolve({
    name: "s6",
    async start() {
      const { scanned, paths } = await runScripts(services);
      const child = background([bin, scanned], services.directory);
      const each = (program: string) =>
        paths.map((path) => `${program} ${path}`).join(" && ");
      const wait = `s6-svwait -D ${paths.join(" ")}`;
      return {
        status: () => run("sh", "-c", each("s6-svstat")),
        stop: () => run("sh", "-c", `${each("s6-svc -d")} && ${wait}`),
        [Symbol.asyncDispose]: () => end(child, "SIGTERM"),
      };
    },
  });
}

/** runit: `runsvdir`, `sv status`, `sv force-stop`. */
export function runit(bin: string, services: Services): Promise<Peer> {
  const run = runner(services.directory);
  return Promise.resolve({
    name: "runit",
    async start() {
      const { scanned, paths } = await runScripts(services);
      const child = background([bin, scanned], services.directory);
      return {
        status: () => run("sv", "status", ...paths),
        stop: () => run("sv", "force-stop", ...paths),
        [Symbol.asyncDispose]: () => end(child, "SIGHUP"),
      };
    },
  });
}
