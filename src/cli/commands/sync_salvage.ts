/**
 * `reeve sync salvage`.
 *
 * @module
 */

import { KnownError } from "../../errors.ts";
import { type Host, HostError } from "../../host/host.ts";
import { absolutePath } from "../../host/path.ts";
import {
  listDamaged,
  salvage,
  type SalvageReport,
} from "../../queue/salvage.ts";
import type { CommandContext, CommandResult, JsonFlags } from "../command.ts";
import { EXIT } from "../exit_code.ts";
import { events } from "../pass_text.ts";
import { type OpenProject, openProject } from "../sync_project.ts";

/** Flags of `reeve sync salvage`. */
export interface SalvageFlags extends JsonFlags {
  /** File of JSON lines to write to, to be looked at. */
  readonly to?: string;
  /** Whether events that may have been sent are delivered again. */
  readonly uncertain: boolean;
}

interface Salvaged {
  readonly file: string;
  readonly report: SalvageReport | undefined;
  readonly problem: string | undefined;
}

/** Saves what queues that were put aside as damaged still hold. */
export async function run(
  context: CommandContext,
  flags: SalvageFlags,
): Promise<CommandResult> {
  using open = await openProject(context, { write: true });
  const files = listDamaged(open.host, open.store);
  if (flags.to !== undefined && files.length > 1) {
    throw new KnownError(
      "usage",
      `Cannot write ${files.length} damaged queues to one file`,
      { hint: "Without --to they go back into the queue." },
    );
  }
  const salvaged = files.map((file) =>
    salvageOne(context.host, open, flags, file)
  );
  const isGood = salvaged.every(({ problem }) => problem === undefined);
  return {
    exit: isGood ? EXIT.ok : EXIT.actionable,
    text: files.length === 0
      ? "No queue of this project was ever put aside."
      : salvaged.map(describe).join("\n"),
    json: {
      "schema": "sync_salvage",
      "schema_version": 1,
      "project_id": open.project.id,
      "ok": isGood,
      "files": salvaged.map(({ file, report, problem }) => ({
        file,
        problem: problem ?? null,
        report: report === undefined ? null : {
          "saved": report.saved,
          "delivered": report.delivered,
          "known": report.known,
          "uncertain": report.uncertain,
          "local": report.local,
          "no_room": report.noRoom,
          "damaged": report.damaged,
          "unreadable": report.unreadable ?? null,
        },
      })),
    },
  };
}

function salvageOne(
  host: Pick<Host, "env">,
  open: OpenProject,
  flags: SalvageFlags,
  file: string,
): Salvaged {
  const target = flags.to === undefined
    ? { kind: "overflow" as const, takesUncertain: flags.uncertain }
    : { kind: "file" as const, path: absolutePath(host.env.cwd, flags.to) };
  try {
    const report = salvage(open.host, open.store, file, target);
    if (!isBlank(report)) return { file, report, problem: undefined };
    const problem = "nothing in it is a queue; keep it, or move it away";
    return { file, report: undefined, problem };
  } catch (error) {
    if (!(error instanceof HostError)) throw error;
    const problem = `${error.subject}: ${error.code.replaceAll("_", " ")}`;
    return { file, report: undefined, problem };
  }
}

/** Whether the file has told nothing at all, not even that it is empty. */
function isBlank({ unreadable, ...counts }: SalvageReport): boolean {
  return unreadable === undefined &&
    Object.values(counts).every((count) => count === 0);
}

function describe({ file, report, problem }: Salvaged): string {
  if (report === undefined) return `${file}\n  Cannot be read: ${problem}.`;
  const lines = [`${file}\n  Saved ${events(report.saved)}.`];
  const rest: readonly (readonly [number, string])[] = [
    [report.delivered, "the server has already"],
    [report.known, "the queue has already"],
    [report.uncertain, "may have been sent; take them with --uncertain"],
    [report.local, "nobody has opted in for; save them with --to FILE"],
    [report.noRoom, "found no room; deliver first, then try again"],
    [report.damaged, "are damaged themselves"],
  ];
  for (const [count, what] of rest) {
    if (count > 0) lines.push(`  ${events(count)} ${what}.`);
  }
  return lines.join("\n");
}
