/** A project that has opted in, and the command line in it. */

import { DatabaseSync } from "node:sqlite";
import type { CliResult } from "#support/cli.ts";
import { REEVE, reeveCommand } from "#support/cli.ts";
import type { StartedReceiver } from "#support/receiver.ts";
import type { Sandbox } from "#support/sandbox.ts";
import { makeConfigPlace } from "./config_place.ts";

/** Variables of a command. */
export type Variables = Readonly<Record<string, string>>;

/** A command that runs on. */
export interface Running extends AsyncDisposable {
  /** What it has printed on standard output so far. */
  readonly out: () => string;
  /** Ends it by Ctrl-C and gives its exit code. */
  end(): Promise<number>;
}

/** A project that has opted in. */
export interface SyncPlace extends AsyncDisposable {
  /** Where all of it is. */
  readonly sandbox: Sandbox;
  /** The project's root. */
  readonly root: string;
  /** Its id. */
  readonly id: string;
  /** Directory of its queue. */
  readonly directory: string;
  /** Mark that says that something waits. */
  readonly mark: string;
  /** Runs `reeve` in the project. */
  run(args: string, env?: Variables): Promise<CliResult>;
  /** Starts `reeve` in the project. */
  start(args: string, env?: Variables): Running;
  /** Captures events with these texts. */
  emit(...texts: string[]): Promise<void>;
  /** Runs SQL on its queue. */
  sql(script: string): void;
}

/** Makes a project that has opted in; it goes away with everything in it. */
export async function makeSyncPlace(): Promise<SyncPlace> {
  const place = await makeConfigPlace();
  const { sandbox, root } = place;
  const run = (args: string, env?: Variables) =>
    place.run(args.split(" "), env);
  const { json } = await run("sync optin --json");
  const id: string = json.project_id;
  const directory = `${sandbox.root}/projects/${id}`;
  return {
    sandbox,
    root,
    id,
    directory,
    mark: `${sandbox.root}/pending/${id}`,
    run,
    start: (args, env = {}) =>
      start(root, { ...sandbox.env, ...env }, args.split(" ")),
    async emit(...texts) {
      for (const text of texts) {
        await run(`event emit NoteRecorded --text ${text}`);
      }
    },
    sql(script) {
      const db = new DatabaseSync(`${directory}/queue.db`);
      db.exec(script);
      db.close();
    },
    [Symbol.asyncDispose]: () => place[Symbol.asyncDispose](),
  };
}

/** Variables with which a command delivers to a receiver. */
export function toward({ url, token }: StartedReceiver): Variables {
  return { REEVE_SERVER_URL: url, REEVE_TOKEN: token };
}

function start(cwd: string, env: Variables, args: readonly string[]): Running {
  const child = new Deno.Command(REEVE, {
    args: reeveCommand(args),
    cwd,
    env: { ...env },
    stdin: "null",
    stdout: "piped",
    stderr: "inherit",
  }).spawn();
  let text = "";
  const reading = (async () => {
    const chunks = child.stdout.pipeThrough(new TextDecoderStream());
    for await (const chunk of chunks) text += chunk;
  })();
  let isOver = false;
  const end = async () => {
    if (!isOver) child.kill("SIGINT");
    isOver = true;
    const { code } = await child.status;
    await reading;
    return code;
  };
  return {
    out: () => text,
    end,
    [Symbol.asyncDispose]: async () => void await end(),
  };
}
