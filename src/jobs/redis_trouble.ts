/**
 * What an error of the Redis client means, for people and programs.
 *
 * @module
 */

import type { NotReadyCode } from "./readiness.ts";

/** Why Redis did not do what was asked. */
export interface Trouble {
  /** For programs. */
  readonly code: NotReadyCode;
  /** For people, as a sentence; never holds a secret. */
  readonly detail: string;
  /** What to do. */
  readonly hint: string;
}

const REACH: Omit<Trouble, "detail"> = {
  code: "QUEUE_REDIS_UNREACHABLE",
  hint: "Start Redis, or correct queue.redis_url.",
};

const NOT_REDIS: Trouble = {
  code: "QUEUE_REDIS_NOT_REDIS",
  detail: "What answers there is not Redis.",
  hint: "Correct the address; rediss:// is only for a port with TLS.",
};

/** Beginnings of answers that Redis gives, and what they mean. */
const ANSWERS: readonly (readonly [RegExp, Trouble])[] = [
  [/^(?:WRONGPASS|ERR invalid password)/, {
    code: "QUEUE_REDIS_AUTH",
    detail: "Redis does not take the user or the password.",
    hint: "Correct the password of the queue.",
  }],
  [/^NOAUTH|^ERR operation not permitted/, {
    code: "QUEUE_REDIS_AUTH",
    detail: "Redis wants a password and there is none.",
    hint: "Give the queue the password of Redis.",
  }],
  [/called without any password configured/, {
    code: "QUEUE_REDIS_AUTH",
    detail: "There is a password for a Redis that has none.",
    hint: "Take the password away, or set requirepass in Redis.",
  }],
  [/^NOPERM/, {
    code: "QUEUE_REDIS_AUTH",
    detail: "Redis does not let this user do what the queue needs.",
    hint: "Give the user all commands for keys that begin with reeve:.",
  }],
  [/^ERR (?:DB index is out of range|invalid DB index)/, {
    code: "QUEUE_REDIS_AUTH",
    detail: "Redis has no database of this number.",
    hint: "Correct the number at the end of the address.",
  }],
  [/^DENIED/, {
    code: "QUEUE_REDIS_AUTH",
    detail: "Redis is in protected mode and refuses other machines.",
    hint: "Set a password in Redis, or bind it to an address.",
  }],
  [/^LOADING|^BUSY |^MASTERDOWN/, {
    code: "QUEUE_REDIS_LOADING",
    detail: "Redis is busy and does not answer questions yet.",
    hint: "Wait until it has finished.",
  }],
  [/^READONLY|^NOREPLICAS/, {
    code: "QUEUE_REDIS_READONLY",
    detail: "This Redis does not take writes.",
    hint: "Use the address of the primary server.",
  }],
  [/^MISCONF/, {
    code: "QUEUE_REDIS_READONLY",
    detail: "Redis takes no writes because it cannot save its data to disk.",
    hint: "Look into the log of Redis; its disk may be full.",
  }],
  [/^OOM|^EXECABORT/, {
    code: "QUEUE_REDIS_FULL",
    detail: "The memory of Redis is full.",
    hint: "Raise maxmemory, or run the jobs that wait.",
  }],
  [/^(?:ERR max number of clients|ERR unknown command)/, {
    code: "QUEUE_REDIS_UNREACHABLE",
    detail: "Redis refuses this client.",
    hint: "Look into the log of Redis.",
  }],
  [/^(?:Unknown RESP type|Protocol error)/i, NOT_REDIS],
];

/** Codes of the machine's network and what they mean, as a sentence. */
const NETWORK: ReadonlyMap<string, string> = new Map([
  ["EACCES", "This machine does not allow the connection."],
  ["ECONNREFUSED", "Nothing listens at this address."],
  ["ECONNRESET", "The connection was cut."],
  ["EHOSTUNREACH", "This machine finds no way to the host."],
  ["ENETUNREACH", "This machine finds no way to the host."],
  ["ENOTFOUND", "The name of the host is not known."],
  ["EAI_AGAIN", "The name of the host is not known."],
  ["EPIPE", "The connection was cut."],
  ["ETIMEDOUT", "There was no answer in time."],
]);

function textOf(error: unknown): { message: string; code: string } {
  if (!(error instanceof Error)) return { message: String(error), code: "" };
  const code: unknown = Reflect.get(error, "code");
  return { message: error.message, code: typeof code === "string" ? code : "" };
}

/** Whether an error is an answer of Redis rather than a broken connection. */
export function isAnswer(error: unknown): boolean {
  return error instanceof Error && error.name === "ReplyError";
}

/**
 * Whether the memory was full.
 *
 * A script hands the answer on with the place it was given, and a transaction
 * says only that one of its commands was refused.
 */
export function isOutOfMemory(error: unknown): boolean {
  return /\bOOM\b|^EXECABORT/.test(textOf(error).message);
}

/** Explains an error of the client; `undefined` is one that we do not know. */
export function explainTrouble(error: unknown): Trouble | undefined {
  const { message, code } = textOf(error);
  if (error instanceof TypeError || error instanceof RangeError) {
    return undefined;
  }
  if (isOutOfMemory(error)) {
    return ANSWERS.find(([shape]) => shape.test("OOM"))?.[1];
  }
  for (const [shape, trouble] of ANSWERS) {
    if (shape.test(message)) return trouble;
  }
  if (/certificate|\bTLS\b|\bSSL\b|handshake|InvalidData/i.test(message)) {
    return {
      ...REACH,
      detail: "The encrypted connection could not be made.",
      hint: "Check that the port speaks TLS and that its certificate is " +
        "trusted here.",
    };
  }
  const network = NETWORK.get(code);
  if (network !== undefined) return { ...REACH, detail: network };
  return isAnswer(error) ? undefined : {
    ...REACH,
    detail: /timed? ?out/i.test(message)
      ? "There was no answer in time."
      : "There is no connection.",
  };
}
