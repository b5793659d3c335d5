/**
 * The questions of the wizard: which there are for some settings, and in which
 * order. Pure.
 *
 * @module
 */

import type { ServiceSuggestion } from "../environment/detect_services.ts";
import type {
  EnvironmentSettings,
  Mode,
  ServiceDefinition,
} from "../environment/model.ts";
import { isDependency } from "../environment/service_keys.ts";
import { portKeys } from "../environment/settings_names.ts";

/** What the wizard may begin with. */
export interface WizardBase {
  /** What a person types for it. */
  readonly name: "current" | "detected" | "empty" | "envctl";
  /** What it is, as a line. */
  readonly what: string;
  /** The settings. */
  readonly settings: EnvironmentSettings;
}

/** What the file would be like. */
export type WizardOutcome =
  | {
    readonly kind: "text";
    /** What a person is shown of it: the block, or the rows that differ. */
    readonly shown: string;
  }
  | { readonly kind: "fault"; readonly message: string };

/** What the wizard knows from the start. */
export interface WizardFacts {
  /** What it may begin with; the first is proposed. */
  readonly bases: readonly [WizardBase, ...WizardBase[]];
  /** What the repository seems to have. */
  readonly suggestions: readonly ServiceSuggestion[];
  /** Path of the file. */
  readonly path: string;
  /** What the file would be like with some settings. */
  readonly plan: (settings: EnvironmentSettings) => WizardOutcome;
}

/** One question. */
export type WizardStep =
  | { readonly kind: "source" }
  | { readonly kind: "default_mode" }
  | { readonly kind: "components"; readonly mode: Mode }
  | { readonly kind: "keeps_running"; readonly slug: string }
  | { readonly kind: "listens"; readonly slug: string }
  | { readonly kind: "trees_directory" }
  | { readonly kind: "directory"; readonly slug: string }
  | { readonly kind: "command"; readonly slug: string }
  | { readonly kind: "service_port"; readonly slug: string }
  | {
    readonly kind: "dependency_port";
    readonly id: string;
    readonly resource: string;
  }
  | { readonly kind: "review" };

/** Where the wizard is. */
export interface WizardState {
  /** The question. */
  readonly step: WizardStep;
  /** What was chosen so far. */
  readonly settings: EnvironmentSettings;
  /** What it has begun with. */
  readonly base: WizardBase["name"];
  /** Where it was before; `undefined` at the first question. */
  readonly before: WizardState | undefined;
}

/** The first question. */
export function firstState({ bases }: WizardFacts): WizardState {
  const [{ name: base, settings }] = bases;
  return { step: { kind: "source" }, settings, base, before: undefined };
}

/** The question after this one, with new settings. */
export function nextState(
  state: WizardState,
  settings: EnvironmentSettings,
): WizardState {
  const steps = stepsOf(settings);
  const here = idOf(state.step);
  const at = steps.findIndex((step) => idOf(step) === here);
  const step = steps[at + 1] ?? { kind: "review" };
  return { ...state, step, settings, before: state };
}

/** Services that are on in some mode. */
export function servicesInUse(
  { services }: Pick<EnvironmentSettings, "services">,
): readonly ServiceDefinition[] {
  return services.filter(({ modes }) => modes.length > 0);
}

/** A word that tells a question from every other one. */
export function idOf(step: WizardStep): string {
  return Object.values(step).join(" ");
}

/** Every question for these settings; an answer only changes later ones. */
export function stepsOf(settings: EnvironmentSettings): readonly WizardStep[] {
  const services = servicesInUse(settings);
  const dependencies = settings.dependencies.filter(({ modes }) =>
    modes.length > 0
  );
  const hasTrees = [...services, ...dependencies].some(({ modes }) =>
    modes.includes("trees")
  );
  const running = services.filter(({ ready }) => ready.kind !== "exit");
  const [only] = settings.services.length === 1 ? services : [];
  const long = only === undefined ? [] : longRunningSteps(only);
  const isSilent = only !== undefined && !long.some(asksForPort(only));
  return [
    { kind: "source" },
    { kind: "default_mode" },
    { kind: "components", mode: "main" },
    { kind: "components", mode: "trees" },
    ...long,
    ...hasTrees ? [{ kind: "trees_directory" } as const] : [],
    ...services.map(({ slug }) => ({ kind: "directory", slug }) as const),
    ...services.map(({ slug }) => ({ kind: "command", slug }) as const),
    ...isSilent
      ? []
      : running.map(({ slug }) => ({ kind: "service_port", slug }) as const),
    ...dependencies.flatMap(({ id, mode }) =>
      isDependency(id) && mode !== "external"
        ? portKeys(id).map(({ resource }) =>
          ({ kind: "dependency_port", id, resource }) as const
        )
        : []
    ),
    { kind: "review" },
  ];
}

/** A repository with one service is asked what kind of service that is. */
function longRunningSteps(
  { ready, slug }: ServiceDefinition,
): readonly WizardStep[] {
  return [
    { kind: "keeps_running", slug },
    ...ready.kind === "exit" ? [] : [{ kind: "listens", slug } as const],
  ];
}

/** Whether a service has said that it listens. */
function asksForPort({ portBase, ready }: ServiceDefinition) {
  return ({ kind }: WizardStep) =>
    kind === "listens" &&
    (portBase !== undefined || ready.kind === "listen" ||
      ready.kind === "http");
}
