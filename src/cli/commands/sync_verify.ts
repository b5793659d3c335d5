/**
 * `reeve sync verify`.
 *
 * @module
 */

import type { Host } from "../../host/host.ts";
import { verify } from "../../queue/verify.ts";
import type { Check } from "../../queue/verify_findings.ts";
import { compareWithServer } from "../../queue/verify_server.ts";
import {
  askWatermark,
  lookupOn,
  ServerSilent,
} from "../../sync/server_queue.ts";
import { isProblem } from "../../sync/token_source.ts";
import type { CommandContext, CommandResult, JsonFlags } from "../command.ts";
import { EXIT } from "../exit_code.ts";
import { events } from "../pass_text.ts";
import { openProgress } from "../progress.ts";
import { type OpenProject, openProject } from "../sync_project.ts";
import { tokensFor } from "../sync_tokens.ts";
import { wrap } from "../table.ts";
import { toOneLine } from "../one_line.ts";

/** Flags of `reeve sync verify`. */
export interface VerifyFlags extends JsonFlags {
  /** Asks nobody, even when signed in. */
  readonly offline: boolean;
}

/** What the server has said, or why it was not asked. */
type ServerPart =
  | { readonly kind: "compared"; readonly checks: readonly Check[] }
  | { readonly kind: "skipped" | "silent"; readonly detail: string };

/** Proves the queue of this project; changes nothing. */
export async function run(
  context: CommandContext,
  flags: VerifyFlags,
): Promise<CommandResult> {
  using open = await openProject(context, { write: false });
  const { host } = context;
  const progress = openProgress(context, "Checking events");
  try {
    const report = await verify(host, open.store, {
      onStart: progress.start,
      onDone: progress.advance,
    });
    const server = flags.offline
      ? { kind: "skipped" as const, detail: "asked to stay offline" }
      : await askServer(context, open);
    return resultOf({ ...report, server }, open.project.id, host);
  } finally {
    progress.finish();
  }
}

/** Only who is signed in can ask; everybody else proves what is here. */
async function askServer(
  { host }: CommandContext,
  open: OpenProject,
): Promise<ServerPart> {
  const token = await tokensFor(host, open.place).current();
  if (isProblem(token)) return { kind: "skipped", detail: token.detail };
  const { store } = open;
  const { projectId, nodeId } = store;
  try {
    const watermark = await askWatermark(host, token, { projectId, nodeId });
    const { checks } = await compareWithServer(
      lookupOn(host, token, projectId),
      store,
      { watermark, nowMs: host.clock.now() },
    );
    return { kind: "compared", checks };
  } catch (error) {
    if (!(error instanceof ServerSilent)) throw error;
    return { kind: "silent", detail: `${token.server}: ${error.message}` };
  }
}

interface FullReport {
  readonly checks: readonly Check[];
  readonly events: number;
  readonly server: ServerPart;
}

function resultOf(
  { checks: own, events: count, server }: FullReport,
  project: string,
  { terminal }: Pick<Host, "terminal">,
): CommandResult {
  const checks = server.kind === "compared" ? [...own, ...server.checks] : own;
  const bad = checks.filter(({ verdict }) => verdict !== "ok");
  const isSound = bad.length === 0;
  const exit = !isSound
    ? EXIT.actionable
    : server.kind === "silent"
    ? EXIT.notReady
    : EXIT.ok;
  const aside = server.kind === "compared" ? [] : [
    server.kind === "silent"
      ? `The server could not be asked: ${server.detail}.`
      : `The server was not asked: ${server.detail}.`,
  ];
  return {
    exit,
    text: [
      ...formatChecks(checks, terminal.columns),
      "",
      ...aside,
      isSound
        ? `Everything holds: ${events(count)} checked.`
        : `${bad.length} of ${checks.length} checks do not hold. ` +
          "See: reeve sync doctor",
    ].join("\n"),
    json: {
      "schema": "sync_verify",
      "schema_version": 1,
      "project_id": project,
      "ok": isSound,
      "event_count": count,
      "comparison": server.kind,
      "comparison_detail": server.kind === "compared" ? null : server.detail,
      checks,
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
