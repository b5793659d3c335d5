/**
 * One line after a command when events have waited for too long. Looking costs
 * a command one listing of a directory that is empty when nothing waits.
 *
 * @module
 */

import type { Host } from "../host/host.ts";
import { joinPath } from "../host/path.ts";
import { stateRoot } from "../state/paths.ts";
import { isProjectId, pendingDirectory } from "../state/project_paths.ts";
import type { OldMark } from "../sync/stall.ts";

/** A mark that is younger than this is not worth a look, in milliseconds. */
const YOUNG_MS = 60_000;

/** Commands that run for long, or whose output a shell reads. */
const SILENT: readonly string[] = [
  "__complete",
  "completions",
  "daemon run",
  "server run",
  "sync watch",
];

/**
 * Says what has waited for too long, in one line at most. Never throws: the
 * command is over, and nothing that is wrong here may change how it ended.
 */
export async function printStallLine(
  host: Pick<Host, "blocking" | "clock" | "databases" | "env" | "terminal">,
  args: readonly string[],
): Promise<void> {
  const name = args.slice(0, 2).join(" ");
  if (SILENT.some((one) => one === name || one === args[0])) return;
  try {
    const root = stateRoot(host.env);
    const marks = findOldMarks(host, root);
    if (marks.length === 0) return;
    const { describeStalls, findStalls } = await import("../sync/stall.ts");
    const line = describeStalls(await findStalls(host, root, marks));
    if (line === undefined) return;
    // Whoever has just seen the status needs another look.
    const next = name === "sync status" ? "doctor" : "status";
    host.terminal.err(`${line} See: reeve sync ${next}\n`);
  } catch {
    return;
  }
}

/** Marks that nothing has renewed for a while. */
export function findOldMarks(
  host: Pick<Host, "blocking" | "clock">,
  root: string,
): readonly OldMark[] {
  const directory = pendingDirectory({ root });
  const now = host.clock.now();
  return host.blocking.list(directory).filter(isProjectId).flatMap(
    (projectId) => {
      const path = joinPath(directory, projectId);
      const at = host.blocking.stat(path)?.modifiedAt;
      const isOld = at !== undefined && now - at > YOUNG_MS;
      return isOld ? [{ projectId, at }] : [];
    },
  );
}
