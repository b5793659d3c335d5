/**
 * What is wrong with the sign-in as far as delivery needs it. Decided on the
 * facts alone.
 *
 * @module
 */

import type { SessionFacts } from "./session_facts.ts";
import { isUnknown, type SignInFacts, type SyncFacts } from "./sync_facts.ts";
import { doing, quote, type Remedy, type SyncFinding } from "./sync_finding.ts";

/** Lists what is wrong with the sign-in. */
export function signInFindings(facts: SyncFacts): readonly SyncFinding[] {
  const { signIn, settings } = facts;
  if (isUnknown(signIn)) return [];
  if (settings.mode === "external") return externalFindings(signIn);
  if (settings.mode !== "teamspace") return [];
  if (signIn.isEnvDamaged) return [DAMAGED_VARIABLE];
  const { session } = signIn;
  if (session?.hasEnvToken) return [envFinding(session)];
  if (session === undefined || session.state === "none") {
    return [notSignedIn(facts)];
  }
  return [...storedFindings(facts, session), ...fitFindings(facts, session)];
}

const DAMAGED_VARIABLE: SyncFinding = {
  id: "S-027",
  check: "sign_in",
  severity: "error",
  summary: "REEVE_TOKEN holds no token.",
  remediation: doing("unset REEVE_TOKEN", "Uses the stored sign-in."),
};

/** A broken sign-in is only bad where something may leave. */
function badness({ queue, settings }: SyncFacts): "error" | "info" {
  const isIn = queue.kind === "open" && queue.consent.openEpoch > 0;
  return isIn && settings.serverUrl !== undefined ? "error" : "info";
}

function externalFindings(signIn: SignInFacts): readonly SyncFinding[] {
  if (signIn.hasExternalToken) return [];
  const name = signIn.externalVariable;
  return [{
    id: "S-028",
    check: "sign_in",
    severity: "error",
    summary: name === null
      ? "No variable is named that holds the token for the receiver."
      : `${name} is not set: it holds the token for the receiver.`,
    remediation: name === null
      ? doing(
        "reeve config set sync.external.auth_env NAME",
        "Names the variable.",
      )
      : doing(`export ${name}=TOKEN`, "Sets it."),
  }];
}

function envFinding({ state }: SessionFacts): SyncFinding {
  const wins = state !== "none";
  return {
    id: "S-026",
    check: "sign_in",
    severity: wins ? "warn" : "info",
    summary: wins
      ? "REEVE_TOKEN wins over the stored sign-in."
      : "REEVE_TOKEN signs the requests.",
    remediation: doing("unset REEVE_TOKEN", "Uses the stored sign-in, if any."),
  };
}

const WAITS = "Events wait on this machine until you sign in.";

function notSignedIn(facts: SyncFacts): SyncFinding {
  const { serverUrl } = facts.settings;
  return {
    id: "S-020",
    check: "sign_in",
    severity: badness(facts),
    summary: serverUrl === undefined
      ? "Not signed in."
      : `Not signed in to ${serverUrl}.`,
    remediation: serverUrl === undefined
      ? doing("reeve auth login --server URL", WAITS)
      : doing("reeve auth login", WAITS),
  };
}

function storedFindings(
  facts: SyncFacts,
  { state, summary, problem }: SessionFacts,
): readonly SyncFinding[] {
  const check = "sign_in";
  if (problem !== undefined) {
    return [{
      id: "S-023",
      check,
      severity: badness(facts),
      summary: `The stored sign-in cannot be used: ${problem.reason}.`,
      remediation: remedyOf(facts, problem),
    }];
  }
  if (state === "expired") {
    return [{
      id: "S-021",
      check,
      severity: badness(facts),
      summary: `The sign-in to ${summary?.server} has expired.`,
      remediation: doing("reeve auth login", WAITS),
    }];
  }
  return state !== "refreshable" ? [] : [{
    id: "S-022",
    check,
    severity: "info",
    summary: "The access token has expired; the next delivery refreshes it.",
    remediation: doing("reeve sync now", "Refreshes it and delivers."),
  }];
}

function remedyOf(
  { files }: SyncFacts,
  { kind, fix }: NonNullable<SessionFacts["problem"]>,
): Remedy {
  const [auth, session] = [quote(files.auth), quote(files.session)];
  switch (kind) {
    case "loose_mode":
      return doing(
        `chmod 700 ${auth} && chmod 600 ${session}`,
        "Makes it yours alone.",
      );
    case "no_access":
      return doing(`ls -ld ${auth} ${session}`, "Shows who owns it.");
    case "damaged":
      return doing("reeve auth login --force", "Signs in anew.");
    case "too_new":
      return doing("reeve --version", fix);
  }
}

function fitFindings(
  facts: SyncFacts,
  { summary }: SessionFacts,
): readonly SyncFinding[] {
  if (summary === undefined) return [];
  const { serverUrl, workspace } = facts.settings;
  const found: SyncFinding[] = [];
  if (serverUrl !== undefined && serverUrl !== summary.server) {
    found.push({
      id: "S-024",
      check: "sign_in",
      severity: "error",
      summary: `Signed in to ${summary.server}, but events go to ` +
        `${serverUrl}.`,
      remediation: doing("reeve auth login", "Signs in to where events go."),
    });
  }
  if (summary.workspace === null && workspace === undefined) {
    const slugs = summary.workspaces.map(({ slug }) => slug).join(", ");
    found.push({
      id: "S-025",
      check: "sign_in",
      severity: badness(facts),
      summary: "No workspace is chosen: events wait on this machine.",
      remediation: slugs === ""
        ? doing("reeve auth whoami", "You belong to none: ask for one.")
        : doing("reeve auth login --workspace SLUG", `Yours are: ${slugs}.`),
    });
  }
  return found;
}
