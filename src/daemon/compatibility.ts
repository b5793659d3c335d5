/**
 * Whether a running daemon can be used by this program, and why not.
 *
 * @module
 */

import { compareVersions } from "../version.ts";

/** Version and protocol of one side. */
export interface Release {
  /** Package version. */
  readonly version: string;
  /** Protocol version. */
  readonly protocol: number;
}

/** What to do with a healthy running daemon. */
export type Compatibility =
  | { readonly action: "use"; readonly reason: "newer" | "same" }
  | {
    readonly action: "replace";
    readonly reason: "forced" | "older" | "older_protocol";
  }
  | { readonly action: "refuse"; readonly reason: "newer_protocol" };

/**
 * Compares ourselves with the daemon. A newer one is never pushed out unless
 * `isForced`: two installed versions would replace each other for ever.
 */
export function decideCompatibility(
  own: Release,
  running: Release,
  isForced: boolean,
): Compatibility {
  const order = compareVersions(running.version, own.version);
  const isSame = order === 0 && running.protocol === own.protocol;
  if (isForced && !isSame) return { action: "replace", reason: "forced" };
  if (running.protocol > own.protocol) {
    return { action: "refuse", reason: "newer_protocol" };
  }
  if (running.protocol < own.protocol) {
    return { action: "replace", reason: "older_protocol" };
  }
  if (order < 0) return { action: "replace", reason: "older" };
  return { action: "use", reason: order === 0 ? "same" : "newer" };
}
