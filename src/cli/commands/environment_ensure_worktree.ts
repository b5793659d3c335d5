/**
 * `reeve ensure-worktree`.
 *
 * @module
 */

import { knownRouteError } from "../../environment/route.ts";
import { worktreeOf } from "../../environment/route_worktree.ts";
import type { TreeWish } from "../../environment/worktree_steps.ts";
import type { CommandResult } from "../command.ts";
import type { EnvironmentSession } from "../environment_session.ts";
import {
  previewTrees,
  requireTreeFlags,
  setUpTrees,
  type TreeOutcome,
} from "../environment_worktree_setup.ts";
import {
  describeResult,
  describeStep,
  treeJson,
} from "../environment_worktree_text.ts";
import { EXIT } from "../exit_code.ts";

/** Makes or reuses one worktree, and starts nothing. */
export async function run(session: EnvironmentSession): Promise<CommandResult> {
  const { flags } = session.route;
  requireTreeFlags(session.route);
  const asked = worktreeOf(session.route);
  if (asked.kind === "error") throw knownRouteError(asked);
  const wish: TreeWish = {
    kind: "one",
    feature: asked.feature,
    iteration: asked.count,
    existing: flags.worktree ?? "reuse",
  };
  const isDry = flags.dryRun === true;
  const outcome = isDry
    ? await previewTrees(session, [wish])
    : await setUpTrees(session, [wish]);
  return {
    exit: EXIT.ok,
    text: textOf(outcome, { isDry }),
    json: jsonOf(outcome, { isDry }),
  };
}

function textOf(
  { notes, repository, results }: TreeOutcome,
  { isDry }: { readonly isDry: boolean },
): string {
  return [
    ...notes.map((note) => `${note}.`),
    ...results.map((result) =>
      isDry
        ? describeStep(result.step, repository)
        : describeResult(result, repository)
    ),
  ].join("\n");
}

function jsonOf(
  { notes, repository, results }: TreeOutcome,
  { isDry }: { readonly isDry: boolean },
): unknown {
  const [result] = results;
  if (result === undefined) throw new TypeError("no worktree was asked for");
  const { kind } = result.step.verdict;
  return {
    "schema": "environment_worktree",
    "schema_version": 1,
    "ok": true,
    "dry_run": isDry,
    "worktree": treeJson(result, repository),
    "existed_before": kind !== "create",
    "created": kind !== "reuse" && !isDry,
    "runtime_started": false,
    "notes": notes,
  };
}
