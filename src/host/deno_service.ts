/**
 * Starts services through a shell that becomes the service: the process keeps
 * its id, and its output goes to its file without anybody passing it on. Node's
 * way to the same end would cost every command twenty milliseconds to load.
 *
 * @module
 */

import { toHostError } from "./deno_error.ts";
import { HostError } from "./host.ts";
import { absolutePath, parentPath } from "./path.ts";
import type { ServiceCommand, SpawnedProcess } from "./processes.ts";

const FILE_MODE = 0o600;
const DIRECTORY_MODE = 0o700;
const EXECUTE_BITS = 0o111;

/** Variables that some shells set by themselves. */
const SHELL_OWN = ["PWD", "OLDPWD", "SHLVL", "_"];

/**
 * Makes a session and becomes the program that it is given. Without it Deno
 * makes the session, by copying all of our own process each time, which takes
 * five times as long.
 */
const SETSID = "/usr/bin/setsid";

/** Where programs are looked for without a `PATH`. */
const DEFAULT_PATH = "/usr/local/bin:/usr/bin:/bin";

/** Starts a service; every refusal is a {@linkcode HostError}. */
export function spawnService(service: ServiceCommand): SpawnedProcess {
  const [name, ...args] = service.command;
  if (Deno.build.os === "windows") {
    throw new HostError("io", name, "services do not run on Windows");
  }
  checkDirectory(service.cwd);
  const executable = findExecutable(service);
  openLog(service.logPath);
  const own = SHELL_OWN.filter((each) => !Object.hasOwn(service.env, each));
  const script = `unset ${own.join(" ")}; exec "$@" >>"$0" 2>&1`;
  try {
    const shell = ["-c", script, service.logPath, executable, ...args];
    const hasSetsid = statFile(SETSID) !== undefined;
    const child = new Deno.Command(hasSetsid ? SETSID : "/bin/sh", {
      args: hasSetsid ? ["/bin/sh", ...shell] : shell,
      env: { ...service.env },
      clearEnv: true,
      cwd: service.cwd,
      stdin: "null",
      stdout: "null",
      stderr: "null",
      detached: !hasSetsid,
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
  try {
    const parent = parentPath(path);
    Deno.mkdirSync(parent, { recursive: true, mode: DIRECTORY_MODE });
    Deno.openSync(path, options).close();
  } catch (error) {
    throw toHostError(path, error);
  }
}
