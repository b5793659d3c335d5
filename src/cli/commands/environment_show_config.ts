/**
 * `reeve show-config`.
 *
 * @module
 */

import type { CommandResult } from "../command.ts";
import type { EnvironmentSession } from "../environment_session.ts";
import { settingsJson, settingsText } from "../environment_settings_text.ts";
import { EXIT } from "../exit_code.ts";
import { widthOf } from "../table.ts";

/** Shows the settings that count; 1 when something in them is wrong. */
export function run(
  { host, place }: EnvironmentSession,
): Promise<CommandResult> {
  const { loaded, repositoryRoot: root } = place;
  return Promise.resolve({
    exit: loaded.faults.length === 0 ? EXIT.ok : EXIT.actionable,
    text: settingsText({ root, loaded }, widthOf(host.terminal)),
    json: settingsJson({ root, loaded }),
  });
}
