/**
 * `reeve queue enqueue`.
 *
 * @module
 */

import { KnownError } from "../../errors.ts";
import { type Host, HostError } from "../../host/host.ts";
import { absolutePath } from "../../host/path.ts";
import type { QueueBackend } from "../../jobs/backend.ts";
import type { Enqueued, JobOptions } from "../../jobs/job.ts";
import type { JsonValue } from "../../state/json_value.ts";
import type { CommandContext, CommandResult, JsonFlags } from "../command.ts";
import { EXIT } from "../exit_code.ts";
import { openProgress } from "../progress.ts";
import {
  openQueue,
  requireQueueName,
  type TenantFlag,
  tenantWords,
} from "../queue_place.ts";
import { jobs } from "../queue_text.ts";

/** Flags of `reeve queue enqueue`; spans in milliseconds, times in epoch ones. */
export interface EnqueueFlags extends JsonFlags, TenantFlag {
  /** Id of your own. */
  readonly id?: string;
  /** File with the data. */
  readonly file?: string;
  /** File with the data of many jobs. */
  readonly lines?: string;
  /** Wait before the first attempt. */
  readonly delay?: number;
  /** Time of the first attempt. */
  readonly at?: number;
  /** Time after which it is not begun. */
  readonly expires?: number;
  /** 0 to 100. */
  readonly priority?: number;
  /** Attempts before it is dead. */
  readonly attempts?: number;
  /** Longest time of an attempt. */
  readonly timeout?: number;
  /** Key against equal jobs. */
  readonly dedupe?: string;
  /** How long the key counts. */
  readonly dedupeTtl?: number;
}

const DATA_LIMIT_BYTES = 4 * 1024 * 1024;
const LINES_LIMIT_BYTES = 256 * 1024 * 1024;
/** Jobs that are added in one step. */
const PAGE = 1000;

/** Adds one job, or one for each line. */
export async function run(
  context: CommandContext,
  flags: EnqueueFlags,
  queue: string,
  data?: string,
): Promise<CommandResult> {
  requireQueueName(queue);
  const options = optionsOf(flags);
  if (flags.lines !== undefined) {
    requireForMany(flags, data);
    const bodies = await readLines(context.host, flags.lines);
    await using open = await openQueue(context, flags, { create: true });
    return await addMany(context, open.backend, { queue, bodies, options });
  }
  const body = await readData(context.host, flags, data);
  await using open = await openQueue(context, flags, { create: true });
  const added = await open.backend.enqueue(queue, body, options);
  return oneResult(open.backend, queue, added);
}

function optionsOf(flags: EnqueueFlags): JobOptions {
  const { id, delay, at, expires, priority, attempts, timeout } = flags;
  if (flags.dedupeTtl !== undefined && flags.dedupe === undefined) {
    throw new KnownError("usage", "Cannot use --dedupe-ttl without --dedupe", {
      hint: "Give the key too: --dedupe KEY --dedupe-ttl 1h",
    });
  }
  const dedupe = flags.dedupe === undefined ? undefined : {
    key: flags.dedupe,
    ...(flags.dedupeTtl === undefined ? {} : { ttlMs: flags.dedupeTtl }),
  };
  return {
    ...(id === undefined ? {} : { id }),
    ...(delay === undefined ? {} : { delayMs: delay }),
    ...(at === undefined ? {} : { runAt: at }),
    ...(expires === undefined ? {} : { expiresAt: expires }),
    ...(priority === undefined ? {} : { priority }),
    ...(attempts === undefined ? {} : { attempts }),
    ...(timeout === undefined ? {} : { timeoutMs: timeout }),
    ...(dedupe === undefined ? {} : { dedupe }),
  };
}

function requireForMany(flags: EnqueueFlags, data: string | undefined): void {
  const other = data !== undefined
    ? "DATA"
    : (["file", "id", "dedupe"] as const)
      .filter((name) => flags[name] !== undefined)
      .map((name) => `--${name}`)[0];
  if (other === undefined) return;
  throw new KnownError("usage", `Cannot take ${other} together with --lines`, {
    hint: "With --lines each line is the data of one job.",
  });
}

async function readData(
  host: Pick<Host, "env" | "files" | "terminal">,
  { file }: EnqueueFlags,
  data: string | undefined,
): Promise<JsonValue> {
  if (file !== undefined && data !== undefined) {
    throw new KnownError("usage", "Cannot take both DATA and --file", {
      hint: "Leave one of them out.",
    });
  }
  const text = file !== undefined
    ? await readFile(host, file, DATA_LIMIT_BYTES)
    : data === "-"
    ? await host.terminal.readInput(DATA_LIMIT_BYTES)
    : data ?? "null";
  try {
    return JSON.parse(text);
  } catch {
    throw new KnownError("usage", "Cannot read the data: it is not JSON", {
      hint: `Try: reeve queue enqueue thumbnails '{"file":"a.jpg"}'; ` +
        `a text needs its quotes: '"text"'`,
    });
  }
}

async function readFile(
  { env, files }: Pick<Host, "env" | "files">,
  given: string,
  maxBytes: number,
): Promise<string> {
  const path = absolutePath(env.cwd, given);
  try {
    return await files.readText(path, maxBytes);
  } catch (error) {
    if (!(error instanceof HostError)) throw error;
    const reason = error.code.replaceAll("_", " ");
    throw new KnownError("unreadable", `Cannot read ${path}: ${reason}`, {
      hint: error.code === "too_large"
        ? "Split the file and add its parts one after the other."
        : "Check the path and who may read it.",
      cause: error,
    });
  }
}

/** All lines are read before the first job is added: a slip adds nothing. */
async function readLines(
  host: Pick<Host, "env" | "files" | "terminal">,
  file: string,
): Promise<readonly JsonValue[]> {
  const text = file === "-"
    ? await host.terminal.readInput(LINES_LIMIT_BYTES)
    : await readFile(host, file, LINES_LIMIT_BYTES);
  return text.split("\n").flatMap((line, at) => {
    if (line.trim() === "") return [];
    try {
      return [JSON.parse(line) as JsonValue];
    } catch {
      throw new KnownError(
        "usage",
        `Cannot read line ${at + 1} of ${file}: it is not JSON`,
        { hint: "Nothing was added. Each line is the data of one job." },
      );
    }
  });
}

interface Many {
  readonly queue: string;
  readonly bodies: readonly JsonValue[];
  readonly options: JobOptions;
}

async function addMany(
  context: CommandContext,
  backend: QueueBackend,
  { queue, bodies, options }: Many,
): Promise<CommandResult> {
  const progress = openProgress(context, "Adding jobs");
  progress.start(bodies.length);
  const added: Enqueued[] = [];
  try {
    for (let at = 0; at < bodies.length; at += PAGE) {
      const page = bodies.slice(at, at + PAGE);
      const drafts = page.map((data) => ({ data, options }));
      added.push(...await backend.enqueueMany(queue, drafts));
      progress.advance(page.length);
    }
  } catch (error) {
    throw partly(error, added.length, bodies.length);
  } finally {
    progress.finish();
  }
  const next = `See: reeve queue status${tenantWords(backend.tenant)}`;
  return {
    exit: EXIT.ok,
    text: `Added ${jobs(added.length)} to ${queue}. ${next}`,
    json: {
      ...headOf(backend, queue),
      "added": added.length,
      "jobs": added,
    },
  };
}

/** Whoever adds the rest has to know where it begins. */
function partly(error: unknown, added: number, total: number): unknown {
  if (added === 0 || !(error instanceof KnownError)) return error;
  const { code, message, hint = "" } = error;
  return new KnownError(
    code,
    `${message}; the first ${jobs(added)} of ${total} were added`,
    { hint: `${hint} Then add the rest.`.trim(), cause: error },
  );
}

function headOf({ tenant, kind }: QueueBackend, queue: string) {
  return {
    "schema": "queue_enqueue",
    "schema_version": 1,
    "tenant": tenant,
    "backend": kind,
    "queue": queue,
  };
}

const DONE = {
  duplicate: "is there already",
  enqueued: "added",
  replaced: "put in the place of an older one",
} as const;

function oneResult(
  backend: QueueBackend,
  queue: string,
  { id, status }: Enqueued,
): CommandResult {
  const words = tenantWords(backend.tenant);
  return {
    exit: EXIT.ok,
    text: `${id} ${DONE[status]}, queue ${queue}.\n` +
      `See: reeve queue status${words}`,
    json: {
      ...headOf(backend, queue),
      "added": status === "duplicate" ? 0 : 1,
      "jobs": [{ id, status }],
    },
  };
}
