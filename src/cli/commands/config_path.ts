/**
 * `reeve config path`.
 *
 * @module
 */

import { PROJECT_FILE } from "../../config/project_file.ts";
import { joinPath } from "../../host/path.ts";
import type { CommandContext, CommandResult } from "../command.ts";
import { EXIT } from "../exit_code.ts";
import { readScope, requireProject } from "./config_scope.ts";
import type { ChangeFlags } from "./config_set.ts";

/** Prints where settings are, or would be. */
export function run(
  { host }: CommandContext,
  flags: ChangeFlags,
): Promise<CommandResult> {
  const { config, project } = readScope(host);
  const projectFile = project === undefined
    ? null
    : project.file ?? joinPath(project.root, PROJECT_FILE);
  if (flags.project) requireProject(host, project);
  return Promise.resolve({
    exit: EXIT.ok,
    json: {
      "schema": "config_path",
      "schema_version": 1,
      "user_file": config.userFile,
      "project_file": projectFile,
      "project_root": project?.root ?? null,
    },
    text: flags.project ? projectFile ?? "" : config.userFile,
  });
}
