/**
 * Files of ours that are not what we have written.
 *
 * @module
 */

import { REEVE, reeveCommand } from "#support/cli.ts";
import { startCurrent } from "#support/population.ts";
import {
  findDaemonsBelow,
  makeSandbox,
  type Sandbox,
} from "#support/sandbox.ts";
import { runBounded } from "./bounded_command.ts";
import { Canaries } from "./canaries.ts";
import { environmentAttempts } from "./damaged_environment.ts";
import {
  pairShapes,
  PRECIOUS,
  type Shape,
  SHAPES,
  type Sound,
} from "./damage_shapes.ts";
import { queueAttempts } from "./damaged_queue.ts";
import { type Fault, inParallel, Tally, wantedOf } from "./fault.ts";

/** A file below the state root, and commands that have to do with it. */
interface StateFile {
  readonly name: (port: number) => string;
  readonly commands: readonly (readonly string[])[];
  /** Whether it alone says which daemon is the one. */
  readonly isRecord?: true;
}

const RESET = ["auth", "doctor", "--reset", "--json"];
const START = ["daemon", "start", "--json"];
const STATUS = ["daemon", "status", "--json"];

const FILES: readonly StateFile[] = [
  {
    name: () => "sync-daemon",
    commands: [STATUS, RESET, START],
    isRecord: true,
  },
  {
    name: (port) => `sync/daemon/owner-${port}.json`,
    commands: [STATUS, RESET, START],
  },
  {
    name: () => "signals.jsonl",
    commands: [["daemon", "journal", "--json"], RESET, START],
  },
  { name: () => "config.json", commands: [RESET, START] },
  { name: () => "sync-daemon.lock", commands: [RESET, START] },
  { name: () => "sync-daemon.log", commands: [["daemon", "logs"], START] },
  {
    name: () => "auth/session.json",
    commands: [["auth", "status", "--json"], RESET],
  },
];

/** Content of files that a daemon alone does not make. */
const CONTENTS: Readonly<Record<string, string>> = {
  "config.json": '{"schema_version": 1}\n',
  "signals.jsonl": '{"at":"2026-01-02T03:04:05.000Z"}\n',
  "auth/session.json": '{"schema_version": 1}\n',
};

async function runCommand(
  { env }: Sandbox,
  words: readonly string[],
  tally: Tally,
): Promise<void> {
  const args = reeveCommand(words);
  const { code } = await runBounded(REEVE, { args, env });
  tally.see(`commands that ended with ${code}`);
}

/** A root with a daemon, in which one file after the other is damaged. */
class DamagedPlace implements AsyncDisposable {
  readonly sandbox: Sandbox;
  readonly #canaries: Canaries;
  readonly #stranger: number;
  #current: { readonly pid: number; readonly port: number };

  constructor(
    sandbox: Sandbox,
    canaries: Canaries,
    current: { readonly pid: number; readonly port: number },
  ) {
    this.sandbox = sandbox;
    this.#canaries = canaries;
    this.#current = current;
    const scope = "--reeve-daemon-root=/nowhere";
    this.#stranger = canaries.add("daemon", "run", scope).pid;
  }

  /** Damages a file, uses it and brings it back. */
  async attempt(file: StateFile, shape: Shape, tally: Tally): Promise<void> {
    const { root } = this.sandbox;
    const { pid, port } = this.#current;
    const path = `${root}/${file.name(port)}`;
    const content = CONTENTS[file.name(port)];
    const bytes = await Deno.readFile(path).catch(() =>
      new TextEncoder().encode(content ?? "")
    );
    const sound: Sound = { path, bytes, pid, stranger: this.#stranger };
    await Deno.mkdir(path.slice(0, path.lastIndexOf("/")), {
      recursive: true,
      mode: 0o700,
    });
    await remove(path);
    try {
      await shape.make(sound);
      for (const args of file.commands) {
        await runCommand(this.sandbox, args, tally);
      }
      await assertUntouched(path, shape);
    } finally {
      for (const suffix of ["", ".other", ".else"]) {
        await remove(path + suffix);
      }
      const isUnknown = file.isRecord === true && shape.isAbsent === true;
      // Nobody knows of the daemon, so a reset ends it and a start replaces it.
      if (isUnknown) this.#current = await startCurrent(this.sandbox);
      else if (content === undefined) {
        await Deno.writeFile(path, bytes, { mode: 0o600 });
      }
      await this.#assertSame();
    }
  }

  /** The daemon is the one that it was, and it can be found again. */
  async #assertSame(): Promise<void> {
    const { pid } = this.#current;
    const before = await findDaemonsBelow(this.sandbox.directory);
    this.#current = await startCurrent(this.sandbox);
    const after = await findDaemonsBelow(this.sandbox.directory);
    if (after.length !== 1) throw new Error(`${after.length} daemons are left`);
    if (before.length === 1 && before[0] === pid && after[0] === pid) return;
    throw new Error(`daemon ${pid} became ${before}, then ${after}`);
  }

  async [Symbol.asyncDispose](): Promise<void> {
    await this.#canaries[Symbol.asyncDispose]();
    await this.sandbox[Symbol.asyncDispose]();
  }
}

/** A link leads to what is not ours: nobody writes there. */
async function assertUntouched(path: string, shape: Shape): Promise<void> {
  if (shape.isForeign !== true) return;
  const text = await Deno.readTextFile(`${path}.else`);
  if (text !== PRECIOUS) throw new Error(`somebody's file became ${text}`);
}

async function remove(path: string): Promise<void> {
  await Deno.remove(path, { recursive: true }).catch(() => {});
}

async function makePlace(tally: Tally): Promise<DamagedPlace> {
  const sandbox = await makeSandbox();
  const current = await startCurrent(sandbox);
  return new DamagedPlace(sandbox, new Canaries(tally), current);
}

/** Damaged files of the daemon, the queue and of environments. */
export const damagedState: Fault = {
  id: "F6",
  title: "files of ours are damaged, or something else is in their place",
  promise: "no crash, no hang, nothing done on the word of such a file, and " +
    "the daemon or service that runs goes on and is found again",
  how: `${SHAPES.length} shapes, from empty over a future version, a ` +
    "stranger's pid and another user's file to pipes, links and directories, " +
    "in the place of each file of a running daemon, of the settings and of " +
    "the sign-in, under the commands that use it; of the queue and its " +
    "overflow file under a program that emits; and of a repository's lists, " +
    "records, maps, intents, events, ports, lock and settings while a " +
    "service of it runs. A daemon that no file names any more is ended by a " +
    "reset; a service whose record is lost is not started a second time.",
  atLeast: { short: 90, long: 890 },
  unavailable: () =>
    Promise.resolve(Deno.build.os === "windows" ? "needs mkfifo" : undefined),
  async run(options) {
    const tally = new Tally();
    const wanted = wantedOf(this, options);
    tally.see("shapes", SHAPES.length);
    const pairs = pairShapes(FILES, options.isLong ? "all" : "even").values();
    const work = async () => {
      await using place = await makePlace(tally);
      for (const [file, shape] of pairs) {
        const name = `${file.name(0)}, ${shape.name}`;
        await tally.attempt(name, () => place.attempt(file, shape, tally));
        options.onProgress(tally.tried, wanted);
      }
    };
    await Promise.all([work(), work()]);
    const others = [
      ...queueAttempts().filter((_, at) =>
        options.isLong || at % 4 === 0 || at % 4 === 3
      ),
      ...environmentAttempts(options.isLong),
    ];
    await inParallel(others, 2, async ({ name, act }) => {
      await tally.attempt(name, () => act(tally));
      options.onProgress(tally.tried, wanted);
    });
    return tally.result(wanted);
  },
};
