/**
 * What a pass of delivery takes.
 *
 * @module
 */

import type { Host } from "../host/host.ts";
import type { QueueLimits } from "../queue/capacity.ts";
import type { ClaimedEvent } from "../queue/claim.ts";
import type { LeaseRole } from "../queue/lease.ts";
import type { Settlement } from "../queue/settle.ts";
import type { QueueHost } from "../queue/store.ts";
import type { BatchSize } from "./batch_size.ts";
import type { PassReport } from "./pass_report.ts";
import type { TokenSource } from "./token_source.ts";

/** What delivery needs of the world. */
export type DrainHost =
  & QueueHost
  & Pick<Host, "clock" | "env" | "files" | "web">;

/** How to deliver. */
export interface DrainOptions {
  /** Who delivers. */
  readonly role: LeaseRole;
  /** How long to wait for another one who delivers, in milliseconds. */
  readonly leaseWaitMs: number;
  /** Whether a person waits: parked events and open circuits are tried. */
  readonly isAsked: boolean;
  /** Gives tokens. */
  readonly tokens: TokenSource;
  /** Most that one request may hold. */
  readonly size: BatchSize;
  /** Limits of the queue, for what comes in from the overflow file. */
  readonly limits: QueueLimits;
  /**
   * How long bodies of delivered events are kept, in milliseconds; older ones
   * go at the end of the pass. @default for ever
   */
  readonly keepBodiesMs?: number;
  /** Whether the server may be asked for its limits first. @default true */
  readonly asksLimits?: boolean;
  /** Ends the pass early; what is in flight is sent again later. */
  readonly signal?: AbortSignal;
  /** Longest time for the pass, in milliseconds. @default no limit */
  readonly deadlineMs?: number;
  /** Most batches. @default no limit */
  readonly maxBatches?: number;
  /** Most events. @default no limit */
  readonly maxEvents?: number;
  /** An open WebSocket, for few events; all else goes by HTTP. */
  readonly live?: LivePublisher;
  /** What is wrong with an event by our own rules, if anything. */
  readonly findInvalid?: (event: ClaimedEvent) => string | undefined;
  /** Told after each batch. */
  readonly onProgress?: (report: Readonly<PassReport>) => void;
}

/** Sends events one by one over an open connection. */
export interface LivePublisher {
  /** Whether it can be used now. */
  readonly isOpen: boolean;
  /** Whom it is connected to, while it is. */
  readonly target: {
    readonly url: string;
    readonly workspace: string | null | undefined;
    readonly account: string | null;
  } | undefined;
  /** Sends events; one without an answer has the verdict `unsent`. */
  publish(events: readonly ClaimedEvent[]): Promise<readonly Settlement[]>;
}
