/**
 * `reeve explain-startup` and `reeve preflight`.
 *
 * @module
 */

import type { CommandResult } from "../command.ts";
import { previewStart } from "../environment_preview.ts";
import {
  isPossible,
  previewJson,
  previewText,
} from "../environment_preview_text.ts";
import { startRequestOf, withScope } from "../environment_request.ts";
import type { EnvironmentSession } from "../environment_session.ts";
import { EXIT } from "../exit_code.ts";

/** Says what a start would do; 1 when something keeps it from being tried. */
export async function run(line: EnvironmentSession): Promise<CommandResult> {
  const session = withScope(line);
  const { host, isJson, place, route } = session;
  const request = await startRequestOf(session);
  const preview = await previewStart(host, place, request);
  const isLoose = route.flags.strict !== true;
  const isFine = isPossible(preview) &&
    (isLoose || preview.warnings.length === 0);
  return {
    exit: isFine ? EXIT.ok : EXIT.actionable,
    text: previewText(preview),
    json: previewJson(route.command, preview, isFine),
    notes: isJson ? [] : preview.warnings.map((one) => `${one}.`),
  };
}
