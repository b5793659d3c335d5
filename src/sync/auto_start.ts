/**
 * Whether a program may start networking by itself: the first row that matches
 * wins. Whether data may leave is another question, which consent answers.
 *
 * @module
 */

/** What decides. */
export interface AutoStartFacts {
  /** Whether `REEVE_SYNC_DISABLE` is set. */
  readonly isDisabled: boolean;
  /** What the program says that it needs. */
  readonly intent: "local_only" | "remote";
  /** Whether there is a project around the working directory. */
  readonly hasProject: boolean;
  /** What is wrong with the settings that decide, if anything. */
  readonly configFault: string | undefined;
  /** `sync.auto_start`, if somebody has set it. */
  readonly autoStart: boolean | undefined;
  /** Whether the project has opted in. */
  readonly hasConsent: boolean;
}

/** Why networking may start or not. */
export type AutoStartReason =
  | "config_fault"
  | "config_off"
  | "config_on"
  | "default_on"
  | "env_disabled"
  | "intent_local_only"
  | "no_consent"
  | "no_project";

/** The decision. */
export interface AutoStart {
  /** Whether networking may start. */
  readonly isAllowed: boolean;
  /** Why. */
  readonly reason: AutoStartReason;
  /** More about it, for people. */
  readonly detail: string;
}

/** Decides. */
export function decideAutoStart(facts: AutoStartFacts): AutoStart {
  const deny = (reason: AutoStartReason, detail: string): AutoStart => ({
    isAllowed: false,
    reason,
    detail,
  });
  const allow = (reason: AutoStartReason, detail: string): AutoStart => ({
    isAllowed: true,
    reason,
    detail,
  });
  if (facts.isDisabled) {
    return deny("env_disabled", "REEVE_SYNC_DISABLE is set");
  }
  if (facts.intent === "local_only") {
    return deny("intent_local_only", "the program only works locally");
  }
  if (!facts.hasProject) {
    return deny("no_project", "the directory is not a project yet");
  }
  if (facts.configFault !== undefined) {
    return deny("config_fault", facts.configFault);
  }
  if (facts.autoStart === false) {
    return deny("config_off", "sync.auto_start is false");
  }
  if (facts.autoStart === true) {
    return allow("config_on", "sync.auto_start is true");
  }
  if (!facts.hasConsent) {
    return deny("no_consent", "the project has not opted in");
  }
  return allow("default_on", "the project has opted in");
}
