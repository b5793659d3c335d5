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
export function formatFigure(figure: Figure | Unmeasured): string {
  if ("reason" in figure) {
    return `  --    ${figure.name}: not measured (${figure.reason})`;
  }
  const { name, value, limit, unit, note } = figure;
  const mark = value <= limit ? "ok   " : "OVER ";
  const shown = Number.isInteger(value) ? value : value.toFixed(2);
  const tail = note === undefined ? "" : `  ${note}`;
  return `  ${mark} ${name}: ${shown} ${unit} (limit ${limit})${tail}`;
}
