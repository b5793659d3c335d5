/**
 * A server of the event protocol in a fake world, and a sign-in to it. It does
 * what a good server does until a test says otherwise.
 *
 * @module
 */

import type { WebReply, WebRequest } from "../../src/host/web.ts";
import type {
  Token,
  TokenProblem,
  TokenSource,
} from "../../src/sync/token_source.ts";
import { webReply } from "./fake_web.ts";

/** Where it is: on this machine, so that nothing is compressed. */
export const SERVER = "http://127.0.0.1:8080";

/** A sign-in to it. */
export const TOKEN: Token = {
  accessToken: "access-1",
  workspace: "acme",
  account: "ada",
  server: SERVER,
};

/** A sign-in that a test changes. */
export class FakeTokens implements TokenSource {
  /** What is given now. */
  given: Token | TokenProblem = TOKEN;
  /** What refreshing gives. @default the next token of the same person */
  next: (rejected: string) => Token | TokenProblem = () => ({
    ...TOKEN,
    accessToken: `access-${this.refreshed.length + 1}`,
  });
  /** How often somebody has asked for a token. */
  asked = 0;
  /** Every token that was rejected. */
  readonly refreshed: string[] = [];

  current(): Promise<Token | TokenProblem> {
    this.asked++;
    return Promise.resolve(this.given);
  }

  refresh(rejected: string): Promise<Token | TokenProblem> {
    this.refreshed.push(rejected);
    this.given = this.next(rejected);
    return Promise.resolve(this.given);
  }
}

/** One request with events. */
export interface SentBatch {
  /** Ids of its events, in order. */
  readonly ids: readonly string[];
  /** Its body. */
  readonly text: string;
  /** Its headers. */
  readonly headers: Readonly<Record<string, string>>;
  /** Ends when the client gives up. */
  readonly signal: AbortSignal | undefined;
}

/** What a server says about one event. */
export interface PlayedResult {
  readonly "event_id": string;
  readonly status: string;
  readonly code?: string;
  readonly error?: string;
}

/** A server that a test changes. */
export class FakeReceiver {
  /** Bodies that are stored, by id. */
  readonly stored = new Map<string, string>();
  /** Every request with events, in order. */
  readonly batches: SentBatch[] = [];
  /** How many events came again after they had been stored. */
  duplicates = 0;
  /** How often it was asked for its limits. */
  asked = 0;
  /** What it says about itself. @default nothing */
  limits: Readonly<Record<string, unknown>> | undefined;
  /** Answers a batch. */
  answer: (batch: SentBatch) => WebReply | Promise<WebReply>;

  /** Creates a server that stores everything. */
  constructor() {
    this.answer = (batch) => this.store(batch);
  }

  /** Answers every request, as a fake web has it. */
  readonly respond = (
    request: WebRequest,
  ): WebReply | Promise<WebReply> => {
    const { pathname } = new URL(request.url);
    if (pathname === "/api/v1/sync/health/") {
      this.asked++;
      return this.limits === undefined
        ? webReply(404)
        : webReply(200, this.limits);
    }
    if (pathname !== "/api/v1/events/batch/") return webReply(404);
    const batch = readBatch(request);
    this.batches.push(batch);
    return this.answer(batch);
  };

  /** Ids of every batch, each in a line. */
  get lines(): readonly string[] {
    return this.batches.map(({ ids }) => ids.join(" "));
  }

  /** Stores all events, except those that a test has other words for. */
  store(
    batch: SentBatch,
    words: (id: string) => Omit<PlayedResult, "event_id"> | undefined = () =>
      undefined,
  ): WebReply {
    const results = batch.ids.map((id, index): PlayedResult => {
      const other = words(id);
      if (other !== undefined) return { "event_id": id, ...other };
      const status = this.stored.has(id) ? "duplicate" : "success";
      if (status === "duplicate") this.duplicates++;
      this.stored.set(id, bodiesOf(batch)[index] ?? "");
      return { "event_id": id, status };
    });
    return webReply(200, { results, "max_lamport": {} });
  }

  /** Refuses a batch as a whole when one of these events is in it. */
  refuse(culprits: readonly string[], status = 400): void {
    const isCulprit = new Set(culprits);
    this.answer = (batch) =>
      batch.ids.some((id) => isCulprit.has(id))
        ? webReply(status, { error: { code: "schema_mismatch" } })
        : this.store(batch);
  }
}

function bodiesOf({ text }: SentBatch): readonly string[] {
  return JSON.parse(text).events.map((event: unknown) => JSON.stringify(event));
}

function readBatch({ body, headers = {}, signal }: WebRequest): SentBatch {
  const text = typeof body === "string"
    ? body
    : new TextDecoder().decode(body ?? new Uint8Array());
  const ids = JSON.parse(text).events.map(
    (event: { readonly "event_id": string }) => event.event_id,
  );
  return { ids, text, headers, signal };
}
