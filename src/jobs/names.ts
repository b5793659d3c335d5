/**
 * What tenants, queues and jobs may be called.
 *
 * @module
 */

import { KnownError } from "../errors.ts";

/** Whose the jobs are where nobody speaks of tenants. */
export const DEFAULT_TENANT = "_default";

/** Longest text that a message repeats. */
const SHOWN_CHARACTERS = 80;

const TENANT = /^[a-z0-9](?:[a-z0-9-]{0,61}[a-z0-9])?$/;
const QUEUE = /^[a-z0-9][a-z0-9._-]{0,62}$/;
const JOB_ID = /^[A-Za-z0-9][A-Za-z0-9._-]{0,127}$/;
const DIGITS = /^[0-9]+$/;

/** Which ids a job may have, for people. */
export const JOB_ID_RULE =
  "1 to 128 letters, digits, dots, hyphens and underscores that begin with a letter or digit and are not only digits";

/** Whether a text may name a tenant; {@linkcode DEFAULT_TENANT} may not. */
export function isTenantId(text: string): boolean {
  return TENANT.test(text);
}

/**
 * The tenant that a setting means; nothing means {@linkcode DEFAULT_TENANT}.
 *
 * @throws {KnownError} when the text may not name a tenant.
 */
export function tenantOf(text: string | undefined): string {
  if (text === undefined || text === "") return DEFAULT_TENANT;
  if (isTenantId(text)) return text;
  if (text === DEFAULT_TENANT) {
    throw new KnownError(
      "usage",
      `Cannot use the tenant ${DEFAULT_TENANT}: the name is reserved for work without a tenant`,
      { hint: "Leave the tenant out." },
    );
  }
  throw new KnownError(
    "usage",
    `Cannot use the tenant ${quote(text)}: a tenant has 1 to 63 ` +
      "lower-case letters, digits and hyphens, with no hyphen at either end",
    { hint: "Choose another name, or leave the tenant out." },
  );
}

/** Whether a text may name a queue. */
export function isQueueName(text: string): boolean {
  return QUEUE.test(text);
}

/**
 * Proves that a text may name a queue.
 *
 * @throws {KnownError} when it may not.
 */
export function checkQueueName(text: string): void {
  if (isQueueName(text)) return;
  throw new KnownError(
    "usage",
    `Cannot use the queue ${quote(text)}: a queue has 1 to 63 lower-case ` +
      "letters, digits, dots, hyphens and underscores, of which the first is a letter or digit",
    { hint: "Choose another name for the queue, such as mail.send." },
  );
}

/** Whether a text may be a job's id; BullMQ refuses ids of digits alone. */
export function isJobId(text: string): boolean {
  return JOB_ID.test(text) && !DIGITS.test(text);
}

/** A text for a message: in quotes, on one line, not too long. */
export function quote(text: string): string {
  const isLong = text.length > SHOWN_CHARACTERS;
  return JSON.stringify(
    isLong ? `${text.slice(0, SHOWN_CHARACTERS)}…` : text,
  );
}
