/**
 * Bundles as zip files. The library behind them is loaded only then.
 *
 * @module
 */

/** One file of a bundle. */
export interface BundleFile {
  /** Its path in the bundle. */
  readonly path: string;
  /** What it says. */
  readonly text: string;
}

/** The first day that every time zone has in a zip file. */
const NO_TIME = "1980-01-02T00:00:00Z";

/** Packs files; the same ones always give the same bytes. */
export async function packFiles(
  files: readonly BundleFile[],
): Promise<Uint8Array> {
  const { strToU8, zipSync } = await import("fflate");
  const sorted = files.toSorted((a, b) => a.path < b.path ? -1 : 1);
  return zipSync(
    Object.fromEntries(sorted.map(({ path, text }) => [path, strToU8(text)])),
    { mtime: NO_TIME, level: 6 },
  );
}

/** What is in such a file. */
export async function unpackFiles(
  bytes: Uint8Array,
): Promise<readonly BundleFile[]> {
  const { strFromU8, unzipSync } = await import("fflate");
  return Object.entries(unzipSync(bytes)).map(([path, content]) => ({
    path,
    text: strFromU8(content),
  }));
}
