/**
 * Plans: texts about work to be done, of which each gets worktrees of its own.
 *
 * @module
 */

import { KnownError } from "../errors.ts";
import { type Host, HostError } from "../host/host.ts";
import { joinPath } from "../host/path.ts";
import { nearestName } from "../config/nearest.ts";

/** A plan below the directory of plans. */
export interface PlanFile {
  /** `folder/name`, as people call it. */
  readonly name: string;
  /** Path below the directory of plans: `folder/name.md`. */
  readonly file: string;
  /** The feature that its worktrees belong to: `folder_name`. */
  readonly feature: string;
}

const PLAN = /^(?!README\.md$)(?!.*_PLAN\.md$)[^.].*\.md$/i;
const SHOWN_PLANS = 10;

/** Whether a file of a folder is a plan, by their names. */
export function isPlan(folder: string, file: string): boolean {
  return folder !== "done" && !folder.startsWith(".") && PLAN.test(file);
}

/** The feature of a plan: lower case, and `_` for whatever is no letter. */
export function featureOf(name: string): string {
  return name.toLowerCase().replaceAll(/[^a-z0-9]+/g, "_")
    .replaceAll(/^_+|_+$/g, "");
}

/**
 * The plans of a repository, by name: `*.md` exactly one folder below the
 * directory of plans, but no `README.md`, no `*_PLAN.md`, and no folder `done`.
 */
export async function listPlans(
  { files }: Pick<Host, "files">,
  directory: string,
): Promise<readonly PlanFile[]> {
  const folders = await namesIn({ files }, directory);
  const found = await Promise.all(folders.map(async (folder) => {
    const names = await namesIn({ files }, joinPath(directory, folder));
    return names.filter((file) => isPlan(folder, file)).map((file) => {
      const name = `${folder}/${file.slice(0, -".md".length)}`;
      return { name, file: `${folder}/${file}`, feature: featureOf(name) };
    });
  }));
  return found.flat();
}

async function namesIn(
  { files }: Pick<Host, "files">,
  path: string,
): Promise<readonly string[]> {
  try {
    return await files.list(path);
  } catch (error) {
    if (error instanceof HostError && error.code === "not_a_directory") {
      return [];
    }
    throw error;
  }
}

/** Why selectors choose nothing. */
export interface PlanFault {
  /** What is wrong, in a sentence. */
  readonly message: string;
  /** The next step. */
  readonly hint: string;
}

/** What selectors choose. */
export type PlanChoice =
  | { readonly kind: "plans"; readonly plans: readonly PlanFile[] }
  | { readonly kind: "fault"; readonly fault: PlanFault };

/**
 * Chooses plans, each once. A selector is `folder/name`, with or without `.md`,
 * with or without the directory of plans in front, or a name that only one
 * folder has.
 *
 * @param prefixes the directory of plans as it may be written in front.
 */
export function choosePlans(
  plans: readonly PlanFile[],
  selectors: readonly string[],
  prefixes: readonly string[],
): PlanChoice {
  const chosen = new Map<string, PlanFile>();
  for (const selector of selectors) {
    const found = matching(plans, bareName(selector, prefixes));
    const [plan] = found;
    if (plan === undefined) return fault(unmatched(plans, selector));
    if (found.length > 1) return fault(ambiguous(found, selector));
    chosen.set(plan.name, plan);
  }
  const clash = clashIn(plans, [...chosen.values()]);
  if (clash !== undefined) return fault(clash);
  return { kind: "plans", plans: [...chosen.values()] };
}

function fault(what: PlanFault): PlanChoice {
  return { kind: "fault", fault: what };
}

function bareName(selector: string, prefixes: readonly string[]): string {
  const path = selector.replaceAll("\\", "/").replace(/^(?:\.\/)+/, "");
  const prefix = prefixes.map((one) => `${one.replaceAll("\\", "/")}/`)
    .find((one) => path.startsWith(one));
  const inside = prefix === undefined ? path : path.slice(prefix.length);
  return inside.replace(/\.md$/i, "");
}

function matching(
  plans: readonly PlanFile[],
  name: string,
): readonly PlanFile[] {
  const whole = plans.filter((plan) => plan.name === name);
  if (whole.length > 0) return whole;
  return plans.filter((plan) => plan.name.split("/")[1] === name);
}

function unmatched(plans: readonly PlanFile[], selector: string): PlanFault {
  const near = nearestName(
    selector,
    plans.flatMap(({ name }) => [name, name.split("/")[1] ?? name]),
  );
  const hint = near === undefined
    ? plans.length === 0 ? "There are none." : `There are: ${namesOf(plans)}`
    : `Did you mean ${near}?`;
  return { message: `There is no plan ${JSON.stringify(selector)}`, hint };
}

function ambiguous(found: readonly PlanFile[], selector: string): PlanFault {
  return {
    message: `${selector} may be ${found.map(({ name }) => name).join(" or ")}`,
    hint: "Name its folder too.",
  };
}

/** Two plans of one feature would share their worktrees. */
function clashIn(
  plans: readonly PlanFile[],
  chosen: readonly PlanFile[],
): PlanFault | undefined {
  for (const { feature, file, name } of chosen) {
    if (feature === "") {
      return {
        message: `The plan ${name} has no letter from a to z and no digit`,
        hint: "Give the file another name: its worktrees are named after it.",
      };
    }
    const other = plans.find((one) =>
      one.feature === feature && one.file !== file
    );
    if (other === undefined) continue;
    return {
      message: `The plans ${name} and ${other.name} have the same worktrees, ` +
        feature,
      hint: "Rename one of the files.",
    };
  }
  return undefined;
}

/** Some names of plans for people. */
export function namesOf(plans: readonly PlanFile[]): string {
  const names = plans.slice(0, SHOWN_PLANS).map(({ name }) => name);
  const more = plans.length - SHOWN_PLANS;
  return names.join(", ") + (more > 0 ? ` and ${more} more` : "");
}

/**
 * The text of a plan.
 *
 * @throws {KnownError} `unreadable`.
 */
export async function readPlan(
  { files }: Pick<Host, "files">,
  directory: string,
  { file }: PlanFile,
): Promise<string> {
  const path = joinPath(directory, ...file.split("/"));
  try {
    return await files.readText(path);
  } catch (error) {
    if (!(error instanceof HostError)) throw error;
    throw new KnownError(
      "unreadable",
      `Cannot read the plan ${path}: ${error.code.replaceAll("_", " ")}`,
      { hint: "Correct the file, then try again." },
    );
  }
}
