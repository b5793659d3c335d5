/**
 * The example shop in a repository of its own, as somebody has it who has just
 * cloned it, with real processes and a real PostgreSQL.
 *
 * @module
 */

import "./c_library.ts";
import { assert, assertEquals } from "@std/assert";
import { denoHost } from "../../src/host/deno_host.ts";
import { type CliResult, REEVE, reeve, reeveCommand } from "./cli.ts";
import { providePostgres } from "./postgres_binaries.ts";
import { findFreeBlock, makeSandbox } from "./sandbox.ts";
import { MARKER_VARIABLE } from "../../src/environment/facts.ts";

const EXAMPLE = new URL("../../docs/examples/shop", import.meta.url).pathname;

/** Ports of all slots that tests use. */
const PORTS = 80;

/** One unit as a document of `reeve status --json` shows it. */
export interface ShownUnit {
  /** Slug. */
  readonly id: string;
  /** Project. */
  readonly project: string;
  /** Process, if there is one. */
  readonly pid: number | null;
  /** Port that it has. */
  readonly port: number | null;
  /** Word for what is true of it. */
  readonly status: string;
}

/** A shop. */
export interface Shop extends AsyncDisposable {
  /** Root of its repository. */
  readonly root: string;
  /** State root. */
  readonly home: string;
  /** Environment of its commands. */
  readonly env: Readonly<Record<string, string>>;
  /** Runs a line of `reeve` in its root. */
  run(line: string): Promise<CliResult>;
  /** Runs a line that has to end well. */
  ok(line: string): Promise<CliResult>;
  /** Begins a line and does not wait for its end. */
  begin(line: string): Deno.ChildProcess;
  /** What is recorded, by `project slug`. */
  units(line?: string): Promise<ReadonlyMap<string, ShownUnit>>;
  /** Pids of everything that was started for it and runs. */
  running(): Promise<readonly number[]>;
  /** Ports that something listens on, of all that it may have. */
  listening(): readonly number[];
  /** Orders through a front end, by its port, as a form of a page does. */
  order(port: number, product: number, quantity: number): Promise<void>;
  /** What the page of a front end shows, by its port. */
  page(port: number): Promise<string>;
  /** Asks the database of a project itself. */
  query(port: number, sql: string, project?: string): Promise<string>;
}

/** Runs Git. */
export async function git(
  cwd: string,
  ...args: readonly string[]
): Promise<void> {
  const { success, stderr } = await new Deno.Command("git", {
    args: ["-c", "user.name=t", "-c", "user.email=t@localhost", ...args],
    cwd,
    stdin: "null",
  }).output();
  if (!success) throw new Error(new TextDecoder().decode(stderr));
}

/** Copies the example into a repository of its own; nothing is started. */
export async function makeShop(): Promise<Shop> {
  const bin = await providePostgres();
  await fetchPackages();
  const sandbox = await makeSandbox();
  const root = `${sandbox.home}/shop`;
  await copyTree(EXAMPLE, root);
  await git(root, "init", "--quiet", "--initial-branch=main");
  await git(root, "add", ".");
  await git(root, "commit", "--quiet", "-m", "The shop");
  const first = findFreeBlock(PORTS);
  const directory = Deno.execPath().replace(/\/[^/]*$/, "");
  const env = {
    ...sandbox.env,
    PATH: `${directory}:${Deno.env.get("PATH") ?? "/usr/bin:/bin"}`,
    REEVE_SERVICE_BACKEND_PORT: String(first),
    REEVE_SERVICE_FRONTEND_PORT: String(first + 1),
    REEVE_DEPENDENCY_POSTGRES_PORT: String(first + 2),
  };
  const words = (line: string) => line.split(" ");
  const run = (line: string) => reeve({ env }, words(line), {}, { cwd: root });
  const ok = async (line: string) => {
    const result = await run(line);
    assertEquals(result.code, 0, `${line}: ${result.stdout}${result.stderr}`);
    return result;
  };
  return {
    root,
    home: sandbox.root,
    env,
    run,
    ok,
    begin: (line) =>
      new Deno.Command(REEVE, {
        args: reeveCommand(words(line)),
        cwd: root,
        env,
        stdin: "null",
        stdout: "null",
        stderr: "piped",
      }).spawn(),
    async units(line = "status --json") {
      const { runs } = (await run(line)).json;
      const shown: readonly ShownUnit[] = runs.flatMap((
        { units }: { readonly units: readonly ShownUnit[] },
      ) => units);
      return new Map(shown.map((one) => [`${one.project} ${one.id}`, one]));
    },
    running: async () => await marked(await scopeIn(sandbox.root)),
    listening: () => busyPorts(first),
    async order(port, product, quantity) {
      const body = new FormData();
      body.set("product", String(product));
      body.set("quantity", String(quantity));
      const url = `http://localhost:${port}/orders`;
      const response = await fetch(url, {
        method: "POST",
        body,
        redirect: "manual",
      });
      assertEquals([response.status, await response.text()], [
        303,
        "Ordered.\n",
      ]);
    },
    async page(port) {
      const response = await fetch(`http://localhost:${port}/`);
      const text = await response.text();
      assertEquals(response.status, 200, text);
      return text;
    },
    async query(port, sql, project = "Main") {
      const scope = await scopeIn(sandbox.root);
      const data = `${sandbox.root}/environments/${scope}/data/${project}`;
      const word = await Deno.readTextFile(`${data}/postgres/password`);
      const { stdout, stderr } = await new Deno.Command(`${bin}/psql`, {
        args: ["--no-psqlrc", "-At", "-h", "127.0.0.1", "-p", String(port)]
          .concat(["-U", "postgres", "-c", sql, "postgres"]),
        env: { PGPASSWORD: word.trim() },
        stdin: "null",
      }).output();
      const decoder = new TextDecoder();
      return (decoder.decode(stdout) + decoder.decode(stderr)).trim();
    },
    [Symbol.asyncDispose]: () => sandbox[Symbol.asyncDispose](),
  };
}

/** The number of a unit that must be there. */
export function numberOf(
  units: ReadonlyMap<string, ShownUnit>,
  name: string,
  what: "pid" | "port",
): number {
  const found = units.get(name)?.[what];
  assert(typeof found === "number", `${name} has a ${what}`);
  return found;
}

/** With our own HOME, in which a person's registry may be named. */
async function fetchPackages(): Promise<void> {
  const { success, stderr } = await new Deno.Command(Deno.execPath(), {
    args: ["install", "--quiet", "--frozen"],
    cwd: EXAMPLE,
    stdin: "null",
  }).output();
  if (!success) throw new Error(new TextDecoder().decode(stderr));
}

async function scopeIn(home: string): Promise<string> {
  const names = await Array.fromAsync(Deno.readDir(`${home}/environments`));
  const found = names.find(({ name }) => name.startsWith("repo-"));
  if (found === undefined) throw new Error("nothing was started yet");
  return found.name;
}

async function marked(scope: string): Promise<readonly number[]> {
  const listing = await denoHost.processes.table();
  if (listing.kind === "unknown") throw new Error(listing.reason);
  const alive = listing.rows.filter(({ state }) => state !== "zombie");
  const markers = await denoHost.processes.readVariable(
    MARKER_VARIABLE,
    alive.map(({ pid }) => pid),
  );
  return [...markers].filter(([, marker]) => marker.startsWith(scope))
    .map(([pid]) => pid);
}

function busyPorts(first: number): readonly number[] {
  return Array.from({ length: PORTS }, (_, at) => first + at).filter((port) => {
    try {
      Deno.listen({ hostname: "127.0.0.1", port }).close();
      return false;
    } catch {
      return true;
    }
  });
}

async function copyTree(from: string, to: string): Promise<void> {
  await Deno.mkdir(to, { recursive: true });
  for await (const { name, isDirectory } of Deno.readDir(from)) {
    const [source, target] = [`${from}/${name}`, `${to}/${name}`];
    if (isDirectory) await copyTree(source, target);
    else await Deno.copyFile(source, target);
  }
}
