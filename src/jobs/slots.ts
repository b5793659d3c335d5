/**
 * Room for jobs at the same time, shared fairly among those that ask for it:
 * the tenants of one process.
 *
 * @module
 */

/** One tenant's door to the shared room. */
export interface Slots {
  /** Slots this tenant may take now, up to `wanted`; they are taken. */
  take(wanted: number): number;
  /** Gives slots back. */
  free(count: number): void;
  /**
   * Settles when there may be a slot for this tenant, or on abort. One may be
   * kept for it then, so that whoever has waited must take, if only none.
   */
  wait(signal: AbortSignal): Promise<void>;
}
