/**
 * What is wrong with the place that events come from: project, settings,
 * variables, disk. Decided on the facts alone.
 *
 * @module
 */

import type { Fault } from "../config/fault.ts";
import { GATE_KEYS } from "../sync/sync_settings.ts";
import type { SyncFacts } from "./sync_facts.ts";
import {
  doing,
  quote,
  type Remedy,
  sizeText,
  type SyncFinding,
} from "./sync_finding.ts";

/** A log of the queue that is larger than this is worth a word, in bytes. */
const WAL_LIMIT_BYTES = 64 * 1024 * 1024;

/** Lists what is wrong with the place. */
export function placeFindings(facts: SyncFacts): readonly SyncFinding[] {
  return [
    ...projectFindings(facts),
    ...settingsFindings(facts),
    ...modeFindings(facts),
    ...fileFindings(facts),
    ...diskFindings(facts),
  ];
}

function projectFindings(facts: SyncFacts): readonly SyncFinding[] {
  const { project, queue, faults } = facts;
  const info = { check: "project", severity: "info" } as const;
  const optIn = doing("reeve sync optin", "Lets its events leave from now on.");
  if (project === undefined) {
    return [{
      ...info,
      id: "S-001",
      summary: "There is no project around this directory.",
      remediation: doing("cd DIRECTORY", "A project has .reeve or .git."),
    }];
  }
  const { fault, slug, id } = project;
  if (fault !== undefined) {
    // What is wrong with the whole file is a fault of the settings too.
    const isListed = faults.some(({ message }) => message === fault.message);
    return isListed ? [] : [{
      id: "S-004",
      check: "project",
      severity: "error",
      summary: `${fault.message}.`,
      remediation: remedyOf(fault),
    }];
  }
  if (id === undefined) {
    const summary = `${slug} has no identity yet: its events stay here.`;
    return [{ ...info, id: "S-002", summary, remediation: optIn }];
  }
  const isOut = queue.kind === "open" && queue.consent.openEpoch === 0;
  const summary = `${slug} has not opted in: its events stay here.`;
  return isOut ? [{ ...info, id: "S-003", summary, remediation: optIn }] : [];
}

function settingsFindings(facts: SyncFacts): readonly SyncFinding[] {
  const faults = facts.faults.map((fault): SyncFinding => {
    const isGate = fault.key === undefined || GATE_KEYS.includes(fault.key);
    return {
      id: "S-005",
      check: "settings",
      severity: isGate ? "error" : "warn",
      summary: `${fault.message}.`,
      remediation: remedyOf(fault),
    };
  });
  const warnings = facts.warnings.map((text): SyncFinding => ({
    id: "S-006",
    check: "settings",
    severity: "info",
    summary: `${text}.`,
    remediation: doing(
      "reeve config show",
      "Shows every setting and its origin.",
    ),
  }));
  return [...faults, ...warnings];
}

/** The line that leads to the place of a fault. */
function remedyOf({ kind, file, line, where, hint }: Fault): Remedy {
  if (file === undefined) return doing(`unset ${where}`, hint);
  if (kind === "unreadable") return doing(`ls -ld ${quote(file)}`, hint);
  if (kind === "too_new") return doing("reeve --version", hint);
  return doing(`\${EDITOR:-vi} +${line ?? 1} ${quote(file)}`, hint);
}

function modeFindings(facts: SyncFacts): readonly SyncFinding[] {
  return [
    ...(facts.isDisabled ? [DISABLED] : []),
    ...targetFindings(facts),
    ...(facts.settings.autoStart === false ? [AUTO_START_OFF] : []),
  ];
}

const DISABLED: SyncFinding = {
  id: "S-007",
  check: "settings",
  severity: "warn",
  summary: "REEVE_SYNC_DISABLE is set: no program delivers by itself.",
  remediation: doing(
    "unset REEVE_SYNC_DISABLE",
    "Lets programs deliver again.",
  ),
};

function targetFindings(
  { settings, queue }: SyncFacts,
): readonly SyncFinding[] {
  const { mode, serverUrl } = settings;
  if (mode === "local" || mode === "off") {
    return [{
      id: "S-008",
      check: "settings",
      severity: "info",
      summary: mode === "off"
        ? "sync.mode is off: nothing is captured."
        : "sync.mode is local: nothing leaves this machine.",
      remediation: doing(
        "reeve config set sync.mode teamspace",
        "Lets events go to the server.",
      ),
    }];
  }
  if (serverUrl !== undefined) return [];
  const isIn = queue.kind === "open" && queue.consent.openEpoch > 0;
  const key = mode === "external"
    ? "sync.external.endpoint"
    : "sync.server_url";
  return [{
    id: "S-009",
    check: "settings",
    severity: isIn ? "warn" : "info",
    summary: "No server is configured: events wait on this machine.",
    remediation: doing(`reeve config set ${key} URL`, "Names the server."),
  }];
}

const AUTO_START_OFF: SyncFinding = {
  id: "S-010",
  check: "settings",
  severity: "info",
  summary: "sync.auto_start is false: no program delivers by itself.",
  remediation: doing("reeve sync now", "Delivers when you want it."),
};

function fileFindings({ disk, unassignedBytes }: SyncFacts): SyncFinding[] {
  const modes = disk.looseModes.map(({ path, mode, expected }) =>
    ({
      id: "S-011",
      check: "files",
      severity: "warn",
      summary: `Others can use ${path}: its mode is ${mode.toString(8)}.`,
      remediation: doing(
        `chmod ${expected.toString(8)} ${quote(path)}`,
        "Makes it yours alone.",
      ),
    }) satisfies SyncFinding
  );
  const aside = disk.setAside.map((path) =>
    ({
      id: "S-015",
      check: "files",
      severity: "warn",
      summary: `A damaged queue was put aside as ${path}.`,
      remediation: doing(
        "reeve sync salvage",
        "Saves what can still be read of it; remove it after that.",
      ),
    }) satisfies SyncFinding
  );
  const waiting: readonly SyncFinding[] = unassignedBytes === 0 ? [] : [{
    id: "S-016",
    check: "files",
    severity: "warn",
    summary: "Events from before this was a project wait for it.",
    remediation: doing(
      "reeve sync optin",
      "Takes them into the project's queue.",
    ),
  }];
  return [...modes, ...aside, ...waiting];
}

function diskFindings(facts: SyncFacts): readonly SyncFinding[] {
  const { directory, isRemote, walBytes } = facts.disk;
  const found: SyncFinding[] = [];
  if (isRemote === true) {
    found.push({
      id: "S-012",
      check: "disk",
      severity: "warn",
      summary:
        `${directory} is on a network file system: locks may fail there.`,
      remediation: doing(
        "export REEVE_HOME=DIRECTORY",
        "Keeps all state in a directory of a local disk instead.",
      ),
    });
  }
  if (walBytes > WAL_LIMIT_BYTES) {
    found.push({
      id: "S-014",
      check: "disk",
      severity: "info",
      summary: `The log of the queue has ${sizeText(walBytes)}.`,
      remediation: doing("reeve sync now", "Takes the log into the queue."),
    });
  }
  return [...found, ...roomFindings(facts)];
}

function roomFindings({ disk, settings }: SyncFacts): readonly SyncFinding[] {
  const { directory, freeBytes } = disk;
  const { minFreeBytes } = settings.limits;
  if (freeBytes === undefined || freeBytes >= 2 * minFreeBytes) return [];
  const isShort = freeBytes < minFreeBytes;
  return [{
    id: "S-013",
    check: "disk",
    severity: isShort ? "error" : "warn",
    summary: `${sizeText(freeBytes)} are free on the disk; below ` +
      `${sizeText(minFreeBytes)} nothing ${isShort ? "is" : "will be"} ` +
      "captured.",
    remediation: doing(
      `df -h ${quote(directory)}`,
      "Shows the disk: free some space on it.",
    ),
  }];
}
