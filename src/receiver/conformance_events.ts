/**
 * Events that the conformance suite sends. They go to a project that nobody
 * else has, a new one for each check.
 *
 * @module
 */

import type { Clock, Random } from "../host/host.ts";
import { formatCanonical } from "./canonical_json.ts";

/** An event on its way. */
export interface TestEvent {
  /** Its id. */
  readonly id: string;
  /** Its clock. */
  readonly lamport: number;
  /** Its canonical JSON, or what takes its place. */
  readonly text: string;
}

/** Makes the events of one check. */
export interface EventMaker {
  /** Project that they belong to. */
  readonly project: string;
  /** Node that they come from. */
  readonly node: string;
  /** Makes an event; keys may be changed. */
  readonly make: (changes?: Readonly<Record<string, unknown>>) => TestEvent;
  /** Makes several. */
  readonly several: (
    count: number,
    changes?: Readonly<Record<string, unknown>>,
  ) => readonly TestEvent[];
}

const LETTERS = "0123456789ABCDEFGHJKMNPQRSTVWXYZ";
const TIME_LETTERS = 10;

/** A ULID: ten letters of time, sixteen of chance. */
export function makeUlid(now: number, hex: string): string {
  let left = now;
  let time = "";
  for (let at = 0; at < TIME_LETTERS; at++) {
    time = LETTERS.charAt(left % 32) + time;
    left = Math.floor(left / 32);
  }
  const chance = hex.match(/../g)?.slice(0, 16) ?? [];
  const letters = chance.map((byte) => LETTERS.charAt(parseInt(byte, 16) % 32));
  return time + letters.join("");
}

/** A random UUID, version 4. */
export function makeUuid(hex: string): string {
  return [
    hex.slice(0, 8),
    hex.slice(8, 12),
    `4${hex.slice(13, 16)}`,
    `8${hex.slice(17, 20)}`,
    hex.slice(20, 32),
  ].join("-");
}

/** Makes the events of one check, all of a new project and node. */
export function makeEvents(
  host: { readonly clock: Clock; readonly random: Random },
): EventMaker {
  const ulid = () => makeUlid(host.clock.now(), host.random.hex(16));
  const node = host.random.hex(16);
  const project = makeUuid(host.random.hex(16));
  const build = makeUuid(host.random.hex(16));
  let last = 0;
  const make: EventMaker["make"] = (changes = {}) => {
    const id = ulid();
    const event = {
      ...plainEvent(++last),
      "build_id": build,
      "correlation_id": id,
      "event_id": id,
      "node_id": node,
      "project_uuid": project,
      "timestamp": new Date(host.clock.now()).toISOString(),
      ...changes,
    };
    const text = formatCanonical(event, "unsorted");
    return { id: event.event_id, lamport: event.lamport_clock, text };
  };
  return {
    project,
    node,
    make,
    several: (count, changes) =>
      Array.from({ length: count }, () => make(changes)),
  };
}

function plainEvent(lamport: number) {
  return {
    "aggregate_id": `server-check-${lamport}`,
    "aggregate_type": "ServerCheck",
    "causation_id": null,
    "clock_epoch": 1,
    "event_type": "ServerChecked",
    "git_branch": null,
    "head_commit_sha": null,
    "lamport_clock": lamport,
    "payload": { text: "Sent by reeve server check; Grüße, 日本" },
    "project_slug": "reeve-server-check",
    "repo_slug": null,
    "schema_version": "3.0.0",
    "team_slug": null,
  };
}

/** The same event with other content. */
export function altered(event: TestEvent): TestEvent {
  const text = event.text.replace("Sent by", "Altered by");
  return { ...event, text };
}
