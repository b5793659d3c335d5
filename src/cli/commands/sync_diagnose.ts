/**
 * `reeve sync diagnose`.
 *
 * @module
 */

import { KnownError } from "../../errors.ts";
import { diagnose, judgeStored } from "../../queue/diagnose.ts";
import { readHistory } from "../../queue/event_history.ts";
import { createRegistry, type Registry } from "../../queue/registry.ts";
import { readEventTypes } from "../../queue/types_file.ts";
import type { CommandContext, CommandResult, JsonFlags } from "../command.ts";
import {
  diagnosisJson,
  diagnosisText,
  historyJson,
  historyText,
  invalidCount,
} from "../diagnosis_text.ts";
import { EXIT } from "../exit_code.ts";
import { type OpenProject, openProject } from "../sync_project.ts";

/** Flags of `reeve sync diagnose`. */
export interface DiagnoseFlags extends JsonFlags {
  /** Only this event. */
  readonly event?: string;
  /** File with further types. */
  readonly types?: string;
}

/** Checks every event that is not delivered, without a server. */
export async function run(
  context: CommandContext,
  flags: DiagnoseFlags,
): Promise<CommandResult> {
  const { host } = context;
  const registry = createRegistry(
    flags.types === undefined ? [] : await readEventTypes(host, flags.types),
  );
  using open = await openProject(context, { write: false });
  if (flags.event !== undefined) return showOne(open, registry, flags.event);
  const diagnosis = await diagnose(host, open.store, registry);
  const exit = invalidCount(diagnosis) === 0 ? EXIT.ok : EXIT.actionable;
  return {
    exit,
    text: diagnosisText(diagnosis, host.terminal.columns),
    json: {
      ...headOf(open, exit),
      ...diagnosisJson(diagnosis),
    },
  };
}

function headOf({ project }: OpenProject, exit: number) {
  return {
    "schema": "sync_diagnose",
    "schema_version": 1,
    "ok": exit === EXIT.ok,
    "exit_code": exit,
    "project_id": project.id,
  };
}

function showOne(
  open: OpenProject,
  registry: Registry,
  id: string,
): CommandResult {
  const history = readHistory(open.store, id.toUpperCase());
  if (history === undefined) {
    throw new KnownError("not_found", `Cannot find event ${id}`, {
      hint: "It may belong to another project, or have been thrown away.",
    });
  }
  const verdict = history.kind === "quarantined"
    ? { isKnown: true, problem: history.entry }
    : {
      isKnown: registry.has(history.row.type),
      problem: judgeStored(registry, history.row),
    };
  const exit = verdict.problem === undefined ? EXIT.ok : EXIT.actionable;
  return {
    exit,
    text: historyText(history, verdict),
    json: { ...headOf(open, exit), ...historyJson(history, verdict) },
  };
}
