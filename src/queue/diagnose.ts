/**
 * Checks every event that the server does not have yet, as the server would;
 * and what was not even captured because it was not valid.
 *
 * @module
 */

import type { Clock } from "../host/host.ts";
import { hashText } from "./envelope.ts";
import { findInvalid } from "./find_invalid.ts";
import {
  EVENT_STATES,
  type EventState,
  type FullEventRow,
  readEvents,
} from "./list_events.ts";
import type { Registry } from "./registry.ts";
import type { Store } from "./store.ts";

/** Events with one and the same thing wrong. */
export interface InvalidGroup {
  /** Their type. */
  readonly type: string;
  /** Field at fault; `[]` stands for any item of a list. */
  readonly field: string;
  /** What is wrong with it. */
  readonly rule: string;
  /** How many. */
  readonly count: number;
  /** Ids of the first few. */
  readonly examples: readonly string[];
}

/** What checking gave. */
export interface Diagnosis {
  /** Events that were checked. */
  readonly checked: number;
  /** Events that are not valid, the most frequent fault first. */
  readonly groups: readonly InvalidGroup[];
  /** Events of types that are not known here, which cannot be checked. */
  readonly unknownTypes: ReadonlyMap<string, number>;
  /** Entries of the quarantine; their examples are its numbers. */
  readonly quarantine: readonly InvalidGroup[];
}

/** States of events that the server does not have. */
export const UNDELIVERED: readonly EventState[] = EVENT_STATES.filter((state) =>
  state !== "delivered" && state !== "duplicate"
);

/** What is wrong with one event. */
export interface EventProblem {
  /** Field at fault. */
  readonly field: string;
  /** What is wrong with it. */
  readonly rule: string;
}

const CHUNK_ROWS = 200;
const EXAMPLES = 3;

/** Checks all of them, some at a time. */
export async function diagnose(
  host: { readonly clock: Pick<Clock, "sleep"> },
  store: Store,
  registry: Registry,
): Promise<Diagnosis> {
  const faults = new Groups();
  const unknownTypes = new Map<string, number>();
  let checked = 0;
  for (let after = 0;;) {
    const rows = readEvents(store, { states: UNDELIVERED }, {
      after,
      limit: CHUNK_ROWS,
    });
    for (const row of rows) {
      after = row.seq;
      if (!registry.has(row.type)) {
        unknownTypes.set(row.type, (unknownTypes.get(row.type) ?? 0) + 1);
        continue;
      }
      checked++;
      const problem = judgeStored(registry, row);
      if (problem !== undefined) faults.add(row.type, problem, row.event_id);
    }
    if (rows.length < CHUNK_ROWS) break;
    // Whoever listens for Ctrl-C gets a turn.
    await host.clock.sleep(0);
  }
  const quarantine = readQuarantine(store);
  return { checked, groups: faults.list(), unknownTypes, quarantine };
}

/** What is wrong with a stored event, if anything; pure. */
export function judgeStored(
  registry: Registry,
  { body, sha256 }: Pick<FullEventRow, "body" | "sha256">,
): EventProblem | undefined {
  if (body === null) return undefined;
  if (hashText(body) !== sha256) {
    return { field: "sha256", rule: "is not the hash of what is stored" };
  }
  try {
    return findInvalid(registry, body);
  } catch (error) {
    const isText = error instanceof SyntaxError || error instanceof TypeError;
    if (!isText) throw error;
    return { field: "event", rule: "must be a JSON object" };
  }
}

interface EntryRow {
  readonly [column: string]: string | number;
  readonly "q_id": number;
  readonly type: string;
  readonly field: string;
  readonly rule: string;
}

function readQuarantine({ db }: Store): readonly InvalidGroup[] {
  const groups = new Groups();
  const rows = db.all<EntryRow>(
    "SELECT q_id, type, field, rule FROM quarantine ORDER BY q_id",
  );
  for (const row of rows) groups.add(row.type, row, `${row.q_id}`);
  return groups.list();
}

interface Group extends InvalidGroup {
  count: number;
  readonly examples: string[];
}

/** Faults that differ in nothing but the event. */
class Groups {
  readonly #byKey = new Map<string, Group>();

  /** Counts one more. */
  add(type: string, problem: EventProblem, example: string): void {
    const { rule } = problem;
    const field = problem.field.replaceAll(/\[\d+\]/g, "[]");
    const key = JSON.stringify([type, field, rule]);
    let group = this.#byKey.get(key);
    if (group === undefined) {
      group = { type, field, rule, count: 0, examples: [] };
      this.#byKey.set(key, group);
    }
    group.count++;
    if (group.examples.length < EXAMPLES) group.examples.push(example);
  }

  /** The most frequent first. */
  list(): readonly InvalidGroup[] {
    return [...this.#byKey.values()].toSorted((a, b) => b.count - a.count);
  }
}
