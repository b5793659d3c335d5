/**
 * Small repairs of the files of an environment: planned by whoever reads them,
 * carried out under the lock of the index.
 *
 * @module
 */

import { type Host, HostError } from "../host/host.ts";
import { baseName, joinPath } from "../host/path.ts";
import type { EnvironmentPaths } from "../state/environment_paths.ts";
import { isoTime } from "./document_codec.ts";

/** Something that reading found wrong, and what came of it. */
export interface StateNote {
  /**
   * `repaired` lost nothing; `outdated` had to go back to an older revision;
   * `lost` could not be read at all; `failed` could not be repaired.
   */
  readonly kind: "failed" | "lost" | "outdated" | "repaired";
  /** The file or directory it is about. */
  readonly path: string;
  /** What happened, in a sentence. */
  readonly message: string;
}

/** One repair. */
export type Fix =
  | { readonly kind: "remove"; readonly path: string }
  | { readonly kind: "set_aside"; readonly path: string }
  | { readonly kind: "write"; readonly path: string; readonly text: string };

/** What repairs need of the world. */
export type FixHost = Pick<Host, "blocking" | "clock" | "files" | "random">;

/** Carries out repairs; broken files first leave their place, unchanged. */
export async function applyFixes(
  host: FixHost,
  paths: EnvironmentPaths,
  fixes: readonly Fix[],
): Promise<readonly StateNote[]> {
  const notes: StateNote[] = [];
  const attempt = async (fix: Fix) => {
    try {
      await applyFix(host, paths, fix);
    } catch (error) {
      if (!(error instanceof HostError)) throw error;
      const { path } = fix;
      const message = `Cannot repair ${path}: ${error.message}`;
      notes.push({ kind: "failed", path, message });
    }
  };
  const isAside = ({ kind }: Fix) => kind === "set_aside";
  for (const fix of fixes.filter(isAside)) await attempt(fix);
  await Promise.all(fixes.filter((fix) => !isAside(fix)).map(attempt));
  return notes;
}

async function applyFix(
  host: FixHost,
  paths: EnvironmentPaths,
  fix: Fix,
): Promise<void> {
  switch (fix.kind) {
    case "remove":
      return await host.files.remove(fix.path);
    case "set_aside":
      setAside(host, paths, fix.path);
      return;
    case "write":
      return await host.files.writeAtomic(fix.path, fix.text, {
        isDerived: true,
      });
  }
}

/** Moves a broken file away, so that a person can still look into it. */
export function setAside(
  host: Pick<Host, "blocking" | "clock" | "random">,
  paths: EnvironmentPaths,
  path: string,
): void {
  const time = isoTime(host.clock.now()).replace(/[-:.]/g, "");
  const name = `${baseName(path)}.${time}-${host.random.hex(4)}`;
  host.blocking.makeDirectory(paths.quarantine);
  host.blocking.rename(path, joinPath(paths.quarantine, name));
}
