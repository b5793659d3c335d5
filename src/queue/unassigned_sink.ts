/**
 * Keeps events of a directory that is no project yet; they come into the queue
 * with the first event after it has become one.
 *
 * @module
 */

import type { Draft } from "./envelope.ts";
import type { EmitOutcome } from "./event.ts";
import type { EventSink, Rejected } from "./event_sink.ts";
import { spillTo } from "./sink_outcome.ts";
import type { QueueHost } from "./store.ts";

/** The overflow file of a directory without a project identity. */
export class UnassignedSink implements EventSink {
  readonly #host: Pick<QueueHost, "blocking">;
  readonly #path: string;
  #isClosed = false;

  /** Makes a sink over one file, which is made with the first event. */
  constructor(host: Pick<QueueHost, "blocking">, path: string) {
    this.#host = host;
    this.#path = path;
  }

  capture(drafts: readonly Draft[]): readonly EmitOutcome[] {
    if (this.#isClosed) {
      const detail = "the emitter is closed";
      return drafts.map(() => ({ kind: "failed", reason: "closed", detail }));
    }
    const reason = "identity_missing";
    return spillTo(this.#host, this.#path, { drafts, reason });
  }

  quarantine({ problem }: Rejected): EmitOutcome {
    const { reason, field, rule } = problem;
    return { kind: "quarantined", reason, field, rule };
  }

  close(): void {
    this.#isClosed = true;
  }
}
