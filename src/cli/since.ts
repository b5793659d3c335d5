/**
 * Times as a person writes them on a command line: `2h` ago, or a date.
 *
 * @module
 */

/** A time, until the clock is known. */
export type Since =
  | { readonly kind: "ago"; readonly ms: number }
  | { readonly kind: "at"; readonly ms: number };

const UNITS: Readonly<Record<string, number>> = {
  s: 1000,
  m: 60_000,
  h: 3_600_000,
  d: 86_400_000,
};

/**
 * Reads `90s`, `5m`, `2h`, `3d`, or a date with or without time.
 *
 * @throws {SyntaxError} for anything else.
 */
export function parseSince(text: string): Since {
  const [, digits, unit = ""] = /^(\d{1,6})([smhd])$/.exec(text) ?? [];
  if (digits !== undefined) {
    return { kind: "ago", ms: Number(digits) * (UNITS[unit] ?? 0) };
  }
  const ms = /^\d{4}-\d\d-\d\d/.test(text) ? Date.parse(text) : NaN;
  if (Number.isNaN(ms)) {
    throw new SyntaxError(
      `Cannot use the time ${text}: write 90s, 5m, 2h, 3d or 2026-01-31`,
    );
  }
  return { kind: "at", ms };
}

/** The instant in epoch milliseconds. */
export function instantOf(
  since: Since | undefined,
  nowMs: number,
): number | undefined {
  if (since === undefined) return undefined;
  return since.kind === "at" ? since.ms : nowMs - since.ms;
}
