/**
 * Sizes in words.
 *
 * @module
 */

const UNITS = ["KiB", "MiB", "GiB", "TiB"] as const;

/** A size in its largest unit: `512 bytes`, `1.5 MiB`. */
export function formatBytes(bytes: number): string {
  if (bytes === 1) return "1 byte";
  if (bytes < 1024) return `${bytes} bytes`;
  let size = bytes / 1024;
  let at = 0;
  while (size >= 1023.95 && at < UNITS.length - 1) {
    size /= 1024;
    at++;
  }
  return `${size.toFixed(1)} ${UNITS[at]}`;
}
