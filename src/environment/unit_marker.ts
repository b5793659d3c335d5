/**
 * Markers of units: `<scope>.<run>.<unit>.<32 hex digits>`.
 *
 * @module
 */

/** What a marker says. */
export interface UnitMarker {
  /** Repository: `repo-` and 12 hex digits. */
  readonly scope: string;
  /** Run that started the unit. */
  readonly run: string;
  /** The unit. */
  readonly unit: string;
  /** Random words that nobody can guess. */
  readonly token: string;
}

const SHAPE = /^(repo-[0-9a-f]{12})\.([\w-]+)\.([\w.-]+)\.([0-9a-f]{32})$/;

/** Reads a marker; `undefined` when it has another shape. */
export function parseMarker(text: string): UnitMarker | undefined {
  const [, scope, run, unit, token] = SHAPE.exec(text) ?? [];
  if (scope === undefined || run === undefined) return undefined;
  if (unit === undefined || token === undefined) return undefined;
  return { scope, run, unit, token };
}

/** The text of a marker. */
export function formatMarker(marker: UnitMarker): string {
  return `${marker.scope}.${marker.run}.${marker.unit}.${marker.token}`;
}
