/**
 * Starts services: each in a session of its own, with its output in its file
 * without anybody passing it on. Where the C library cannot do that for us, a
 * shell becomes the service. Node's way to the same end would cost every
 * command twenty milliseconds to load.
 *
 * @module
 */

import { toHostError } from "./deno_error.ts";
import { HostError } from "./host.ts";
import { absolutePath, parentPath } from "./path.ts";
import { watchChild } from "./platform/child_watch.ts";
import {
  ENOEXEC,
  posixSpawn,
  type SpawnOutcome,
  type SpawnWords,
} from "./platform/posix_spawn.ts";
import type { ServiceCommand, SpawnedProcess } from "./processes.ts";

const FILE_MODE = 0o600;
const DIRECTORY_MODE = 0o700;
const EXECUTE_BITS = 0o111;

/** Variables that some shells set by themselves. */
const SHELL_OWN = ["PWD", "OLDPWD", "SHLVL", "_"];

const SHELL = "/bin/sh";

/** Where programs are looked for without a `PATH`. */
const DEFAULT_PATH = "/usr/local/bin:/usr/bin:/bin";

/** Starts a service; every refusal is a {@linkcode HostError}. */
export function spawnService(service: ServiceCommand): SpawnedProcess {
  const [name] = service.command;
  if (Deno.build.os === "windows") {
    throw new HostError("io", name, "services do not run on Windows");
  }
  const words = [...service.command, ...Object.entries(service.env).flat()];
  if (words.some((word) => word.includes("\0"))) {
    throw new HostError("io", name, "a word of its command has a zero byte");
  }
  checkDirectory(service.cwd);
  const executable = findExecutable(service);
  openLog(service.logPath);
  if (Deno.build.os === "linux") {
    const child = spawnDirectly(service, executable);
    if (child !== "unavailable") return child;
  }
  return spawnThroughShell(service, executable);
}

function spawnDirectly(
  { command, cwd, env, logPath }: ServiceCommand,
  executable: string,
): SpawnedProcess | "unavailable" {
  const words: SpawnWords = { executable, argv: command, cwd, env, logPath };
  const outcome = posixSpawnText(words);
  if (outcome === "unavailable") return outcome;
  if (outcome.kind === "refused") {
    const problem = `the system refuses it (error ${outcome.errorNumber})`;
    throw new HostError("io", command[0], problem);
  }
  return { pid: outcome.pid, exited: watchChild(outcome.pid) };
}

/** A script that names no interpreter is one of the shell's, as in a shell. */
function posixSpawnText(words: SpawnWords): SpawnOutcome | "unavailable" {
  const outcome = posixSpawn(words);
  if (outcome === "unavailable" || outcome.kind === "spawned") return outcome;
  if (outcome.errorNumber !== ENOEXEC) return outcome;
  const { argv: [, ...rest], executable } = words;
  const argv = [SHELL, executable, ...rest];
  return posixSpawn({ ...words, executable: SHELL, argv });
}

function spawnThroughShell(
  { command: [name, ...args], cwd, env, logPath }: ServiceCommand,
  executable: string,
): SpawnedProcess {
  const own = SHELL_OWN.filter((each) => !Object.hasOwn(env, each));
  const script = `unset ${own.join(" ")}; exec "$@" >>"$0" 2>&1`;
  try {
    const shell = ["-c", script, logPath, executable, ...args];
    const child = new Deno.Command(SHELL, {
      args: shell,
      env: { ...env },
      clearEnv: true,
      cwd,
      stdin: "null",
      stdout: "null",
      stderr: "null",
      detached: true,
    }).spawn();
    child.unref();
    return { pid: child.pid, exited: child.status.then(({ code }) => code) };
  } catch (error) {
    throw toHostError(name, error);
  }
}

function checkDirectory(path: string): void {
  try {
    if (Deno.statSync(path).isDirectory) return;
  } catch (error) {
    throw toHostError(path, error);
  }
  throw new HostError("not_a_directory", path);
}

/** The file that would run; the shell's own refusal would only be logged. */
function findExecutable({ command, env, cwd }: ServiceCommand): string {
  const [name] = command;
  const candidates = name.includes("/")
    ? [absolutePath(cwd, name)]
    : (env["PATH"] ?? DEFAULT_PATH).split(":").map((directory) =>
      absolutePath(absolutePath(cwd, directory || "."), name)
    );
  let isThere = false;
  for (const path of candidates) {
    const info = statFile(path);
    if (info === undefined) continue;
    if (((info.mode ?? EXECUTE_BITS) & EXECUTE_BITS) !== 0) return path;
    isThere = true;
  }
  throw new HostError(isThere ? "permission_denied" : "not_found", name);
}

function statFile(path: string): Deno.FileInfo | undefined {
  try {
    const info = Deno.statSync(path);
    return info.isFile ? info : undefined;
  } catch {
    // Not there, or behind a directory that we may not enter.
    return undefined;
  }
}

function openLog(path: string): void {
  const options = { append: true, create: true, mode: FILE_MODE };
  const open = () => Deno.openSync(path, options).close();
  const make = () =>
    Deno.mkdirSync(parentPath(path), { recursive: true, mode: DIRECTORY_MODE });
  try {
    if (isDone(open)) return;
    make();
    open();
  } catch (error) {
    throw toHostError(path, error);
  }
}

/** Whether what it takes was there. */
function isDone(step: () => void): boolean {
  try {
    step();
    return true;
  } catch (error) {
    if (error instanceof Deno.errors.NotFound) return false;
    throw error;
  }
}
