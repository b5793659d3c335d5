/** A place with jobs, handlers, and the command line in it. */

import { type CliResult, REEVE, reeve, reeveCommand } from "#support/cli.ts";
import { makeSandbox, type Sandbox } from "#support/sandbox.ts";
import { waitUntil } from "#support/wait_until.ts";

/** Variables of a command. */
export type Variables = Readonly<Record<string, string>>;

/** A worker that runs on. */
export interface RunningWorker extends AsyncDisposable {
  /** Its process. */
  readonly pid: number;
  /** What it has printed on standard output so far. */
  readonly out: () => string;
  /** What it has printed on standard error so far. */
  readonly err: () => string;
  /** Sends it a signal. */
  signal(name: Deno.Signal): void;
  /** Waits until it has printed a text on standard output. */
  prints(text: string): Promise<void>;
  /** Waits for its end and gives its exit code. */
  ended(): Promise<number>;
}

/** Where jobs are. */
export interface JobsPlace extends AsyncDisposable {
  /** Where all of it is. */
  readonly sandbox: Sandbox;
  /** Working directory of every command. */
  readonly directory: string;
  /** Runs `reeve queue …`. */
  queue(args: readonly string[], env?: Variables): Promise<CliResult>;
  /** Adds a job and gives its id. */
  add(
    queue: string,
    data: unknown,
    flags?: readonly string[],
    env?: Variables,
  ): Promise<string>;
  /** Counts of a queue, as `reeve queue status` tells them. */
  // deno-lint-ignore no-explicit-any
  counts(queue: string, env?: Variables): Promise<any>;
  /** Starts `reeve queue worker …`. */
  work(args: readonly string[], env?: Variables): RunningWorker;
  /** Writes a handler file and gives its path. */
  handler(name: string, code: string): Promise<string>;
}

/**
 * A handler that tells when it begins, waits as long as its data says, and
 * writes a line into a file at its end.
 */
export const RECORDER = `
import * as z from "npm:zod@4.6.7";
export const queue = "records";
export const payload = z.object({ name: z.string(), ms: z.number().default(0) });
export async function run(job) {
  job.log("begins attempt " + job.attempt);
  const { name, ms } = job.data;
  const until = Date.now() + ms;
  while (Date.now() < until && !job.signal.aborted) {
    await new Promise((resolve) => setTimeout(resolve, 20));
  }
  if (job.signal.aborted) throw new Error("aborted");
  await Deno.writeTextFile("done.txt", job.id + " " + name + "\\n", { append: true });
  return { name };
}
`;

/** Makes a place without jobs; it goes away with everything in it. */
export async function makeJobsPlace(): Promise<JobsPlace> {
  const sandbox = await makeSandbox();
  const directory = `${sandbox.directory}/jobs`;
  await Deno.mkdir(directory);
  const workers: RunningWorker[] = [];
  const queue = (args: readonly string[], env: Variables = {}) =>
    reeve(sandbox, ["queue", ...args], env, { cwd: directory });
  return {
    sandbox,
    directory,
    queue,
    async add(name, data, flags = [], env = {}) {
      const text = JSON.stringify(data);
      const args = ["enqueue", name, text, "--json", ...flags];
      const { json } = await queue(args, env);
      return json.jobs[0].id;
    },
    async counts(name, env) {
      const { json } = await queue(["status", "--json"], env);
      return json.queues.find((one: { queue: string }) => one.queue === name);
    },
    work(args, env = {}) {
      const worker = startWorker(directory, { ...sandbox.env, ...env }, args);
      workers.push(worker);
      return worker;
    },
    async handler(name, code) {
      const path = `${directory}/${name}`;
      await Deno.writeTextFile(path, code);
      return path;
    },
    async [Symbol.asyncDispose]() {
      for (const worker of workers) await worker[Symbol.asyncDispose]();
      await sandbox[Symbol.asyncDispose]();
    },
  };
}

/** Ids in the order in which the recorder has done them. */
export async function recorded(
  { directory }: Pick<JobsPlace, "directory">,
): Promise<readonly string[]> {
  const text = await Deno.readTextFile(`${directory}/done.txt`)
    .catch(() => "");
  return text.split("\n").filter((line) => line !== "")
    .map((line) => line.split(" ")[0] ?? "");
}

function startWorker(
  cwd: string,
  env: Variables,
  args: readonly string[],
): RunningWorker {
  const child = new Deno.Command(REEVE, {
    args: reeveCommand(["queue", "worker", ...args]),
    cwd,
    env: { ...env },
    stdin: "null",
    stdout: "piped",
    stderr: "piped",
  }).spawn();
  const texts = { out: "", err: "" };
  const read = async (
    stream: ReadableStream<Uint8Array<ArrayBuffer>>,
    name: "err" | "out",
  ) => {
    const chunks = stream.pipeThrough(new TextDecoderStream());
    for await (const chunk of chunks) texts[name] += chunk;
  };
  const reading = Promise.all([
    read(child.stdout, "out"),
    read(child.stderr, "err"),
  ]);
  let isOver = false;
  const status = child.status.then(({ code }) => {
    isOver = true;
    return code;
  });
  return {
    pid: child.pid,
    out: () => texts.out,
    err: () => texts.err,
    signal(name) {
      if (!isOver) child.kill(name);
    },
    prints: (text) =>
      waitUntil(
        `the worker prints ${text}`,
        () => texts.out.includes(text),
      ),
    async ended() {
      const code = await status;
      await reading;
      return code;
    },
    async [Symbol.asyncDispose]() {
      if (!isOver) child.kill("SIGKILL");
      await status;
      await reading;
    },
  };
}
