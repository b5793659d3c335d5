/**
 * `reeve debug-pack`, `reeve debug-report` and `reeve debug-last`.
 *
 * @module
 */

import { lastBundle, packBundle } from "../../environment/debug_pack.ts";
import type { CommandResult } from "../command.ts";
import { askDoctor, gatherExtras } from "../environment_debug_extras.ts";
import {
  lastJson,
  lastText,
  packJson,
  reportJson,
  reportText,
} from "../environment_debug_text.ts";
import type { EnvironmentSession } from "../environment_session.ts";
import { EXIT } from "../exit_code.ts";

/** Writes a bundle, or says where the last one is. */
export async function run(session: EnvironmentSession): Promise<CommandResult> {
  const { host, place, route } = session;
  const { includeDoctor, outputDirectory, runId } = route.flags;
  if (route.command === "debug-last") {
    const last = await lastBundle(host, place);
    const exit = last.kind === "found" ? EXIT.ok : EXIT.actionable;
    return { exit, text: lastText(last), json: lastJson(last) };
  }
  const [own, doctor] = await Promise.all([
    gatherExtras(session),
    includeDoctor === true ? askDoctor(session) : undefined,
  ]);
  const extras = { ...own, doctor };
  const packed = await packBundle(host, place, {
    runId,
    outputDirectory,
    extras,
  });
  const isReport = route.command === "debug-report";
  return {
    exit: EXIT.ok,
    text: isReport ? reportText(packed) : packed.path,
    json: isReport ? reportJson(packed) : packJson(packed),
    notes: isReport ? [] : packed.notes,
  };
}
