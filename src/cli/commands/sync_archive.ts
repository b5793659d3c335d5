/**
 * `reeve sync archive`.
 *
 * @module
 */

import { KnownError } from "../../errors.ts";
import { absolutePath } from "../../host/path.ts";
import type { EventFilter } from "../../queue/list_events.ts";
import { verifyArchive } from "../../queue/read_archive.ts";
import type { Removed } from "../../queue/remove_events.ts";
import { removeArchived } from "../../queue/retention.ts";
import { actorOf, mayApply } from "../apply.ts";
import { archiveEvents, type ProvedArchive } from "../archive_events.ts";
import type { CommandContext, CommandResult, JsonFlags } from "../command.ts";
import { EXIT } from "../exit_code.ts";
import { events } from "../pass_text.ts";
import { openProgress } from "../progress.ts";
import { instantOf, type Since } from "../since.ts";
import { formatBytes } from "../size.ts";
import { type OpenProject, openProject } from "../sync_project.ts";
import { eventFilter, type EventFlags } from "./sync_events.ts";

/** Flags of `reeve sync archive`. */
export interface ArchiveFlags extends JsonFlags, EventFlags {
  /** Captured before. */
  readonly until?: Since;
  /** Remove what is delivered and in the archive. */
  readonly gc: boolean;
  /** Do not ask. */
  readonly yes: boolean;
  /** Manifest of an archive to check. */
  readonly verify?: string;
}

/** Writes events into files of a directory, or checks such files. */
export async function run(
  context: CommandContext,
  flags: ArchiveFlags,
  directory?: string,
): Promise<CommandResult> {
  if ((directory === undefined) === (flags.verify === undefined)) {
    throw new KnownError("usage", "Cannot archive: name one directory", {
      hint: "Or check an archive: reeve sync archive --verify MANIFEST",
    });
  }
  if (flags.verify !== undefined) return await check(context, flags.verify);
  using open = await openProject(context, { write: flags.gc });
  const proved = await archiveEvents(context, open.store, {
    directory: directory ?? "",
    filter: filterOf(flags, context.host.clock.now()),
  });
  if (proved === "empty") return empty(open);
  const isAgreed = flags.gc && await agrees(context, flags, proved);
  const removed = isAgreed ? await remove(context, open, proved) : undefined;
  return resultOf(open, proved, removed);
}

function filterOf(flags: ArchiveFlags, nowMs: number): EventFilter {
  const untilMs = instantOf(flags.until, nowMs);
  return {
    ...eventFilter(flags, nowMs),
    ...(untilMs === undefined ? {} : { untilMs }),
  };
}

function deliveredIn({ manifest }: ProvedArchive): number {
  const { delivered = 0, duplicate = 0 } = manifest.states;
  return delivered + duplicate;
}

async function agrees(
  context: CommandContext,
  { gc, yes }: ArchiveFlags,
  proved: ProvedArchive,
): Promise<boolean> {
  const amount = deliveredIn(proved);
  const question = `Remove ${events(amount)} from the queue?`;
  const consent = await mayApply(context, { apply: gc, yes }, {
    amount,
    question,
  });
  return consent === "apply";
}

async function remove(
  context: CommandContext,
  { store }: OpenProject,
  proved: ProvedArchive,
): Promise<Removed> {
  const { host } = context;
  const progress = openProgress(context, "Removing events");
  progress.start(deliveredIn(proved));
  try {
    return await removeArchived(host, store, {
      archive: proved.archive,
      actor: actorOf(context),
      nowMs: host.clock.now(),
      onDone: progress.advance,
    });
  } finally {
    progress.finish();
  }
}

function empty({ project }: OpenProject): CommandResult {
  return {
    exit: EXIT.ok,
    text: "No such event; nothing was written.",
    json: {
      "schema": "sync_archive",
      "schema_version": 1,
      "project_id": project.id,
      "manifest": null,
      "event_count": 0,
      "bytes": 0,
      "removed": 0,
    },
  };
}

function resultOf(
  { project }: OpenProject,
  { manifest, path }: ProvedArchive,
  removed: Removed | undefined,
): CommandResult {
  const bytes = manifest.parts.reduce((sum, part) => sum + part.bytes, 0);
  const lines = [
    `${events(manifest.count)} archived, ${formatBytes(bytes)}, and read back.`,
    `Manifest: ${path}`,
  ];
  if (removed !== undefined) {
    lines.push(`${events(removed.count)} removed from the queue.`);
  }
  return {
    exit: EXIT.ok,
    text: lines.join("\n"),
    json: {
      "schema": "sync_archive",
      "schema_version": 1,
      "project_id": project.id,
      "manifest": path,
      "event_count": manifest.count,
      "bytes": bytes,
      "removed": removed?.count ?? 0,
    },
  };
}

async function check(
  context: CommandContext,
  name: string,
): Promise<CommandResult> {
  const { host } = context;
  const path = absolutePath(host.env.cwd, name);
  const verdict = await verifyArchive(host, path);
  const isSound = verdict.kind === "sound";
  const faults = isSound ? [] : verdict.faults;
  const count = isSound ? verdict.archive.count : 0;
  return {
    exit: isSound ? EXIT.ok : EXIT.actionable,
    text: isSound
      ? `The archive is sound: ${events(count)}.`
      : ["The archive is broken:", ...faults.map((one) => `  ${one}`)]
        .join("\n"),
    json: {
      "schema": "sync_archive_check",
      "schema_version": 1,
      "manifest": path,
      "ok": isSound,
      "event_count": count,
      "faults": faults,
    },
  };
}
