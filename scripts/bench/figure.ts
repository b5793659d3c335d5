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

/** Figure of one that people use instead. */
export interface Other {
  /** Its name. */
  readonly name: string;
  /** Its figure. */
  readonly value: number;
}

/** A figure of ours beside those of others, measured in the same run. */
export interface Comparison {
  /** What was measured; less is better. */
  readonly name: string;
  /** Our figure. */
  readonly ours: number;
  /** Those of others. */
  readonly theirs: readonly Other[];
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
    const others = theirs.map((other) => formatOther(ours, other)).join(", ");
    return `        ${name}: ${formatValue(ours)} ${unit}; ${others}`;
  }
  if ("reason" in figure) {
    return `  --    ${figure.name}: not measured (${figure.reason})`;
  }
  const { name, value, limit, unit, note } = figure;
  const mark = value <= limit ? "ok   " : "OVER ";
  const tail = note === undefined ? "" : `  ${note}`;
  return `  ${mark} ${name}: ${
    formatValue(value)
  } ${unit} (limit ${limit})${tail}`;
}

/** With as many digits as a reader can use. */
export function formatValue(value: number): string {
  if (Number.isInteger(value)) return String(value);
  const digits = [100, 10, 1].findIndex((least) => Math.abs(value) >= least);
  return value.toFixed(digits === -1 ? 3 : digits);
}

/** The figure of another, and which part of it is ours. */
export function formatOther(ours: number, { name, value }: Other): string {
  return `${name} ${formatValue(value)} (${formatRatio(ours, value)})`;
}

/** Our part of another's figure; with more than all of it we are behind. */
function formatRatio(ours: number, theirs: number): string {
  if (ours === theirs) return "even";
  if (theirs === 0) return "behind";
  const ratio = (ours / theirs).toFixed(2);
  return Number(ratio) <= 1 ? `${ratio} ×` : `${ratio} ×, behind`;
}
