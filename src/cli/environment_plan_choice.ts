/**
 * Which plans a line means, and what they want.
 *
 * @module
 */

import { KnownError } from "../errors.ts";
import {
  choosePlans,
  listPlans,
  namesOf,
  type PlanFile,
  readPlan,
} from "../environment/plan_file.ts";
import type { TreeWish } from "../environment/worktree_steps.ts";
import type { Host } from "../host/host.ts";
import { absolutePath, joinPath } from "../host/path.ts";
import type { EnvironmentSession } from "./environment_session.ts";
import { existingIterations } from "./environment_worktree_setup.ts";

/** Plans, and the worktrees that they want. */
export interface WantedPlans {
  /** The plans. */
  readonly plans: readonly PlanFile[];
  /** Their worktrees. */
  readonly wishes: readonly TreeWish[];
}

/**
 * Finds the plans that a line names, or asks for one on a terminal.
 *
 * @returns `quit` when the person chooses none.
 * @throws {KnownError} `not_found` for a plan that there is not, or a line
 * that names none where nobody can be asked.
 */
export async function wantedPlans(
  session: EnvironmentSession,
): Promise<WantedPlans | "quit"> {
  const { host, place, route } = session;
  const { plansDirectory } = place.loaded.settings.worktrees;
  const directory = joinPath(place.repositoryRoot, plansDirectory);
  const all = await listPlans(host, directory);
  const named = [...route.words, ...route.passthrough];
  const selectors = named.length > 0 ? named : await ask(session, all);
  if (selectors === undefined) return "quit";
  const choice = choosePlans(all, selectors, [
    plansDirectory,
    directory,
    absolutePath(host.env.cwd, plansDirectory),
  ]);
  if (choice.kind === "fault") {
    const { hint, message } = choice.fault;
    const where = all.length > 0 ? hint : noPlanHint(plansDirectory);
    throw new KnownError("not_found", message, { hint: where });
  }
  const { plans } = choice;
  const iterations = existingIterations(route.flags.includeExisting ?? []);
  const wishes = await Promise.all(
    plans.map(async (plan): Promise<TreeWish> => {
      const { feature } = plan;
      const text = await readPlan(host, directory, plan);
      const task = { plan: plan.file, text };
      return iterations.length === 0
        ? { kind: "any", feature, task }
        : { kind: "existing", feature, iterations, task };
    }),
  );
  return { plans, wishes };
}

function noPlanHint(directory: string): string {
  return `Write one: ${directory}/FOLDER/NAME.md`;
}

async function ask(
  { host, place, route }: EnvironmentSession,
  plans: readonly PlanFile[],
): Promise<readonly string[] | undefined> {
  const { plansDirectory } = place.loaded.settings.worktrees;
  const [first] = plans;
  if (first === undefined) {
    throw new KnownError("not_found", `There is no plan in ${plansDirectory}`, {
      hint: noPlanHint(plansDirectory),
    });
  }
  if (route.headless || !host.terminal.isInteractive) {
    throw new KnownError("not_found", "The line names no plan", {
      hint: `There are: ${namesOf(plans)}. Such as: reeve plan ${first.name}`,
    });
  }
  return await choose(host, plans);
}

/** Asks until the answer is numbers of plans, or nothing. */
async function choose(
  { terminal }: Pick<Host, "terminal">,
  plans: readonly PlanFile[],
): Promise<readonly string[] | undefined> {
  plans.forEach(({ name }, at) => terminal.err(`  ${at + 1}  ${name}\n`));
  while (true) {
    const answer = await terminal.readLine("Which plans? (Enter for none) ");
    if (answer === undefined || answer === "" || answer === "q") {
      return undefined;
    }
    const words = answer.split(/[\s,]+/).filter((word) => word !== "");
    const chosen = words.map((word) => plans[Number(word) - 1]?.name);
    if (chosen.every((name) => name !== undefined)) return chosen;
    terminal.err(`Write numbers from 1 to ${plans.length}, such as: 1 2\n`);
  }
}
