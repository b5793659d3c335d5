/**
 * The work that a daemon does beside answering its control plane. The daemon
 * knows when to ask for it and when it keeps the daemon alive; another part
 * knows what it is.
 *
 * @module
 */

/** How the work goes, for the health answer. */
export interface BodyHealth {
  /** Whether it is done at all. */
  readonly isRunning: boolean;
  /** When it was last done with success, in epoch milliseconds. */
  readonly lastSyncAt: number | undefined;
  /** Failures in a row. */
  readonly failures: number;
  /** State of the WebSocket, in a word. */
  readonly socket: string;
}

/** The work of a daemon. */
export interface DaemonBody {
  /** Begins. */
  start(): void;
  /** Ends within a few seconds; what is under way is done again later. */
  stop(): Promise<void>;
  /** Whether something is under way, or waits and can be done. */
  hasWork(): boolean;
  /** Time of the last work, as elapsed milliseconds. */
  lastWorkAt(): number;
  /** Asks for work soon, in one project or in all. */
  trigger(project: string | undefined): void;
  /** Delivers one stored event now if that is quick, else soon. */
  publish(
    event: { readonly project: string; readonly id: string },
  ): Promise<"published" | "queued">;
  /** How it goes. */
  health(): BodyHealth;
}
