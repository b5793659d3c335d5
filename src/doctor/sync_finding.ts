/**
 * What a finding about delivery is, and what it is about.
 *
 * @module
 */

/** What is checked. */
export type CheckName =
  | "clock"
  | "daemon"
  | "delivery"
  | "disk"
  | "files"
  | "integrity"
  | "project"
  | "queue"
  | "server"
  | "session"
  | "settings"
  | "sign_in";

/** How bad a finding is; an `error` changes the exit code. */
export type SyncSeverity = "error" | "info" | "warn";

/** What to do about a finding. */
export interface Remedy {
  /** A command of ours, or the line for a shell; `null` where none helps. */
  readonly command: string | null;
  /** What it does, or what to do by hand. */
  readonly description: string;
}

/** One finding. */
export interface SyncFinding {
  /** Stable id. */
  readonly id: string;
  /** What it is about. */
  readonly check: CheckName;
  /** How bad it is. */
  readonly severity: SyncSeverity;
  /** What was found. */
  readonly summary: string;
  /** What to do. */
  readonly remediation: Remedy;
}

/** A command or line, and what it does. */
export function doing(command: string | null, description: string): Remedy {
  return { command, description };
}

/** A path as a shell takes it. */
export function quote(path: string): string {
  return `'${path.replaceAll("'", "'\\''")}'`;
}

/** `1 event`, `2 events`. */
export function eventCount(count: number): string {
  return `${count.toLocaleString("en-US")} event${count === 1 ? "" : "s"}`;
}

const UNITS: readonly (readonly [string, number])[] = [
  ["d", 86_400_000],
  ["h", 3_600_000],
  ["min", 60_000],
];

/** A span of time in its largest unit, down to seconds. */
export function spanText(ms: number): string {
  for (const [unit, size] of UNITS) {
    if (ms >= size) return `${Math.floor(ms / size)} ${unit}`;
  }
  return `${Math.max(0, Math.round(ms / 1000))} s`;
}

/** Bytes in MiB, or less. */
export function sizeText(bytes: number): string {
  const mib = bytes / 1024 / 1024;
  return mib >= 10
    ? `${Math.round(mib).toLocaleString("en-US")} MiB`
    : mib >= 0.1
    ? `${mib.toFixed(1)} MiB`
    : `${bytes.toLocaleString("en-US")} bytes`;
}
