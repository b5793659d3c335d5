/**
 * What was asked of the receiver, for tests that count it.
 *
 * @module
 */

/** One request, or one frame of a socket. */
export interface LoggedRequest {
  /** When it came, in epoch milliseconds. */
  readonly at: number;
  /** Method; `FRAME` for a frame. */
  readonly method: string;
  /** Path without query; the type of a frame. */
  readonly path: string;
  /** Headers by lowercase name, without the authorization. */
  readonly headers: Readonly<Record<string, string>>;
  /** Status of the answer; `undefined` while there is none. */
  status: number | undefined;
  /** Ids of the events that it brought, in their order. */
  ids: readonly string[];
}

/** The newest requests, oldest first. */
export interface RequestLog {
  /** Every request that is remembered. */
  readonly all: () => readonly LoggedRequest[];
  /** Those that brought a batch. */
  readonly batches: () => readonly LoggedRequest[];
  /** Adds one. */
  readonly add: (
    at: number,
    method: string,
    path: string,
    headers?: Readonly<Record<string, string>>,
  ) => LoggedRequest;
  /** Forgets all. */
  readonly clear: () => void;
}

/** Path of the batch endpoint. */
export const BATCH_PATH = "/api/v1/events/batch/";

/** Makes a log that remembers so many requests. */
export function createRequestLog(limit: number): RequestLog {
  let entries: LoggedRequest[] = [];
  return {
    all: () => entries,
    batches: () => entries.filter(({ path }) => path === BATCH_PATH),
    add(at, method, path, headers = {}) {
      const entry = { at, method, path, headers, status: undefined, ids: [] };
      entries.push(entry);
      if (entries.length > 2 * limit) entries = entries.slice(-limit);
      return entry;
    },
    clear: () => void (entries = []),
  };
}

/** The headers of a request that may be shown. */
export function shownHeaders(headers: Headers): Record<string, string> {
  const shown = Object.fromEntries(headers);
  delete shown["authorization"];
  delete shown["cookie"];
  return shown;
}
