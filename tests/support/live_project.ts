/**
 * A project in a sandbox, its receiver, and the real command line in its
 * directory.
 *
 * @module
 */

import { optIn } from "../../src/queue/consent.ts";
import { countQueue, type QueueCounts } from "../../src/queue/counts.ts";
import { type CliResult, reeveCommand } from "./cli.ts";
import { RealQueue } from "./real_queue.ts";
import { type StartedReceiver, startReceiver } from "./receiver.ts";
import { makeSandbox, type Sandbox } from "./sandbox.ts";
import { PROJECT_ID } from "./tasks.ts";

/** How a project differs from a plain one. */
export interface LiveProjectOptions {
  /** Faults of the receiver. */
  readonly faults?: readonly string[];
  /** The person's settings below `sync`. */
  readonly sync?: Readonly<Record<string, unknown>>;
  /** Requests that the log of the receiver remembers. */
  readonly logLimit?: number;
}

/** A process that still runs. */
export interface Running {
  /** The process. */
  readonly child: Deno.ChildProcess;
  /** Waits for its end. */
  readonly ended: Promise<
    CliResult & {
      /** Signal that ended it, if one did. */
      readonly signal: Deno.Signal | null;
    }
  >;
}

/** A project with everything around it. */
export class LiveProject implements AsyncDisposable {
  /** Where it lives. */
  readonly sandbox: Sandbox;
  /** Its receiver. */
  readonly server: StartedReceiver;
  /** Its directory. */
  readonly cwd: string;
  /** Its queue, as this process sees it. */
  readonly queue: RealQueue;

  /** Joins both; {@linkcode liveProject} is easier. */
  constructor(sandbox: Sandbox, server: StartedReceiver) {
    this.sandbox = sandbox;
    this.server = server;
    this.cwd = `${sandbox.directory}/project`;
    this.queue = new RealQueue(sandbox.root, { durability: "relaxed" });
  }

  /** Variables of somebody who is signed in by a token. */
  get env(): Readonly<Record<string, string>> {
    const { sandbox, server } = this;
    return {
      ...sandbox.env,
      REEVE_TOKEN: server.token,
      REEVE_SERVER_URL: server.url,
    };
  }

  /** Captures so many events at once, and gives their ids. */
  fill(count: number): readonly string[] {
    const ids: string[] = [];
    while (ids.length < count) {
      const items = Array.from(
        { length: Math.min(1000, count - ids.length) },
        (_, at) => ({
          type: "TaskChanged",
          aggregateId: `t${at}`,
          payload: { n: at, text: "something has happened" },
        }),
      );
      for (const outcome of this.queue.emitter.emitBatch(items)) {
        if (outcome.kind !== "captured") throw new Error(outcome.kind);
        ids.push(outcome.eventId);
      }
    }
    return ids;
  }

  /** Counts the queue. */
  counts(): QueueCounts {
    return countQueue(this.queue.host, this.queue.store);
  }

  /** Ids that the receiver has stored. */
  get stored(): readonly string[] {
    return this.server.receiver.bodies().map((body) =>
      JSON.parse(body)["event_id"]
    );
  }

  /** Starts `reeve` in the project. */
  startReeve(
    args: readonly string[],
    env: Readonly<Record<string, string>> = {},
  ): Running {
    return this.#start(reeveCommand(args), env);
  }

  /** Runs `reeve` in the project and waits for its end. */
  reeve(
    args: readonly string[],
    env: Readonly<Record<string, string>> = {},
  ): Running["ended"] {
    return this.startReeve(args, env).ended;
  }

  /** Starts a program of ours in the project. */
  start(
    path: string,
    args: readonly string[] = [],
    env: Readonly<Record<string, string>> = {},
  ): Running {
    const url = new URL(`../../${path}`, import.meta.url);
    const config = new URL("../../deno.json", import.meta.url);
    return this.#start([
      "run",
      "--allow-all",
      "--quiet",
      "--config",
      config.pathname,
      url.pathname,
      ...args,
    ], env);
  }

  #start(
    args: readonly string[],
    env: Readonly<Record<string, string>>,
  ): Running {
    const child = new Deno.Command(Deno.execPath(), {
      args: [...args],
      cwd: this.cwd,
      env: { ...this.env, ...env },
      stdin: "null",
      stdout: "piped",
      stderr: "piped",
    }).spawn();
    const ended = Promise.all([
      child.status,
      new Response(child.stdout).text(),
      new Response(child.stderr).text(),
    ]).then(([{ code, signal }, stdout, stderr]) => ({
      code,
      signal,
      stdout,
      stderr,
      get json() {
        return JSON.parse(stdout);
      },
    }));
    return { child, ended };
  }

  async [Symbol.asyncDispose](): Promise<void> {
    this.queue[Symbol.dispose]();
    await this.server[Symbol.asyncDispose]();
    await this.sandbox[Symbol.asyncDispose]();
  }
}

/** A project that has opted in, and a receiver of its own. */
export async function liveProject(
  options: LiveProjectOptions = {},
): Promise<LiveProject> {
  const { faults = [], sync = {}, logLimit = 10_000 } = options;
  const sandbox = await makeSandbox();
  const server = await startReceiver({ faults, logLimit });
  const project = new LiveProject(sandbox, server);
  await Deno.mkdir(project.cwd);
  await Deno.writeTextFile(
    `${project.cwd}/.reeve`,
    `REEVE_PROJECT_ID=${PROJECT_ID}\n`,
  );
  const settings = { workspace: server.workspace, ...sync };
  await Deno.writeTextFile(
    `${sandbox.root}/config.json`,
    JSON.stringify({ "schema_version": 1, sync: settings }),
    { mode: 0o600 },
  );
  optIn(project.queue.store, "ada", Date.now());
  return project;
}
