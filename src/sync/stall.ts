/**
 * Events that have waited for too long: how many, of which project, and why.
 * Opens their queues only to read.
 *
 * @module
 */

import { parseOverflow } from "../queue/overflow.ts";
import { readConfig } from "../config/read_config.ts";
import type { Host, HostError } from "../host/host.ts";
import { readConsent } from "../queue/consent.ts";
import { countQueue, residueOf } from "../queue/counts.ts";
import { openStoreToRead, type Store } from "../queue/store.ts";
import { readTarget, type Target } from "../queue/target.ts";
import { statePaths } from "../state/paths.ts";
import { type ProjectPaths, projectPaths } from "../state/project_paths.ts";
import type { StopReason } from "./pass_report.ts";
import { stopText } from "./stop_text.ts";
import { GATE_KEYS, type SyncSettings, syncSettings } from "./sync_settings.ts";

/** A mark that says that events of a project wait. */
export interface OldMark {
  /** The project. */
  readonly projectId: string;
  /** Since when nothing has gone forward, in epoch milliseconds. */
  readonly at: number;
}

/** Events of one project that have waited for too long. */
export interface Stall {
  /** Name of the project, or the beginning of its id. */
  readonly name: string;
  /** How many, if that could be counted. */
  readonly count: number | undefined;
  /** How long the oldest has waited, in milliseconds. */
  readonly ageMs: number;
  /** Why, as a clause. */
  readonly reason: string;
}

type StallHost = Pick<Host, "blocking" | "clock" | "databases" | "env">;

/** What all projects of one state root share. */
interface Setting {
  readonly root: string;
  readonly settings: SyncSettings;
  /** Why nothing of any project is delivered, if that is so. */
  readonly obstacle: string | undefined;
  readonly isSignedIn: boolean;
}

/** More queues than this are not opened for one line. */
const MOST_QUEUES = 10;
const BUSY_TIMEOUT_MS = 50;

/** Finds what has waited for too long, the longest wait first. */
export async function findStalls(
  host: StallHost,
  root: string,
  marks: readonly OldMark[],
): Promise<readonly Stall[]> {
  const setting = readSetting(host, root);
  if (setting.settings.stallWarningMs === 0) return [];
  const databases = await host.databases();
  const looked = marks.toSorted((a, b) => a.at - b.at).slice(0, MOST_QUEUES);
  return looked.flatMap((mark) => {
    const paths = projectPaths({ root }, mark.projectId);
    const opening = openStoreToRead({ blocking: host.blocking, databases }, {
      projectId: mark.projectId,
      paths,
    });
    if (opening.kind !== "open") {
      return closedStall(host, setting, mark, opening);
    }
    try {
      opening.store.db.setBusyTimeout(BUSY_TIMEOUT_MS);
      return openStall(host, setting, mark, opening.store);
    } finally {
      opening.store.db.close();
    }
  }).toSorted((a, b) => b.ageMs - a.ageMs);
}

function readSetting(host: StallHost, root: string): Setting {
  const config = readConfig(host, { root });
  const settings = syncSettings(config);
  const fault = config.faults.find(({ key }) =>
    key === undefined || GATE_KEYS.includes(key)
  );
  const isDisabled = /^(?:1|true|yes|y|on)$/i
    .test(host.env.get("REEVE_SYNC_DISABLE")?.trim() ?? "");
  const { mode } = settings;
  const isKept = mode === "local" || mode === "off";
  return {
    root,
    settings,
    obstacle: isDisabled
      ? "REEVE_SYNC_DISABLE is set"
      : fault !== undefined
      ? `the settings are wrong in ${fault.where}`
      : isKept
      ? `sync.mode is ${mode}`
      : settings.serverUrl === undefined
      ? stopText("no_server").text
      : undefined,
    isSignedIn: mode === "external" || hasSignIn(host, root),
  };
}

/** Whether it is still good shows when it is used. */
function hasSignIn(host: StallHost, root: string): boolean {
  if (host.env.get("REEVE_TOKEN") !== undefined) return true;
  return host.blocking.stat(statePaths(root).session) !== undefined;
}

function closedStall(
  host: StallHost,
  { settings }: Setting,
  { projectId, at }: OldMark,
  problem: { readonly kind: string; readonly error?: HostError },
): readonly Stall[] {
  const ageMs = host.clock.now() - at;
  const isBusy = problem.error?.code === "busy";
  const isOld = ageMs > settings.stallWarningMs;
  if (problem.kind === "missing" || isBusy || !isOld) return [];
  const word = problem.error?.code ?? problem.kind;
  return [{
    name: shortName(projectId),
    count: undefined,
    ageMs,
    reason: `their queue cannot be used (${word.replaceAll("_", " ")})`,
  }];
}

function shortName(projectId: string): string {
  return `project ${projectId.slice(0, 8)}`;
}

function openStall(
  host: StallHost,
  setting: Setting,
  { projectId, at }: OldMark,
  store: Store,
): readonly Stall[] {
  if (readConsent(store).openEpoch === 0) return [];
  const counts = countQueue(host, store);
  const inQueue = residueOf(counts) + counts.pendingRemote;
  const count = inQueue > 0 ? inQueue : overflowEvents(host, store.paths);
  // Lines of the overflow file have no time, but the mark is as old as them.
  const since = counts.oldestReadyAt ?? at;
  const ageMs = host.clock.now() - since;
  if (count === 0 || ageMs <= setting.settings.stallWarningMs) return [];
  return [{
    name: slugOf(store) ?? shortName(projectId),
    count,
    ageMs,
    reason: setting.obstacle ?? explainStall(readTarget(store), {
      nowMs: host.clock.now(),
      isSignedIn: setting.isSignedIn,
      mayStart: setting.settings.autoStart !== false && maysStart(store),
      isRefused: counts.retry > 0 && counts.retry === inQueue,
    }),
  }];
}

function overflowEvents(host: StallHost, { overflow }: ProjectPaths): number {
  if ((host.blocking.stat(overflow)?.size ?? 0) === 0) return 0;
  const text = host.blocking.readText(overflow, 32 * 1024 * 1024);
  return parseOverflow(text).drafts.length;
}

function slugOf({ db }: Store): string | undefined {
  const row = db.get<{ slug: string | null }>(
    `SELECT json_extract(body, '$.project_slug') AS slug FROM events
      WHERE body IS NOT NULL ORDER BY seq DESC LIMIT 1`,
  );
  return row?.slug ?? undefined;
}

/** The project's own word, as its queue has it. */
function maysStart({ db }: Store): boolean {
  const row = db.get<{ "allows_background": number }>(
    "SELECT allows_background FROM meta",
  );
  return row?.allows_background !== 0;
}

/** What an explanation rests on besides the target. */
export interface StallFacts {
  /** Epoch milliseconds. */
  readonly nowMs: number;
  /** Whether there is a sign-in, good or not. */
  readonly isSignedIn: boolean;
  /** Whether programs may deliver by themselves. */
  readonly mayStart: boolean;
  /** Whether the server has refused all that waits. */
  readonly isRefused: boolean;
}

/** Why nothing goes forward, as a clause: the first row that matches wins. */
export function explainStall(target: Target, facts: StallFacts): string {
  const { paused_reason: paused, circuit, last_error_code: code } = target;
  if (paused !== null) return textOf(paused);
  if (circuit === "open") return textOf(code ?? "offline_wait");
  const last = lastReason(target);
  if (last !== undefined && isFailure(last)) return textOf(last);
  if (!facts.isSignedIn) return textOf("auth_required");
  if (!facts.mayStart) return "sync.auto_start is false";
  if (facts.isRefused) return "the server refuses them, they are tried again";
  return target.last_pass_at === null
    ? "nothing has tried to deliver them"
    : "nothing tries to deliver them any more";
}

function textOf(reason: string): string {
  return stopText(reason as StopReason).text;
}

function lastReason({ last_pass: text }: Target): StopReason | undefined {
  return text === null ? undefined : JSON.parse(text).stoppedBecause;
}

/** A pass that ended for one of these has not failed. */
const BENIGN: readonly StopReason[] = [
  "busy",
  "deadline",
  "done",
  "interrupted",
  "lease_lost",
  "limit",
  "no_consent",
];

/** Whether a pass that ended so could not do what it was there for. */
export function isFailure(reason: StopReason): boolean {
  return !BENIGN.includes(reason);
}

const DAY_MS = 86_400_000;
const HOUR_MS = 3_600_000;
const MINUTE_MS = 60_000;

function ageText(ms: number): string {
  if (ms >= DAY_MS) return `${Math.floor(ms / DAY_MS)} d`;
  if (ms >= HOUR_MS) return `${Math.floor(ms / HOUR_MS)} h`;
  return `${Math.floor(ms / MINUTE_MS)} min`;
}

/** The one line about all of them, without its end; `undefined` for none. */
export function describeStalls(stalls: readonly Stall[]): string | undefined {
  const [worst, ...others] = stalls;
  if (worst === undefined) return undefined;
  const { name, count, ageMs, reason } = worst;
  const what = count === undefined
    ? "Events"
    : `${count.toLocaleString("en-US")} event${count === 1 ? "" : "s"}`;
  const more = others.length === 0
    ? ""
    : `; and ${others.length} more project${others.length === 1 ? "" : "s"}`;
  return `${what} of ${name} ${count === 1 ? "has" : "have"} not been ` +
    `delivered for ${ageText(ageMs)}: ${reason}${more}.`;
}
