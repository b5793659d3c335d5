/**
 * `reeve sync verify`.
 *
 * @module
 */

import { verify } from "../../queue/verify.ts";
import type { Check } from "../../queue/verify_findings.ts";
import type { CommandContext, CommandResult, JsonFlags } from "../command.ts";
import { EXIT } from "../exit_code.ts";
import { events } from "../pass_text.ts";
import { openProgress } from "../progress.ts";
import { openProject } from "../sync_project.ts";
import { toOneLine, wrap } from "../table.ts";

/** Proves the queue of this project; changes nothing. */
export async function run(
  context: CommandContext,
  _flags: JsonFlags,
): Promise<CommandResult> {
  using open = await openProject(context, { write: false });
  const { host } = context;
  const progress = openProgress(context, "Checking events");
  try {
    const report = await verify(host, open.store, {
      onStart: progress.start,
      onDone: progress.advance,
    });
    return resultOf(report, open.project.id, host.terminal.columns);
  } finally {
    progress.finish();
  }
}

function resultOf(
  report: { readonly checks: readonly Check[]; readonly events: number },
  project: string,
  width: number,
): CommandResult {
  const bad = report.checks.filter(({ verdict }) => verdict !== "ok");
  const isSound = bad.length === 0;
  return {
    exit: isSound ? EXIT.ok : EXIT.actionable,
    text: [
      ...formatChecks(report.checks, width),
      "",
      isSound
        ? `Everything holds: ${events(report.events)} checked.`
        : `${bad.length} of ${report.checks.length} checks do not hold. ` +
          "See: reeve sync doctor",
    ].join("\n"),
    json: {
      "schema": "sync_verify",
      "schema_version": 1,
      "project": project,
      "ok": isSound,
      "events": report.events,
      "checks": report.checks,
    },
  };
}

/** A line for each check, and what is wrong below it. */
export function formatChecks(
  checks: readonly Check[],
  width: number,
): readonly string[] {
  return checks.flatMap(({ id, title, verdict, details, examples }) => {
    const head = `${verdict.padEnd(7)}  ${id}  ${title}`;
    const lines = [wrap(head, width, " ".repeat(16))];
    if (verdict === "ok") return lines;
    const indent = " ".repeat(18);
    for (const text of [details, ...examples]) {
      lines.push(
        `                ${wrap(toOneLine(text), width - 16, indent)}`,
      );
    }
    return lines;
  });
}
