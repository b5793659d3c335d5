/**
 * Writes an archive and reads it back before anything may rely on it.
 *
 * @module
 */

import { KnownError } from "../errors.ts";
import { absolutePath } from "../host/path.ts";
import { writeArchive } from "../queue/archive.ts";
import type { ArchiveManifest } from "../queue/archive_schema.ts";
import { type EventFilter, sumEvents } from "../queue/list_events.ts";
import { type ReadArchive, verifyArchive } from "../queue/read_archive.ts";
import type { Store } from "../queue/store.ts";
import type { CommandContext } from "./command.ts";
import { openProgress } from "./progress.ts";

/** An archive that was read back. */
export interface ProvedArchive {
  /** Path of its manifest. */
  readonly path: string;
  /** The manifest. */
  readonly manifest: ArchiveManifest;
  /** What was read. */
  readonly archive: ReadArchive;
}

/**
 * Archives events into a directory; `empty` when none is chosen.
 *
 * @throws {KnownError} `unusable` when it cannot be read back as it was
 * written.
 */
export async function archiveEvents(
  context: Pick<CommandContext, "host" | "isJson">,
  store: Store,
  { filter, directory }: {
    readonly filter: EventFilter;
    readonly directory: string;
  },
): Promise<ProvedArchive | "empty"> {
  const { host } = context;
  const total = [...sumEvents(store, filter).values()]
    .reduce((sum, { count }) => sum + count, 0);
  const progress = openProgress(context, "Archiving events");
  progress.start(total);
  try {
    const written = await writeArchive(host, store, {
      filter,
      directory: absolutePath(host.env.cwd, directory),
      onDone: progress.advance,
    });
    if (written === "empty") return written;
    if (written === "taken") {
      throw new KnownError("unusable", `Cannot write to ${directory} twice`, {
        hint: "An archive of this very moment is there: try again.",
      });
    }
    const { path, manifest } = written;
    const archive = await requireSound(host, path);
    return { path, manifest, archive };
  } finally {
    progress.finish();
  }
}

/**
 * Reads an archive back.
 *
 * @throws {KnownError} `damaged_file` when it does not hold what it says.
 */
export async function requireSound(
  host: CommandContext["host"],
  path: string,
): Promise<ReadArchive> {
  const verdict = await verifyArchive(host, path);
  if (verdict.kind === "sound") return verdict.archive;
  throw new KnownError(
    "damaged_file",
    `Cannot rely on ${path}: ${verdict.faults.join("; ")}`,
    { hint: "Nothing was removed from the queue." },
  );
}
