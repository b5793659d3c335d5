/**
 * `reeve plan`.
 *
 * @module
 */

import type { CommandResult } from "../command.ts";
import { wantedPlans } from "../environment_plan_choice.ts";
import { planJson, planText } from "../environment_plan_text.ts";
import type { EnvironmentSession } from "../environment_session.ts";
import {
  previewTrees,
  projectsOfTrees,
  requireTreeFlags,
  setUpTrees,
  startingSession,
  treeWishesOf,
  withForgottenPorts,
} from "../environment_worktree_setup.ts";
import { EXIT } from "../exit_code.ts";
import { run as start } from "./environment_start.ts";

/** Makes worktrees for plans, and starts them. */
export async function run(session: EnvironmentSession): Promise<CommandResult> {
  const { host, isJson, route } = session;
  requireTreeFlags(route);
  const wanted = await wantedPlans(session);
  if (wanted === "quit") {
    return { exit: EXIT.interrupted, text: "Nothing done." };
  }
  const { plans, wishes: own } = wanted;
  const wishes = [...own, ...treeWishesOf(route)];
  if (route.flags.dryRun === true) {
    const outcome = await previewTrees(session, wishes);
    return {
      exit: EXIT.ok,
      text: planText(plans, outcome, { isDry: true }),
      json: planJson(plans, outcome, { isDry: true, started: undefined }),
      notes: session.place.loaded.warnings.map((one) => `${one}.`),
    };
  }
  const outcome = await setUpTrees(session, wishes);
  const text = planText(plans, outcome, { isDry: false });
  if (!isJson) host.terminal.err(`${text}\n`);
  const projects = await projectsOfTrees(session, outcome);
  const line = startingSession(session, projects.map(({ name }) => name));
  const started = await start(await withForgottenPorts(line));
  const { exit } = started;
  return {
    ...started,
    json: planJson(plans, outcome, {
      isDry: false,
      started: { exit, document: started.json },
    }),
  };
}
