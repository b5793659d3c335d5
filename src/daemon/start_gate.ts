/**
 * Whether a program may start the daemon at all: the first row that matches
 * wins.
 *
 * @module
 */

/** What the asking program needs: only local work, or the server too. */
export type DaemonIntent = "local_only" | "remote_required";

/** Whether the daemon may be started in the background. */
export type BackgroundDaemonPolicy = "auto" | "manual" | "off";

/** What decides. */
export interface StartGateFacts {
  /** What the asking program needs. */
  readonly intent: DaemonIntent;
  /** Whether a person asked for the daemon by name. */
  readonly isExplicit: boolean;
  /** Value of `REEVE_SYNC_DISABLE`. */
  readonly syncDisable: string | undefined;
  /** Value of `REEVE_SYNC_MINIMAL_IMPORT`. */
  readonly syncMinimalImport: string | undefined;
  /** Value of `REEVE_ENABLE_SAAS_SYNC`. */
  readonly enableSaasSync: string | undefined;
  /** The person's setting. */
  readonly policy: BackgroundDaemonPolicy;
}

/** Open, or closed and why. */
export type StartGate =
  | { readonly kind: "open" }
  | { readonly kind: "closed"; readonly reason: string };

/** Decides whether the daemon may be started. */
export function decideStartGate(facts: StartGateFacts): StartGate {
  const closed = (reason: string): StartGate => ({ kind: "closed", reason });
  if (!facts.isExplicit && isTruthy(facts.syncDisable)) {
    return closed("REEVE_SYNC_DISABLE is set");
  }
  if (!facts.isExplicit && isTruthy(facts.syncMinimalImport)) {
    return closed("REEVE_SYNC_MINIMAL_IMPORT is set");
  }
  if (!isTruthy(facts.enableSaasSync)) return closed("rollout_disabled");
  if (facts.intent === "local_only") return closed("intent_local_only");
  if (facts.policy !== "auto") return closed(`policy_${facts.policy}`);
  return { kind: "open" };
}

/** `1`, `true`, `yes`, `y` and `on` in any case are true. */
export function isTruthy(text: string | undefined): boolean {
  return /^(?:1|true|yes|y|on)$/i.test(text?.trim() ?? "");
}
