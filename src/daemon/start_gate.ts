/**
 * Whether a program may start the daemon at all: the first row that matches
 * wins.
 *
 * @module
 */

/** What the asking program needs: only local work, or the server too. */
export type DaemonIntent = "local_only" | "remote_required";

/** Whether the daemon may be started in the background. */
export type BackgroundDaemonPolicy = "auto" | "manual";

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
  if (facts.policy === "manual") return closed("policy_manual");
  return { kind: "open" };
}

/** `1`, `true`, `yes`, `y` and `on` in any case are true. */
export function isTruthy(text: string | undefined): boolean {
  return /^(?:1|true|yes|y|on)$/i.test(text?.trim() ?? "");
}

/** A policy as written, or why it cannot be used. */
export type PolicyReading =
  | { readonly kind: "policy"; readonly policy: BackgroundDaemonPolicy }
  | {
    readonly kind: "warning";
    readonly policy: BackgroundDaemonPolicy;
    readonly message: string;
  }
  | { readonly kind: "error"; readonly message: string };

/** Reads the policy: missing is `auto`, an unknown one is `auto` with a word. */
export function readPolicy(value: unknown): PolicyReading {
  if (value === undefined) return { kind: "policy", policy: "auto" };
  if (value === "") {
    return {
      kind: "error",
      message: "it is empty",
    };
  }
  const word = typeof value === "string" ? value.trim().toLowerCase() : "";
  if (word === "auto" || word === "manual") {
    return { kind: "policy", policy: word };
  }
  return {
    kind: "warning",
    policy: "auto",
    message: `is ${JSON.stringify(value)}, which is neither auto nor manual; ` +
      "auto is used",
  };
}
