/**
 * The programs that people use instead: where they are, which version, and what
 * would install those that are not there. Those of npm are installed into a
 * temporary directory; everything else is used when it is on the `PATH`.
 */

/** A program that can be started. */
export interface Program {
  /** Path or name. */
  readonly path: string;
  /** Version, as people write it. */
  readonly version: string;
}

/** A program that cannot. */
export interface Missing {
  /** What to do about that. */
  readonly reason: string;
}

/** Where a program comes from. */
interface Source {
  readonly bin: string;
  readonly from: "npm" | "apt" | "elsewhere";
  /** Name and, from npm, version of the package, or how to get it. */
  readonly package: string;
}

/** Everything that is looked for. */
export const PROGRAMS = {
  "pm2": { bin: "pm2", from: "npm", package: "pm2@7.0.4" },
  "node-foreman": { bin: "nf", from: "npm", package: "foreman@3.0.1" },
  "supervisor": { bin: "supervisord", from: "apt", package: "supervisor" },
  "s6": { bin: "s6-svscan", from: "apt", package: "s6" },
  "runit": { bin: "runsvdir", from: "apt", package: "runit" },
  "lsof": { bin: "lsof", from: "apt", package: "lsof" },
  "ss": { bin: "ss", from: "apt", package: "iproute2" },
  "redis": { bin: "redis-server", from: "apt", package: "redis-server" },
  "node": { bin: "node", from: "elsewhere", package: "nodejs.org" },
  "honcho": { bin: "honcho", from: "elsewhere", package: "pip install honcho" },
  "overmind": {
    bin: "overmind",
    from: "elsewhere",
    package: "github.com/DarthSim/overmind/releases",
  },
} as const satisfies Readonly<Record<string, Source>>;

/** Name of such a program. */
export type ProgramName = keyof typeof PROGRAMS;

const NPM_MS = 120_000;

/** Names and versions of what has been found in this run. */
const found = new Map<ProgramName, Promise<Program | Missing>>();

/** Finds a program, or installs it. */
export function findProgram(name: ProgramName): Promise<Program | Missing> {
  const known = found.get(name) ?? lookFor(PROGRAMS[name]);
  found.set(name, known);
  return known;
}

/** What has been found so far, as `pm2 7.0.4`. */
export async function foundVersions(): Promise<readonly string[]> {
  const texts: string[] = [];
  for (const [name, looked] of found) {
    const program = await looked;
    if ("path" in program) texts.push(`${name} ${program.version}`.trim());
  }
  return texts;
}

async function lookFor(source: Source): Promise<Program | Missing> {
  if (source.from === "npm") return await installed(source);
  const path = await output("sh", "-c", `command -v ${source.bin}`);
  if (path !== "") return { path, version: await versionOf(path, source) };
  const way = source.from === "apt" ? "apt-get install " : "";
  return { reason: `not installed here: ${way}${source.package}` };
}

async function versionOf(path: string, source: Source): Promise<string> {
  if (source.from === "apt") {
    return await output("dpkg-query", "-W", "-f=${Version}", source.package);
  }
  return (await output(path, "--version")).split("\n")[0] ?? "";
}

let npm: Promise<string | undefined> | undefined;

async function installed(source: Source): Promise<Program | Missing> {
  npm ??= installAll();
  const prefix = await npm;
  if (prefix === undefined) {
    return { reason: `not installed here: npm install ${source.package}` };
  }
  return {
    path: `${prefix}/node_modules/.bin/${source.bin}`,
    version: source.package.split("@")[1] ?? "",
  };
}

/** Everything of npm in one go, as that is what takes the time. */
async function installAll(): Promise<string | undefined> {
  const prefix = await Deno.makeTempDir({ prefix: "npm-" });
  const packages = Object.values(PROGRAMS).filter(({ from }) => from === "npm")
    .map((source) => source.package);
  const flags = ["--no-audit", "--no-fund", "--silent", "--prefix", prefix];
  const args = ["install", ...flags, ...packages];
  const signal = AbortSignal.timeout(NPM_MS);
  const command = new Deno.Command("npm", { args, cwd: prefix, signal });
  const result = await command.output().catch(() => undefined);
  return result?.success === true ? prefix : undefined;
}

/** What a program prints; nothing when it fails. */
async function output(name: string, ...args: string[]): Promise<string> {
  try {
    const command = new Deno.Command(name, { args, stderr: "null" });
    const { success, stdout } = await command.output();
    return success ? new TextDecoder().decode(stdout).trim() : "";
  } catch {
    return "";
  }
}
