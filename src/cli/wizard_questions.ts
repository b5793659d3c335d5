/**
 * The questions of the wizard as text, with their defaults and help. Pure.
 *
 * @module
 */

import { joinCommand } from "../environment/command_words.ts";
import type { ServiceSuggestion } from "../environment/detect_services.ts";
import type { ServiceDefinition } from "../environment/model.ts";
import { DEPENDENCY_IDS } from "../environment/service_keys.ts";
import type { WizardFacts, WizardState, WizardStep } from "./wizard_state.ts";
import { namesIn, proposedPort } from "./wizard_units.ts";

/** A question as it is shown. */
export interface WizardQuestion {
  /** Rows before it. */
  readonly lines: readonly string[];
  /** The question itself, with a blank behind it. */
  readonly prompt: string;
}

type Kind = WizardStep["kind"];

const SECTIONS: readonly (readonly [title: string, kinds: readonly Kind[]])[] =
  [
    ["Source", ["source"]],
    ["Default mode", ["default_mode"]],
    ["Components", ["components"]],
    ["Long-running service", ["keeps_running", "listens"]],
    ["Directories", ["directory", "trees_directory"]],
    ["Entry points", ["command"]],
    ["Ports", ["dependency_port", "service_port"]],
    ["Review", ["review"]],
  ];

const HELP: Readonly<Record<Kind, string>> = {
  "source": "What the answers begin with. Nothing is written before the end.",
  "default_mode":
    "main: a command that names no mode is about this checkout. " +
    "trees: it is about the worktrees.",
  "components":
    "Names with commas between; none for nothing. +redis adds one, " +
    "-redis takes one away, a new name makes a service. " +
    `Dependencies are ${DEPENDENCY_IDS.join(", ")}.`,
  "keeps_running": "n for a command that ends by itself, such as a migration.",
  "listens": "n for a worker that nobody connects to.",
  "trees_directory": "Directory below the root that holds the worktrees.",
  directory:
    "Directory below the root that the command runs in; . is the root.",
  "command": "The command with its arguments; {port} stands for its port. No " +
    "shell is involved. A number takes that suggestion.",
  "service_port":
    "Port of the main checkout; each worktree gets another one. " +
    "none for a service that listens to nothing.",
  "dependency_port":
    "Port of the main checkout; each worktree gets another one.",
  "review": "y writes the file. n leaves and writes nothing.",
};

/** What helps with a question. */
export function helpFor({ kind }: WizardStep): string {
  return `${HELP[kind]}\nEnter takes what is in brackets; back, quit.`;
}

/** Suggestions for a service: those of its name, or of its directory. */
export function suggestionsFor(
  { suggestions }: WizardFacts,
  { directory, slug }: ServiceDefinition,
): readonly ServiceSuggestion[] {
  const own = suggestions.filter((one) => one.slug === slug);
  return own.length > 0
    ? own
    : suggestions.filter((one) => one.directory === directory);
}

/** What Enter stands for; empty where a question has no default. */
export function defaultAnswer(
  facts: WizardFacts,
  { base, settings, step }: WizardState,
): string {
  switch (step.kind) {
    case "source":
      return base;
    case "default_mode":
      return settings.defaultMode;
    case "components":
      return namesIn(settings, step.mode).join(",") || "none";
    case "trees_directory":
      return settings.treesDirectory;
    case "dependency_port": {
      const found = settings.dependencies.find(({ id }) => id === step.id);
      return String(found?.ports[step.resource] ?? "");
    }
    case "review":
      return "n";
    default: {
      const service = settings.services.find(({ slug }) => slug === step.slug);
      if (service === undefined) return "";
      return serviceDefault(facts, { settings, kind: step.kind, service });
    }
  }
}

interface ServiceQuestion {
  readonly settings: WizardState["settings"];
  readonly service: ServiceDefinition;
  readonly kind:
    | "command"
    | "directory"
    | "keeps_running"
    | "listens"
    | "service_port";
}

function serviceDefault(
  facts: WizardFacts,
  { kind, service, settings }: ServiceQuestion,
): string {
  switch (kind) {
    case "keeps_running":
      return service.ready.kind === "exit" ? "n" : "y";
    case "listens":
      return proposedPort(settings, service) === undefined ? "n" : "y";
    case "directory":
      return service.directory;
    case "command":
      return joinCommand(service.command) ||
        (suggestionsFor(facts, service)[0]?.command ?? "");
    case "service_port":
      return String(proposedPort(settings, service) ?? "none");
  }
}

/** The question as it is shown; the heading only where a section begins. */
export function questionOf(
  facts: WizardFacts,
  state: WizardState,
): WizardQuestion {
  const { before, step } = state;
  const at = sectionOf(step);
  const isNew = before === undefined || sectionOf(before.step) !== at;
  const [title] = SECTIONS[at] ?? [""];
  const heading = isNew ? ["", `${at + 1}/${SECTIONS.length} ${title}`] : [];
  const value = defaultAnswer(facts, state);
  const hint = step.kind === "review"
    ? " [y/N]"
    : value === ""
    ? ""
    : ` [${value}]`;
  return {
    lines: [...heading, ...introduction(facts, state)],
    prompt: `${promptOf(facts, step)}${hint}: `,
  };
}

function sectionOf({ kind }: WizardStep): number {
  return SECTIONS.findIndex(([, kinds]) => kinds.includes(kind));
}

function promptOf({ path }: WizardFacts, step: WizardStep): string {
  switch (step.kind) {
    case "source":
      return "Begin with";
    case "default_mode":
      return "Mode of a command that names none, main or trees";
    case "components":
      return step.mode === "main"
        ? "Services and dependencies of the main checkout"
        : "Those of worktrees";
    case "keeps_running":
      return `Does ${step.slug} keep running, y or n`;
    case "listens":
      return `Does ${step.slug} listen on a port, y or n`;
    case "trees_directory":
      return "Directory of the worktrees";
    case "directory":
      return `Directory of ${step.slug}`;
    case "command":
      return `Command of ${step.slug}`;
    case "service_port":
      return `Port of ${step.slug}`;
    case "dependency_port":
      return step.resource === "primary"
        ? `Port of ${step.id}`
        : `Port of ${step.id} ${step.resource}`;
    case "review":
      return `Write this to ${path}`;
  }
}

function introduction(
  facts: WizardFacts,
  { settings, step }: WizardState,
): readonly string[] {
  switch (step.kind) {
    case "source": {
      const width = Math.max(...facts.bases.map(({ name }) => name.length));
      return [
        `These questions make the settings in ${facts.path}.`,
        "Enter takes what is in brackets; ? explains, back, quit.",
        ...facts.bases.map(({ name, what }) =>
          `  ${name.padEnd(width)}  ${what}`
        ),
      ];
    }
    case "components":
      return step.mode === "main" ? availableNames(facts, settings) : [];
    case "command": {
      const service = settings.services.find(({ slug }) => slug === step.slug);
      return service === undefined
        ? []
        : suggestionsFor(facts, service).map(suggestionLine);
    }
    case "review": {
      const outcome = facts.plan(settings);
      return outcome.kind === "text"
        ? [outcome.shown.trimEnd()]
        : [`Wrong: ${outcome.message}. Go back to correct it.`];
    }
    default:
      return [];
  }
}

function availableNames(
  { suggestions }: WizardFacts,
  { services }: WizardState["settings"],
): readonly string[] {
  const slugs = new Set([
    ...services.map(({ slug }) => slug),
    ...suggestions.map(({ slug }) => slug),
  ]);
  return [
    `  services      ${
      [...slugs].join(", ") || "none yet; a new name makes one"
    }`,
    `  dependencies  ${DEPENDENCY_IDS.join(", ")}`,
  ];
}

function suggestionLine(
  { command, confidence, directory, source }: ServiceSuggestion,
  at: number,
): string {
  const place = directory === "." ? source : `${directory}/${source}`;
  return `  ${
    at + 1
  }  ${command}\n     from ${place}, confidence ${confidence}`;
}
