/**
 * `reeve doctor`.
 *
 * @module
 */

import type { EnvironmentPlace } from "../../environment/place.ts";
import type { Route } from "../../environment/route_types.ts";
import { KnownError } from "../../errors.ts";
import { examJson, judgeExam } from "../../doctor/environment_report.ts";
import type { CommandContext, CommandResult } from "../command.ts";
import type { EnvironmentSession } from "../environment_session.ts";
import { examine, type WhereToLook } from "../environment_doctor_exam.ts";
import { examText } from "../environment_doctor_text.ts";
import { EXIT } from "../exit_code.ts";
import { widthOf } from "../table.ts";

/** Examines a repository, or takes care of it. */
export function run(session: EnvironmentSession): Promise<CommandResult> {
  const { route, place } = session;
  return runDoctor(session, route, () => Promise.resolve(place));
}

/**
 * Examines what there is, also outside of a repository.
 *
 * @param open opens the repository that the line is about.
 * @throws {KnownError} why there is no repository, for a line that names one or
 * that wants something to be changed.
 */
export async function runDoctor(
  context: CommandContext,
  route: Route,
  open: () => Promise<EnvironmentPlace>,
): Promise<CommandResult> {
  const { flags } = route;
  const changes = flags.repair === true || flags.reclaim === true;
  const where = await find(open, changes || flags.repo !== undefined);
  if (changes && where.kind === "repository") {
    return await care(context, where.place, route);
  }
  requireChange(route);
  const exam = await examine(context, where, {
    isStrict: flags.strict === true,
    withInstall: flags.install === true,
  });
  const { isFine } = judgeExam(exam);
  const exit = isFine ? EXIT.ok : EXIT.actionable;
  if (context.isJson) return { exit, json: examJson(exam) };
  const { terminal } = context.host;
  const { hasColor } = terminal;
  const columns = widthOf(terminal);
  return { exit, text: examText(exam, { columns, hasColor }) };
}

async function find(
  open: () => Promise<EnvironmentPlace>,
  mustBe: boolean,
): Promise<WhereToLook> {
  try {
    return { kind: "repository", place: await open() };
  } catch (error) {
    const isAnswer = error instanceof KnownError && error.code !== "no_home";
    if (mustBe || !isAnswer) throw error;
    return { kind: "none", reason: error };
  }
}

/** Looking needs no consent and ends nothing. */
function requireChange({ flags }: Pick<Route, "flags">): void {
  const [word] = [
    ...flags.force === true ? ["--force"] : [],
    ...flags.dryRun === true ? ["--dry-run"] : [],
  ];
  if (word === undefined) return;
  throw new KnownError("usage", `${word} needs --reclaim or --repair`, {
    hint: "To look only: reeve doctor. To end leftovers: " +
      "reeve doctor --reclaim",
  });
}

async function care(
  context: CommandContext,
  place: EnvironmentPlace,
  route: Route,
): Promise<CommandResult> {
  const [{ takeCare }, { careJson, careText, isCareFine }] = await Promise.all([
    import("../environment_doctor_care.ts"),
    import("../environment_doctor_care_text.ts"),
  ]);
  const outcome = await takeCare(context, place, route);
  const exit = isCareFine(outcome) ? EXIT.ok : EXIT.actionable;
  return { exit, json: careJson(outcome), text: careText(outcome) };
}
