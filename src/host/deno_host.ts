/**
 * The real {@linkcode Host}, assembled from its parts.
 *
 * @module
 */

import { denoBlockingFiles } from "./deno_blocking_files.ts";
import { denoClock } from "./deno_clock.ts";
import { denoFiles } from "./deno_files.ts";
import { denoModules } from "./deno_modules.ts";
import { denoProcesses } from "./deno_processes.ts";
import { acceptSocket, canBind, openSocket } from "./deno_sockets.ts";
import { denoTerminal } from "./deno_terminal.ts";
import type { Env, Host, Random } from "./host.ts";
import { loadOnce } from "./load_once.ts";

const random: Random = {
  hex(bytes) {
    return crypto.getRandomValues(new Uint8Array(bytes)).toHex();
  },
};

function osName(): Env["os"] {
  const os = Deno.build.os;
  return os === "darwin" || os === "windows" ? os : "linux";
}

/** A bundle brings all its code along and looks at nothing around it. */
const BUNDLE_FLAGS = [
  "--no-config",
  "--no-lock",
  "--no-npm",
  "--no-remote",
  "--no-check",
];

function selfCommand(): Env["self"] {
  const executable = Deno.execPath();
  if (Deno.build.standalone) return { executable, args: [] };
  const main = Deno.mainModule.startsWith("file:")
    ? filePath(Deno.mainModule)
    : Deno.mainModule;
  const flags = main.endsWith(".js") ? BUNDLE_FLAGS : [];
  return {
    executable,
    args: ["run", "--allow-all", "--no-prompt", "--quiet", ...flags, main],
  };
}

function filePath(url: string): string {
  const path = decodeURIComponent(new URL(url).pathname);
  return Deno.build.os === "windows" ? path.slice(1) : path;
}

const env: Env = {
  get: (name) => Deno.env.get(name) || undefined,
  get names() {
    return Object.keys(Deno.env.toObject());
  },
  os: osName(),
  get home() {
    return Deno.env.get(osName() === "windows" ? "USERPROFILE" : "HOME") ||
      undefined;
  },
  get cwd() {
    return Deno.cwd();
  },
  pid: Deno.pid,
  get uid() {
    return Deno.uid() ?? undefined;
  },
  get self() {
    return selfCommand();
  },
};

const outside = loadOnce(() => import("./deno_outside.ts"));

/** The machine that this program runs on. */
export const denoHost: Host = {
  clock: denoClock,
  files: denoFiles,
  blocking: denoBlockingFiles,
  databases: async () => (await import("./deno_databases.ts")).denoDatabases,
  processes: denoProcesses,
  modules: denoModules,
  programs: {
    run: async (program) => await (await outside()).denoPrograms.run(program),
    attend: async (program) =>
      await (await outside()).denoPrograms.attend(program),
  },
  network: {
    request: async (request) =>
      await (await outside()).denoNetwork.request(request),
    serve: async (port, handler) =>
      await (await outside()).denoNetwork.serve(port, handler),
    canBind,
    acceptSocket,
  },
  tcp: {
    exchange: async (request) =>
      await (await outside()).denoTcp.exchange(request),
  },
  web: {
    request: async (request) =>
      await (await outside()).denoWeb.request(request),
    openSocket,
  },
  random,
  env,
  terminal: denoTerminal,
};
