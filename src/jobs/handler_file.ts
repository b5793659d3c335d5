/**
 * Handlers of queues out of the person's own files.
 *
 * @module
 */

import { KnownError, messageOf } from "../errors.ts";
import type { Host } from "../host/host.ts";
import { absolutePath, baseName } from "../host/path.ts";
import type { Handler, RunningJob } from "./handler.ts";
import { isQueueName } from "./names.ts";
import { type PayloadCheck, payloadCheck } from "./payload_check.ts";

/** A handler of one queue. */
export interface LoadedHandler {
  /** The file it is from. */
  readonly file: string;
  /** Its queue. */
  readonly queue: string;
  /** Checks the payload, then does the work. */
  readonly handler: Handler;
  /** Most of its jobs at the same time, if the file says so. */
  readonly concurrency: number | undefined;
  /** How long a job is held without a heartbeat, if the file says so. */
  readonly leaseMs: number | undefined;
}

const EXAMPLE = "A handler file looks like this:\n" +
  '  export const queue = "thumbnails";\n' +
  "  export async function run(job) { return await work(job.data); }";

const MOST_CONCURRENCY = 1000;
const SHORTEST_LEASE_MS = 1000;
const LONGEST_LEASE_MS = 3_600_000;

/**
 * Loads handler files and checks what they export.
 *
 * @param files paths; relative ones count from the working directory.
 * @throws {KnownError} that names the file, what is wrong with it and how a
 * handler file looks.
 */
export async function loadHandlers(
  host: Pick<Host, "env" | "modules">,
  files: readonly string[],
): Promise<readonly LoadedHandler[]> {
  const loaded: LoadedHandler[] = [];
  for (const given of files) {
    const file = absolutePath(host.env.cwd, given);
    for (const handler of readHandlers(file, await load(host, file))) {
      const other = loaded.find(({ queue }) => queue === handler.queue);
      if (other !== undefined) throw takenError(handler, other);
      loaded.push(handler);
    }
  }
  return loaded;
}

function takenError(handler: LoadedHandler, other: LoadedHandler): KnownError {
  return new KnownError(
    "usage",
    `Cannot use ${handler.file}: ${other.file} handles the queue ` +
      `${handler.queue} already`,
    { hint: "Give each queue one handler, or start two workers." },
  );
}

async function load(
  { modules }: Pick<Host, "modules">,
  file: string,
): Promise<Readonly<Record<string, unknown>>> {
  try {
    return await modules.load(file);
  } catch (error) {
    const message = messageOf(error);
    throw new KnownError(
      "unusable",
      `Cannot load the handler file ${file}: ${message}`,
      { hint: loadHint(file, message), cause: error },
    );
  }
}

/** What helps against an error of loading a module, by Deno's words. */
export function loadHint(file: string, message: string): string {
  if (message.includes("lockfile is out of date")) {
    return "A checkout of Reeve loads only the packages of its own lock file: " +
      "build the portable folder with deno task build and run dist/bin/reeve.";
  }
  if (/Import ".*" not a dependency/.test(message)) {
    return "Write packages as npm:NAME@VERSION in the handler file.";
  }
  if (message.includes("--no-npm is specified")) {
    return "Start the worker by dist/bin/reeve, which may load packages.";
  }
  if (message.startsWith("Module not found") && message.includes(file)) {
    return "Check the path; if the file is there, this reeve is one file and " +
      "can load no other: use the portable folder, dist/bin/reeve.";
  }
  return "Check the file by itself: deno check " + file;
}

/** Reads what a handler file exports. */
export function readHandlers(
  file: string,
  exported: Readonly<Record<string, unknown>>,
): readonly LoadedHandler[] {
  const { handlers } = exported;
  if (handlers === undefined) {
    return [readOne(file, "", { queue: nameOf(file), ...exported })];
  }
  if (!Array.isArray(handlers) || handlers.length === 0) {
    throw wrong(file, "handlers must be a list of { queue, run }");
  }
  return handlers.map((entry: unknown, at) => {
    const where = `handlers[${at}].`;
    if (typeof entry !== "object" || entry === null) {
      throw wrong(file, `handlers[${at}] must be { queue, run }`);
    }
    return readOne(file, where, entry as Readonly<Record<string, unknown>>);
  });
}

function nameOf(file: string): string {
  return baseName(file).replace(/\.[^.]+$/, "");
}

function wrong(file: string, what: string): KnownError {
  return new KnownError("unusable", `Cannot use ${file}: ${what}`, {
    hint: EXAMPLE,
  });
}

function readOne(
  file: string,
  where: string,
  entry: Readonly<Record<string, unknown>>,
): LoadedHandler {
  const { queue, payload, run = entry["default"] } = entry;
  if (typeof queue !== "string" || !isQueueName(queue)) {
    const what = queue === undefined ? "is missing" : `is ${text(queue)}`;
    throw wrong(
      file,
      `${where}queue ${what}; it must be 1 to 63 characters a-z, 0-9, '.', ` +
        "'_' and '-'",
    );
  }
  if (typeof run !== "function") {
    const what = run === undefined ? "it exports no" : "it must have a";
    throw wrong(
      file,
      where === ""
        ? `${what} function run(job)`
        : `${where}run must be a function`,
    );
  }
  const check = payload === undefined ? undefined : payloadCheck(payload);
  if (payload !== undefined && check === undefined) {
    throw wrong(
      file,
      `${where}payload must be a schema with ~standard.validate or ` +
        "safeParse, such as z.object({ … })",
    );
  }
  const handler = run as Handler;
  return {
    file,
    queue,
    handler: check === undefined ? handler : checking(check, handler),
    concurrency: wholeIn(file, `${where}concurrency`, entry["concurrency"], {
      min: 1,
      max: MOST_CONCURRENCY,
    }),
    leaseMs: wholeIn(file, `${where}leaseMs`, entry["leaseMs"], {
      min: SHORTEST_LEASE_MS,
      max: LONGEST_LEASE_MS,
    }),
  };
}

function text(value: unknown): string {
  return typeof value === "string"
    ? JSON.stringify(value.slice(0, 80))
    : `a ${typeof value}`;
}

function wholeIn(
  file: string,
  name: string,
  value: unknown,
  { min, max }: { readonly min: number; readonly max: number },
): number | undefined {
  if (value === undefined) return undefined;
  const isFine = typeof value === "number" && Number.isInteger(value) &&
    value >= min && value <= max;
  if (isFine) return value;
  throw wrong(file, `${name} must be a whole number from ${min} to ${max}`);
}

/** A payload that does not fit now will not fit at the next attempt. */
function checking(check: PayloadCheck, handler: Handler): Handler {
  return async (job: RunningJob) => {
    const checked = await check(job.data);
    if (!checked.ok) {
      return job.giveUp(`The payload does not fit: ${checked.problem}`);
    }
    return await handler({ ...job, data: checked.data });
  };
}
