/** How much longer a program lives because it has emitted an event. */

import { denoDatabases } from "../../src/host/deno_databases.ts";
import { denoHost } from "../../src/host/deno_host.ts";
import { optIn } from "../../src/queue/consent.ts";
import { openStore } from "../../src/queue/store.ts";
import { projectPaths } from "../../src/state/project_paths.ts";
import { type Figure, median } from "./figure.ts";
import { BENCH_TOKEN, startServer } from "./server.ts";

const PROGRAM = new URL("./exit_program.ts", import.meta.url).pathname;
const RUNS = 15;

/** Milliseconds between the end of the program's work and that of its process. */
async function timeExit(
  args: readonly string[],
  cwd: string,
  env: Readonly<Record<string, string>>,
): Promise<number> {
  const config = new URL("../../deno.json", import.meta.url).pathname;
  const output = await new Deno.Command(Deno.execPath(), {
    args: [
      "run",
      "--allow-all",
      "--quiet",
      "--config",
      config,
      PROGRAM,
      ...args,
    ],
    cwd,
    env: { ...env },
    stdin: "null",
  }).output();
  const now = performance.timeOrigin + performance.now();
  const text = new TextDecoder();
  if (!output.success) throw new Error(text.decode(output.stderr));
  return now - Number(text.decode(output.stdout));
}

async function medianExit(
  args: readonly string[],
  cwd: string,
  env: Readonly<Record<string, string>>,
): Promise<number> {
  const times: number[] = [];
  for (let run = 0; run < RUNS; run++) {
    times.push(await timeExit(args, cwd, env));
  }
  return median(times);
}

/** A server that takes connections and never says a word. */
function blackHole(): Deno.TcpListener {
  return Deno.listen({ hostname: "127.0.0.1", port: 0 });
}

/** Measures how programs end. */
export async function benchExit(main: string): Promise<readonly Figure[]> {
  const directory = await Deno.makeTempDir({ prefix: "reeve-bench-exit-" });
  try {
    await using server = await startServer(main, directory);
    const cwd = `${directory}/project`;
    const root = `${directory}/home`;
    const id = crypto.randomUUID();
    await Deno.mkdir(cwd);
    await Deno.mkdir(root, { mode: 0o700 });
    await Deno.writeTextFile(`${cwd}/.reeve`, `REEVE_PROJECT_ID=${id}\n`);
    const host = { ...denoHost, databases: denoDatabases };
    const opening = openStore(host, {
      root,
      projectId: id,
      paths: projectPaths({ root }, id),
    });
    if (opening.kind !== "open") throw new Error(opening.kind);
    optIn(opening.store, "bench", Date.now());
    opening.store.db.close();
    await Deno.writeTextFile(
      `${root}/config.json`,
      JSON.stringify({
        "schema_version": 1,
        sync: { workspace: "ada-private" },
      }),
      { mode: 0o600 },
    );
    const env = {
      REEVE_HOME: root,
      REEVE_TOKEN: BENCH_TOKEN,
      REEVE_SERVER_URL: server.url,
    };
    const bare = await medianExit([], cwd, env);
    const signedOut = await medianExit(["emit"], cwd, {
      ...env,
      REEVE_TOKEN: "",
    });
    const delivering = await medianExit(["emit"], cwd, env);
    const fetching = await medianExit(["fetch", server.url], cwd, env);
    const hole = blackHole();
    const url = `http://127.0.0.1:${hole.addr.port}`;
    const dead = await timeExit(["emit"], cwd, {
      ...env,
      REEVE_SERVER_URL: url,
    });
    hole.close();
    return [
      {
        name: "the end of a program that has emitted, signed out",
        value: signedOut - bare,
        limit: 20,
        unit: "ms",
      },
      {
        name: "the same, delivering to a server",
        value: delivering - bare,
        limit: 20,
        unit: "ms",
        note: `one fetch() there and no Reeve: ${
          (fetching - bare).toFixed(1)
        } ms`,
      },
      {
        name: "the same, with a server that says nothing",
        value: dead - bare,
        limit: 2000,
        unit: "ms",
      },
    ];
  } finally {
    await Deno.remove(directory, { recursive: true });
  }
}
