/**
 * Asks on a terminal what a line has left open: which worktrees it means.
 *
 * @module
 */

import { whenNothingNamed } from "../environment/route_selection.ts";
import type { Route } from "../environment/route_types.ts";
import type { SelectableUnit } from "../environment/selectable_units.ts";
import { askOf, selectUnits } from "../environment/selectors.ts";
import { KnownError } from "../errors.ts";
import type { Host } from "../host/host.ts";

/** A line, and where its person is. */
interface Asking {
  readonly host: Pick<Host, "env" | "terminal">;
  readonly route: Route;
}

/**
 * The line as a person completes it: with the only project that there is, or
 * with those that are chosen on the terminal. Where nothing is left open, and
 * where nobody can be asked, it stays as it is, so that choosing tells what it
 * lacks.
 *
 * @param projects names of what there is.
 * @param count how many of them the command can take.
 * @throws {KnownError} `cancelled` when nothing was chosen.
 */
export async function withChosenProjects<T extends Asking>(
  session: T,
  units: readonly SelectableUnit[],
  projects: readonly string[],
  count: "many" | "one" = "many",
): Promise<T> {
  const { route } = session;
  const found = selectUnits(
    units,
    projects,
    askOf(route),
    whenNothingNamed(route),
  );
  const isOpen = found.kind === "faults" &&
    found.faults.some(({ kind }) => kind === "nothing");
  if (!isOpen) return session;
  const names = projects.length === 1
    ? projects
    : await askForProjects(session, projects, count);
  if (names === undefined) return session;
  return { ...session, route: { ...route, projects: names } };
}

/** Names that a person chooses; `undefined` where nobody can be asked. */
async function askForProjects(
  { host, route }: Asking,
  projects: readonly string[],
  count: "many" | "one",
): Promise<readonly string[] | undefined> {
  const { env, terminal } = host;
  const canAsk = terminal.isInteractive && !route.headless &&
    env.get("TERM") !== "dumb";
  if (!canAsk || projects.length === 0) return undefined;
  const what = count === "one" ? "Which worktree does" : "Which worktrees does";
  const { selectFromList } = await import("./select_list.ts");
  const chosen = await selectFromList(terminal, {
    text: `${what} ${route.command} mean?`,
    count,
    items: projects.map((name) => ({ key: name, label: name })),
  });
  if (chosen !== undefined) return chosen;
  throw new KnownError("cancelled", "Nothing was chosen", {
    hint: "Name it on the line instead: --project NAME",
  });
}
