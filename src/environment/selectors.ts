/**
 * Which services and dependencies of which projects a line is about. What does
 * not match is an error and never widens the choice.
 *
 * @module
 */

import type { Route, RuntimeScope } from "./route_types.ts";
import type { SelectableUnit } from "./selectable_units.ts";

/** What a line asks for. */
export interface SelectionAsk {
  /** Selectors: from `--service`, plain words, and words after `--`. */
  readonly selectors: readonly string[];
  /** Which of them may name a project too. */
  readonly words: readonly string[];
  /** Names after `--project`. */
  readonly projects: readonly string[];
  /** A part of the stack. */
  readonly scope: RuntimeScope | undefined;
  /** Everything of every project. */
  readonly isAll: boolean;
  /** Selectors of what is left out. */
  readonly without: readonly string[];
}

/** Why nothing was chosen. */
export type SelectionFault =
  /** Nobody answers to it. */
  | {
    readonly kind: "unmatched";
    readonly selector: string;
    readonly candidates: readonly string[];
  }
  /** It names a project, and a service or dependency too. */
  | { readonly kind: "ambiguous"; readonly selector: string }
  /** The line names nothing, and the command needs a name. */
  | { readonly kind: "nothing"; readonly candidates: readonly string[] };

/** What is chosen. */
export type Selection =
  | { readonly kind: "faults"; readonly faults: readonly SelectionFault[] }
  | {
    readonly kind: "chosen";
    /** In the order of the candidates. */
    readonly units: readonly SelectableUnit[];
    /** Projects that the line named. */
    readonly projects: readonly string[];
    /** Whether the line named no part of a project, but for what to leave. */
    readonly isWhole: boolean;
  };

/** What a route asks for. */
export function askOf(
  route: Pick<
    Route,
    "flags" | "passthrough" | "projects" | "services" | "words"
  >,
): SelectionAsk {
  const words = [...route.words, ...route.passthrough];
  return {
    selectors: route.services,
    words,
    projects: route.projects,
    scope: route.flags.scope,
    isAll: route.flags.all ?? false,
    without: route.flags.without ?? [],
  };
}

/**
 * Chooses among candidates. `projects` are the names of all projects that there
 * are, also of those without candidates; `whenNothing` says what a line means
 * that names no project.
 */
export function selectUnits(
  candidates: readonly SelectableUnit[],
  projects: readonly string[],
  ask: SelectionAsk,
  whenNothing: "everything" | "fault",
): Selection {
  const faults: SelectionFault[] = [];
  const chosenProjects = new Set<string>();
  const selectors = [...ask.selectors];
  const names = [
    ...new Set([...projects, ...candidates.map((u) => u.project)]),
  ];
  for (const name of ask.projects) {
    const found = matchName(name, names);
    if (found.length === 0) faults.push(unmatched(name, names));
    for (const project of found) chosenProjects.add(project);
  }
  for (const word of ask.words) {
    const found = matchName(word, names);
    const isUnit = candidates.some((unit) => matches(unit, word));
    if (found.length > 0 && isUnit) {
      faults.push({ kind: "ambiguous", selector: word });
    } else if (found.length === 0) selectors.push(word);
    for (const project of found) chosenProjects.add(project);
  }
  const inside = chosenProjects.size === 0
    ? candidates
    : candidates.filter(({ project }) => chosenProjects.has(project));
  const isWhole = selectors.length === 0 && isEverything(ask.scope);
  const isNamed = chosenProjects.size > 0 || ask.isAll ||
    isEverything(ask.scope) && selectors.length > 0 &&
      selectors.every((selector) => isQualified(candidates, selector));
  if (!isNamed && whenNothing === "fault" && faults.length === 0) {
    return faulty([{ kind: "nothing", candidates: projects.toSorted() }]);
  }
  const chosen = new Set<SelectableUnit>(isWhole ? inside : []);
  for (const selector of selectors) {
    const found = bestMatches(inside, selector);
    if (found.length === 0) faults.push(unmatched(selector, namesOf(inside)));
    for (const unit of found) chosen.add(unit);
  }
  for (const word of scopeWords(ask.scope)) {
    const found = inside.filter((unit) => isInScope(unit, word));
    if (found.length === 0) {
      faults.push(unmatched(`--${word}`, namesOf(inside)));
    }
    for (const unit of found) chosen.add(unit);
  }
  for (const selector of ask.without) {
    const found = bestMatches(inside, selector);
    if (found.length === 0) faults.push(unmatched(selector, namesOf(inside)));
    for (const unit of found) chosen.delete(unit);
  }
  if (faults.length > 0) return faulty(faults);
  return {
    kind: "chosen",
    units: candidates.filter((unit) => chosen.has(unit)),
    projects: [...chosenProjects],
    isWhole,
  };
}

function faulty(faults: readonly SelectionFault[]): Selection {
  return { kind: "faults", faults };
}

function isEverything(scope: RuntimeScope | undefined): boolean {
  return scope === undefined || scope === "entire-system";
}

function scopeWords(scope: RuntimeScope | undefined): readonly RuntimeScope[] {
  if (scope === undefined || scope === "entire-system") return [];
  return scope === "fullstack" ? ["backend", "frontend"] : [scope];
}

function isInScope(unit: SelectableUnit, word: RuntimeScope): boolean {
  return word === "dependencies"
    ? unit.kind === "dependency"
    : unit.kind === "service" && unit.id === word;
}

/** The same letters win over the same letters in another case. */
function bestMatches(
  units: readonly SelectableUnit[],
  selector: string,
): readonly SelectableUnit[] {
  const exact = units.filter((unit) => spellings(unit).includes(selector));
  return exact.length > 0
    ? exact
    : units.filter((unit) => matches(unit, selector));
}

function matches(unit: SelectableUnit, selector: string): boolean {
  const folded = selector.trim().toLowerCase();
  return spellings(unit).some((name) => name.toLowerCase() === folded);
}

/** Whether a selector says which project it means. */
function isQualified(
  units: readonly SelectableUnit[],
  selector: string,
): boolean {
  const folded = selector.toLowerCase();
  return units.some((unit) =>
    matches(unit, selector) &&
    folded.startsWith(`${unit.project.toLowerCase()} `)
  );
}

/** Every way to name a unit. */
function spellings(unit: SelectableUnit): readonly string[] {
  const { displayName, id, kind, project } = unit;
  return [
    id,
    `${kind}:${id}`,
    displayName,
    `${project} ${id}`,
    `${project} ${displayName}`,
  ];
}

function matchName(name: string, names: readonly string[]): readonly string[] {
  if (names.includes(name)) return [name];
  const folded = name.toLowerCase();
  return names.filter((known) => known.toLowerCase() === folded);
}

function namesOf(units: readonly SelectableUnit[]): readonly string[] {
  return [...new Set(units.map(({ id }) => id))].toSorted();
}

function unmatched(
  selector: string,
  candidates: readonly string[],
): SelectionFault {
  return { kind: "unmatched", selector, candidates: candidates.toSorted() };
}

/** What is wrong with a choice, in a sentence without its point. */
export function describeSelectionFault(fault: SelectionFault): string {
  switch (fault.kind) {
    case "unmatched":
      return fault.candidates.length === 0
        ? `Nothing matches ${fault.selector}: there is nothing to choose from`
        : `Nothing matches ${fault.selector}; there are ` +
          fault.candidates.join(", ");
    case "ambiguous":
      return `${fault.selector} is a project and a part of one; write ` +
        `--project ${fault.selector} or --service ${fault.selector}`;
    case "nothing":
      return fault.candidates.length === 0
        ? "The line names no project, and there is none"
        : `The line names no project; there are ${fault.candidates.join(", ")}`;
  }
}
