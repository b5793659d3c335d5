/** A plain client of the event protocol, for tests of the receiver. */

import type { StartedReceiver } from "#support/receiver.ts";

/** Project that test events belong to. */
export const PROJECT = "6f1c3c1e-6c2b-4f0e-9a55-0d6f3a1b2c3d";
/** Node that test events come from. */
export const NODE = "0123456789abcdef0123456789abcdef";

const LETTERS = "0123456789ABCDEFGHJKMNPQRSTVWXYZ";

/** An event on its way. */
export type Event = Record<string, unknown> & { readonly "event_id": string };

/** What a server answered. */
export interface Answer {
  readonly status: number;
  readonly headers: Headers;
  readonly text: string;
  // deno-lint-ignore no-explicit-any
  readonly json: any;
}

/** A fresh ULID. */
export function ulid(): string {
  const bytes = crypto.getRandomValues(new Uint8Array(16));
  return "01J" +
    [...bytes].map((byte) => LETTERS[byte % 32]).join("") +
    [...bytes].slice(0, 7).map((byte) => LETTERS[byte >> 3]).join("");
}

/** A sound event, but for what is changed. */
export function makeEvent(
  lamport = 1,
  changes: Readonly<Record<string, unknown>> = {},
): Event {
  return {
    "aggregate_id": `WP${lamport}`,
    "aggregate_type": "WorkPackage",
    "build_id": "11111111-2222-5333-8444-555555555555",
    "causation_id": null,
    "clock_epoch": 1,
    "correlation_id": ulid(),
    "event_id": ulid(),
    "event_type": "TaskMoved",
    "git_branch": "main",
    "head_commit_sha": null,
    "lamport_clock": lamport,
    "node_id": NODE,
    "payload": { from: "planned", title: "Öl & <b>", to: "doing" },
    "project_slug": "demo",
    "project_uuid": PROJECT,
    "repo_slug": null,
    "schema_version": "3.0.0",
    "team_slug": null,
    "timestamp": "2026-01-02T03:04:05.678Z",
    ...changes,
  };
}

/** Several sound events. */
export function makeEvents(count: number): Event[] {
  return Array.from({ length: count }, (_, at) => makeEvent(at + 1));
}

/** The headers of a request with a session. */
export function headersOf(
  started: Pick<StartedReceiver, "token" | "workspace">,
): Record<string, string> {
  return {
    "authorization": `Bearer ${started.token}`,
    "content-type": "application/json",
    "user-agent": "reeve/0.1.0",
    "x-reeve-sync-protocol": "3.0",
    "x-reeve-workspace": started.workspace,
  };
}

/** Asks one thing; no redirect is followed. */
export async function ask(
  url: string,
  init: RequestInit = {},
): Promise<Answer> {
  const response = await fetch(url, { redirect: "manual", ...init });
  const text = await response.text();
  return {
    status: response.status,
    headers: response.headers,
    text,
    get json() {
      return JSON.parse(text);
    },
  };
}

/** Posts JSON with the headers of a session. */
export async function post(
  started: Pick<StartedReceiver, "token" | "workspace" | "url">,
  path: string,
  body: unknown,
  headers: Readonly<Record<string, string>> = {},
): Promise<Answer> {
  return await ask(started.url + path, {
    method: "POST",
    body: JSON.stringify(body),
    headers: { ...headersOf(started), ...headers },
  });
}

/** Sends a batch. */
export async function send(
  started: Pick<StartedReceiver, "token" | "workspace" | "url">,
  events: readonly unknown[],
  headers: Readonly<Record<string, string>> = {},
): Promise<Answer> {
  return await post(started, "/api/v1/events/batch/", { events }, headers);
}

/** Asks something with the headers of a session. */
export async function get(
  started: Pick<StartedReceiver, "token" | "workspace" | "url">,
  path: string,
): Promise<Answer> {
  return await ask(started.url + path, { headers: headersOf(started) });
}

/** The statuses of an answer to a batch, in its order. */
export function statuses(answer: Answer): readonly string[] {
  return answer.json.results.map((result: { status: string }) => result.status);
}

/** Packs a text as gzip. */
export async function gzip(text: string): Promise<Uint8Array<ArrayBuffer>> {
  const stream = new Blob([text]).stream()
    .pipeThrough(new CompressionStream("gzip"));
  return new Uint8Array(await new Response(stream).arrayBuffer());
}

/** SHA-256 of a text, in hexadecimal. */
export async function sha256(text: string): Promise<string> {
  const bytes = new TextEncoder().encode(text);
  return new Uint8Array(await crypto.subtle.digest("SHA-256", bytes)).toHex();
}
