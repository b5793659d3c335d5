/**
 * How much a tenant may keep.
 *
 * @module
 */

/** Limits of one tenant, over jobs that are neither completed nor dead. */
export interface JobLimits {
  /** Most jobs. */
  readonly maxJobs: number;
  /** Most bytes of their data. */
  readonly maxBytes: number;
}

/** What a tenant may keep when nobody has said otherwise. */
export const DEFAULT_LIMITS: JobLimits = {
  maxJobs: 100_000,
  maxBytes: 256 * 1024 * 1024,
};
