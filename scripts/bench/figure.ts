/** One promised figure beside its limit. */
export interface Figure {
  /** What was measured. */
  readonly name: string;
  /** The figure. */
  readonly value: number;
  /** The limit. */
  readonly limit: number;
  /** Unit of both. */
  readonly unit: string;
  /** What else is worth knowing. */
  readonly note?: string;
}

/** A figure that could not be measured on this machine. */
export interface Unmeasured {
  /** What was to be measured. */
  readonly name: string;
  /** Why it was not. */
  readonly reason: string;
}

/** A figure of ours beside those of others, measured in the same run. */
export interface Comparison {
  /** What was measured. */
  readonly name: string;
  /** Our figure. */
  readonly ours: number;
  /** Those of others. */
  readonly theirs: readonly { readonly name: string; readonly value: number }[];
  /** Unit of all. */
  readonly unit: string;
}

/** What a bench may find. */
export type Finding = Comparison | Figure | Unmeasured;

/** The middle one of some numbers. */
export function median(values: readonly number[]): number {
  return quantile(values, 0.5);
}

/** The value below which a share of the numbers lies. */
export function quantile(values: readonly number[], share: number): number {
  const sorted = values.toSorted((a, b) => a - b);
  const at = Math.min(sorted.length - 1, Math.floor(sorted.length * share));
  return sorted[at] ?? NaN;
}

/** Formats a figure as one line: name, value, limit, verdict. */
export function formatFigure(figure: Finding): string {
  if ("theirs" in figure) {
    const { name, ours, theirs, unit } = figure;
    const others = theirs.map(({ name, value }) =>
      `${name} ${value.toFixed(1)} (${formatRatio(ours / value)})`
    );
    return `        ${name}: ${ours.toFixed(1)} ${unit}; ${others.join(", ")}`;
  }
  if ("reason" in figure) {
    return `  --    ${figure.name}: not measured (${figure.reason})`;
  }
  const { name, value, limit, unit, note } = figure;
  const mark = value <= limit ? "ok   " : "OVER ";
  const shown = Number.isInteger(value) ? value : value.toFixed(2);
  const tail = note === undefined ? "" : `  ${note}`;
  return `  ${mark} ${name}: ${shown} ${unit} (limit ${limit})${tail}`;
}

/** Our part of another's figure; above 1 we are behind. */
export function formatRatio(ratio: number): string {
  return ratio <= 1 ? `${ratio.toFixed(2)} ×` : `${ratio.toFixed(2)} ×, behind`;
}
