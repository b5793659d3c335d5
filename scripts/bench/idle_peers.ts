/** The daemons of others, with nothing to do. */

import type { Unmeasured } from "./figure.ts";
import { background, end, runner } from "./peer.ts";
import { findProgram, type ProgramName } from "./peer_programs.ts";
import { supervisorSettings } from "./peer_supervisors.ts";

/** A daemon that does nothing. */
interface IdlePeer {
  readonly name: string;
  readonly pid: number;
}

type Start = (
  bin: string,
  directory: string,
  stack: AsyncDisposableStack,
) => Promise<number>;

/** Programs that stay in the foreground. */
function staying(
  words: (directory: string) => readonly string[],
  signal: Deno.Signal = "SIGTERM",
): Start {
  return (bin, directory, stack) => {
    const child = background([bin, ...words(directory)], directory);
    stack.defer(() => end(child, signal));
    return Promise.resolve(child.pid);
  };
}

const pm2: Start = async (bin, directory, stack) => {
  const run = runner(directory, { "PM2_HOME": directory });
  await run(bin, "ping");
  stack.defer(() => run(bin, "kill"));
  return Number(await Deno.readTextFile(`${directory}/pm2.pid`));
};

const supervisor: Start = async (bin, directory, stack) => {
  const config = `${directory}/supervisord.conf`;
  await Deno.writeTextFile(config, supervisorSettings(directory, []));
  return await staying(() => ["-n", "-c", config])(bin, directory, stack);
};

const STARTS = {
  pm2,
  supervisor,
  runit: staying((directory) => [directory], "SIGHUP"),
  s6: staying((directory) => [directory]),
  redis: staying((directory) => [
    ...["--port", "0", "--save", ""],
    ...["--unixsocket", `${directory}/socket`],
  ]),
} satisfies Readonly<Partial<Record<ProgramName, Start>>>;

/** Starts what is here; the stack ends it. */
export async function startIdlePeers(
  directory: string,
  stack: AsyncDisposableStack,
): Promise<
  { readonly peers: readonly IdlePeer[]; readonly missing: Unmeasured[] }
> {
  const peers: IdlePeer[] = [];
  const missing: Unmeasured[] = [];
  for (const name of Object.keys(STARTS) as (keyof typeof STARTS)[]) {
    const program = await findProgram(name);
    if ("reason" in program) {
      missing.push({ name: `idle ${name}`, reason: program.reason });
      continue;
    }
    const own = `${directory}/${name}`;
    await Deno.mkdir(own);
    peers.push({ name, pid: await STARTS[name](program.path, own, stack) });
  }
  return { peers, missing };
}
