/**
 * What is wrong with what the server says. Decided on the facts alone.
 *
 * @module
 */

import { SYNC_PROTOCOL } from "../sync/send_batch.ts";
import type { SyncFacts } from "./sync_facts.ts";
import {
  doing,
  type Remedy,
  sizeText,
  spanText,
  type SyncFinding,
} from "./sync_finding.ts";
import type { ServerFacts } from "./sync_server_facts.ts";

/** A clock that is further off than this is worth a word, in milliseconds. */
const CLOCK_LIMIT_MS = 60_000;

/** Lists what is wrong with the server, if it was asked. */
export function serverFindings(facts: SyncFacts): readonly SyncFinding[] {
  const { server } = facts;
  if (server === undefined) return [];
  return [
    ...healthFindings(facts, server),
    ...sessionFindings(server),
    ...clockFindings(facts, server),
  ];
}

function healthFindings(
  facts: SyncFacts,
  { url, health }: ServerFacts,
): readonly SyncFinding[] {
  const base = { check: "server", severity: "error" } as const;
  const probe = doing(
    `reeve server check ${url}`,
    "Says in what the server departs from the protocol.",
  );
  if (health.kind === "silent") {
    const summary = `${url} does not answer: ${health.reason}.`;
    return [{ ...base, id: "S-070", summary, remediation: reach(url) }];
  }
  if (health.kind === "stranger") {
    const summary = `${url} answers ${health.status}, but not as a server ` +
      "for events does.";
    return [{ ...base, id: "S-071", summary, remediation: probe }];
  }
  if (majorOf(health.protocol) !== majorOf(SYNC_PROTOCOL)) {
    return [{
      ...base,
      id: "S-072",
      summary: `${url} speaks protocol ${clean(health.protocol)}, this reeve ` +
        `${SYNC_PROTOCOL}.`,
      remediation: doing("reeve --version", "Upgrade the older of the two."),
    }];
  }
  const found: SyncFinding[] = [];
  if (health.status !== "ok") {
    const summary = `${url} calls itself ${clean(health.status)}.`;
    const severity = "warn";
    found.push({ ...base, severity, id: "S-073", summary, remediation: probe });
  }
  return [...found, ...limitFindings(facts, health)];
}

function reach(url: string): Remedy {
  return doing(
    `curl --head ${url}`,
    "Shows whether anything is reached; your events are safe meanwhile.",
  );
}

function majorOf(version: string): string {
  return version.split(".")[0] ?? "";
}

/** Words of a server are shown, but never more than a few plain letters. */
function clean(text: string): string {
  return text.replace(/[^\w.-]/g, "?").slice(0, 32);
}

function limitFindings(
  { settings }: SyncFacts,
  limits: {
    readonly maxEvents: number | undefined;
    readonly maxBytes: number | undefined;
  },
): readonly SyncFinding[] {
  const { maxEvents = Infinity, maxBytes = Infinity } = limits;
  const { size } = settings;
  if (maxEvents >= size.maxEvents && maxBytes >= size.maxBytes) return [];
  const parts: string[] = [];
  if (maxEvents < size.maxEvents) parts.push(`${maxEvents} events`);
  if (maxBytes < size.maxBytes) parts.push(sizeText(maxBytes));
  return [{
    id: "S-074",
    check: "server",
    severity: "info",
    summary: `The server takes at most ${parts.join(" and ")} in a request, ` +
      "less than the settings say; its word counts.",
    remediation: doing(
      "reeve config show sync.batch.max_events",
      "Shows what the settings say.",
    ),
  }];
}

function sessionFindings({ session }: ServerFacts): readonly SyncFinding[] {
  return session.kind !== "rejected" ? [] : [{
    id: "S-075",
    check: "session",
    severity: "error",
    summary: "The server does not know the sign-in, or not any more.",
    remediation: doing("reeve auth login --force", "Signs in anew."),
  }];
}

function clockFindings(
  { os }: SyncFacts,
  { clockAheadMs }: ServerFacts,
): readonly SyncFinding[] {
  if (clockAheadMs === undefined) return [];
  const offMs = Math.abs(clockAheadMs);
  if (offMs <= CLOCK_LIMIT_MS) return [];
  const way = clockAheadMs > 0 ? "ahead of" : "behind";
  return [{
    id: "S-076",
    check: "clock",
    severity: "warn",
    summary: `The clock is ${spanText(offMs)} ${way} that of the server.`,
    remediation: setClock(os),
  }];
}

function setClock(os: SyncFacts["os"]): Remedy {
  const what = "Sets the clock of this machine.";
  switch (os) {
    case "linux":
      return doing("sudo timedatectl set-ntp true", what);
    case "darwin":
      return doing("sudo sntp -sS time.apple.com", what);
    case "windows":
      return doing("w32tm /resync", what);
  }
}
