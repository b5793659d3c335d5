/**
 * `reeve start`, `reeve resume` and `reeve restart`.
 *
 * @module
 */

import type { RunState } from "../../environment/model.ts";
import { type ObservedRun, observeStates } from "../../environment/observe.ts";
import { startEnvironment } from "../../environment/start.ts";
import type { CommandResult } from "../command.ts";
import {
  failureNotes,
  startExit,
  startJson,
  type StartOutcome,
  startText,
} from "../environment_change_text.ts";
import { openEnvironmentProgress } from "../environment_progress.ts";
import {
  startRequestOf,
  withScope,
  withTrees,
} from "../environment_request.ts";
import type { EnvironmentSession } from "../environment_session.ts";
import { widthOf } from "../table.ts";

/** Starts, and tells what came of it. */
export async function run(line: EnvironmentSession): Promise<CommandResult> {
  const session = withScope(await withTrees(line));
  const { host, isJson, place } = session;
  const request = await startRequestOf(session);
  const { warnings } = place.loaded;
  // First of all: they may be why it does not do what was meant.
  if (!isJson) { for (const one of warnings) host.terminal.err(`${one}.\n`); }
  const interrupt = session.takeInterrupts();
  const progress = await openEnvironmentProgress(host.terminal, {
    isJson,
    settings: place.loaded.settings,
    title: "Starting",
  });
  const report = await startEnvironment(
    host,
    place,
    request,
    progress,
    interrupt,
  ).finally(progress.finish);
  const observed = report.unchanged ?? await observe(session, report.run);
  const outcome: StartOutcome = {
    command: request.command,
    report,
    observed,
    signal: interrupt.reason,
    warnings,
  };
  return {
    exit: startExit(outcome),
    text: startText(outcome, widthOf(host.terminal)),
    json: startJson(outcome),
    notes: isJson ? [] : failureNotes(report),
  };
}

async function observe(
  { host, place }: EnvironmentSession,
  run: RunState | undefined,
): Promise<ObservedRun | undefined> {
  if (run === undefined) return undefined;
  return (await observeStates(host, place, [run])).at(0);
}
