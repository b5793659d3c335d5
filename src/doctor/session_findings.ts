/**
 * What is wrong with the sign-in, decided on the facts alone.
 *
 * @module
 */

import type { SessionCheck } from "../auth/session_check.ts";
import type { DoctorFacts } from "./doctor_facts.ts";
import type { Finding, Severity } from "./findings.ts";
import type { SessionFacts } from "./session_facts.ts";

/** A clock that is further off than this is worth a word, in milliseconds. */
const CLOCK_LIMIT_MS = 60_000;

/** Lists what is wrong with the sign-in. */
export function sessionFindings(facts: DoctorFacts): readonly Finding[] {
  const { session, settings, server } = facts;
  const configured = "fault" in settings ? undefined : settings.serverUrl;
  const asked = server === undefined ? [] : serverFindings(server);
  if (session?.hasEnvToken) return [...envFindings(session), ...asked];
  if (session === undefined || session.state === "none") {
    return "fault" in settings ? asked : [notSignedIn(configured), ...asked];
  }
  // Without a server to deliver to, a broken sign-in keeps nothing from going.
  const severity = configured === undefined ? "warn" : "critical";
  return [
    ...storedFindings(session, severity),
    ...fitFindings(session, configured),
    ...asked,
  ];
}

function notSignedIn(configured: string | undefined): Finding {
  if (configured === undefined) {
    return {
      id: "F-001",
      severity: "info",
      summary: "Not signed in; no sync server is configured.",
      remediation: null,
    };
  }
  return {
    id: "F-001",
    severity: "critical",
    summary: `Not signed in to ${configured}.`,
    remediation: {
      command: "reeve auth login",
      description: "Events are kept on this machine until you sign in.",
    },
  };
}

function envFindings({ state }: SessionFacts): readonly Finding[] {
  if (state === "none") return [];
  return [{
    id: "F-010",
    severity: "warn",
    summary: "REEVE_TOKEN wins over the stored sign-in.",
    remediation: {
      command: null,
      description: "Unset REEVE_TOKEN to use the stored sign-in.",
    },
  }];
}

function storedFindings(
  { state, summary, problem }: SessionFacts,
  severity: Severity,
): readonly Finding[] {
  if (problem !== undefined) {
    return [{
      id: "F-014",
      severity,
      summary: `The stored sign-in cannot be used: ${problem.reason}.`,
      remediation: { command: null, description: problem.fix },
    }];
  }
  if (state === "expired") {
    return [{
      id: "F-013",
      severity,
      summary: `The sign-in to ${summary?.server} has expired.`,
      remediation: {
        command: "reeve auth login",
        description: "Events are kept on this machine until you sign in.",
      },
    }];
  }
  return state !== "refreshable" ? [] : [{
    id: "F-013",
    severity: "info",
    summary: "The access token has expired; the next request refreshes it.",
    remediation: {
      command: "reeve auth doctor --server",
      description: "Refreshes it now and asks the server about the session.",
    },
  }];
}

function fitFindings(
  { summary }: SessionFacts,
  configured: string | undefined,
): readonly Finding[] {
  if (summary === undefined) return [];
  const found: Finding[] = [];
  if (configured !== undefined && configured !== summary.server) {
    found.push({
      id: "F-015",
      severity: "critical",
      summary: `Signed in to ${summary.server}, but events go to ` +
        `${configured}.`,
      remediation: {
        command: "reeve auth login",
        description: "Signs in to the server that events go to.",
      },
    });
  }
  if (summary.workspace === null) {
    const slugs = summary.workspaces.map(({ slug }) => slug).join(", ");
    found.push({
      id: "F-016",
      severity: "warn",
      summary: "No workspace is chosen, so events wait on this machine.",
      remediation: {
        command: slugs === "" ? null : "reeve auth login --workspace SLUG",
        description: slugs === ""
          ? "You belong to no workspace: ask whoever runs the server."
          : `Chooses one of yours: ${slugs}.`,
      },
    });
  }
  return found;
}

function serverFindings(check: SessionCheck): readonly Finding[] {
  const { unsaved, isRejected, clockAheadMs = 0 } = check;
  const found: Finding[] = [];
  if (unsaved !== undefined) {
    found.push({
      id: "F-006",
      severity: "critical",
      summary: `${unsaved}.`,
      remediation: {
        command: null,
        description: "Make the state root writable and free some space.",
      },
    });
  }
  if (isRejected) {
    found.push({
      id: "F-017",
      severity: "critical",
      summary: "The server does not know the session, or not any more.",
      remediation: {
        command: "reeve auth login --force",
        description: "Signs in anew.",
      },
    });
  }
  if (Math.abs(clockAheadMs) > CLOCK_LIMIT_MS) {
    const seconds = Math.round(Math.abs(clockAheadMs) / 1000);
    const way = clockAheadMs > 0 ? "ahead of" : "behind";
    found.push({
      id: "F-008",
      severity: "warn",
      summary: `The clock is ${seconds} s ${way} that of the server.`,
      remediation: {
        command: null,
        description: "Set the clock of this machine.",
      },
    });
  }
  return found;
}
