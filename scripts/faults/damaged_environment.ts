/**
 * Files of a repository's environment that are not what we have written.
 *
 * @module
 */

import { REEVE, reeveCommand } from "#support/cli.ts";
import { findBelow } from "#support/leftovers.ts";
import { findFreeBlock, makeSandbox } from "#support/sandbox.ts";
import { filesBelow } from "../package_tree.ts";
import { runBounded } from "./bounded_command.ts";
import { Canaries } from "./canaries.ts";
import { pairShapes, type Shape } from "./damage_shapes.ts";
import type { Tally } from "./fault.ts";

const UNIT = new URL("../../tests/programs/unit.py", import.meta.url).pathname;

/** Ports of all slots of one attempt. */
const PORTS = 20;

/** Files that are damaged together, by their paths from the sandbox. */
interface EnvironmentFile {
  readonly name: string;
  readonly path: RegExp;
  /** Whether a change of it is a wish of the person. */
  readonly isWish?: true;
}

const SCOPE = /^home\/\.reeve\/environments\/repo-\w+\//;

function inScope(pattern: string): RegExp {
  return new RegExp(`${SCOPE.source}${pattern}$`);
}

const FILES: readonly EnvironmentFile[] = [
  { name: "index.json", path: inScope("index\\.json") },
  {
    name: "index.json and its backup",
    path: inScope("index(?:\\.backup)?\\.json"),
  },
  {
    name: "run_state.json of a revision",
    path: inScope("runs/.*/revisions/.*/run_state\\.json"),
  },
  {
    name: "every run_state.json",
    path: inScope("(?:.*/)?run_state\\.json"),
  },
  {
    name: "every runtime_map.json",
    path: inScope("(?:.*/)?runtime_map\\.json"),
  },
  { name: "ports.json", path: /^home\/\.reeve\/environments\/ports\.json$/ },
  { name: "intents.jsonl", path: inScope("intents\\.jsonl") },
  { name: "lease.lock", path: inScope("lease\\.lock") },
  { name: "events.jsonl", path: inScope("events\\.jsonl") },
  { name: ".reeve", path: /^shop\/\.reeve$/, isWish: true },
];

/** One shape of one file. */
export interface EnvironmentAttempt {
  readonly name: string;
  readonly act: (tally: Tally) => Promise<void>;
}

/** Every shape of every file, or every second one of one file each. */
export function environmentAttempts(
  isLong: boolean,
): readonly EnvironmentAttempt[] {
  return pairShapes(FILES, isLong ? "all" : "odd").map(([file, shape]) => ({
    name: `${file.name}, ${shape.name}`,
    act: (tally: Tally) => attempt(file, shape, tally),
  }));
}

/** A repository whose one service runs. */
class DamagedPlace implements AsyncDisposable {
  readonly directory: string;
  readonly #sandbox: Awaited<ReturnType<typeof makeSandbox>>;

  private constructor(sandbox: Awaited<ReturnType<typeof makeSandbox>>) {
    this.#sandbox = sandbox;
    this.directory = sandbox.directory;
  }

  static async make(): Promise<DamagedPlace> {
    const place = new DamagedPlace(await makeSandbox());
    const root = `${place.directory}/shop`;
    await Deno.mkdir(`${root}/.git`, { recursive: true });
    await Deno.writeTextFile(`${root}/.git/HEAD`, "ref: refs/heads/main\n");
    await Deno.writeTextFile(
      `${root}/.reeve`,
      `REEVE_SERVICES=api\n` +
        `REEVE_SERVICE_API_CMD=python3 -S ${UNIT} listen {port}\n` +
        `REEVE_SERVICE_API_PORT=${findFreeBlock(PORTS)}\n`,
    );
    return place;
  }

  /** Runs a line in the repository. */
  async run(line: string, tally: Tally): Promise<number> {
    const cwd = `${this.directory}/shop`;
    const { code } = await runBounded(REEVE, {
      args: reeveCommand(line.split(" ")),
      env: this.#sandbox.env,
      cwd,
    });
    tally.see(`commands that ended with ${code}`);
    return code;
  }

  /** Pids of what the service is now. */
  running(): readonly number[] {
    return findBelow(this.directory);
  }

  /** Files that match, with what is in them. */
  async read(pattern: RegExp): Promise<ReadonlyMap<string, Uint8Array>> {
    const found = new Map<string, Uint8Array>();
    for (const name of await filesBelow(this.directory)) {
      if (!pattern.test(name)) continue;
      const path = `${this.directory}/${name}`;
      found.set(path, await Deno.readFile(path));
    }
    return found;
  }

  async [Symbol.asyncDispose](): Promise<void> {
    await this.#sandbox[Symbol.asyncDispose]();
  }
}

async function attempt(
  file: EnvironmentFile,
  shape: Shape,
  tally: Tally,
): Promise<void> {
  await using place = await DamagedPlace.make();
  await using canaries = new Canaries(tally);
  const stranger = canaries.add("listen", "9000").pid;
  await expectEnd(place, "start --json", tally);
  const [pid = 0, ...others] = place.running();
  if (pid === 0 || others.length > 0) throw new Error("no service runs");
  const sound = await place.read(file.path);
  if (sound.size === 0) throw new Error("there is no such file");
  const damage = async () => {
    for (const [path, bytes] of sound) {
      await remove(path);
      await shape.make({ path, bytes, pid, stranger });
    }
  };
  await damage();
  for (const line of ["status --json", "doctor --json", "start --json"]) {
    await place.run(line, tally);
  }
  const now = place.running();
  if (file.isWish === undefined && (now.length !== 1 || now[0] !== pid)) {
    throw new Error(`the service ${pid} became ${now.join(" ") || "nothing"}`);
  }
  await damage();
  const code = await place.run("stop-all --json", tally);
  const left = place.running();
  if (code === 0 && left.length > 0) {
    throw new Error(`stop-all is content, but ${left.join(" ")} runs`);
  }
  tally.see(left.length === 0 ? "services ended" : "services left, as said");
  for (const [path, bytes] of sound) {
    await remove(path);
    await Deno.writeFile(path, bytes, { mode: 0o600 });
  }
  await expectEnd(place, "start --json", tally);
  if (place.running().length !== 1) {
    throw new Error(`${place.running().length} services run in the end`);
  }
  await expectEnd(place, "stop-all --json", tally);
  if (place.running().length > 0) throw new Error("a service is left");
}

async function expectEnd(place: DamagedPlace, line: string, tally: Tally) {
  const code = await place.run(line, tally);
  if (code !== 0) {
    throw new Error(`${line} with sound files ended with ${code}`);
  }
}

async function remove(path: string): Promise<void> {
  await Deno.remove(path, { recursive: true }).catch(() => {});
}
