/**
 * The wizard as a state machine: an answer leads to the next question, to the
 * end, or back to the same question with a complaint. Pure.
 *
 * @module
 */

import { checkText } from "../config/check_value.ts";
import { describeAllowed } from "../config/value_text.ts";
import { splitCommand } from "../environment/command_words.ts";
import type { EnvironmentSettings } from "../environment/model.ts";
import { REPOSITORY_KEYS, SERVICE_KEYS } from "../environment/service_keys.ts";
import type { SettingSpec } from "../environment/service_keys.ts";
import { chooseNames } from "./wizard_names.ts";
import { defaultAnswer, helpFor, suggestionsFor } from "./wizard_questions.ts";
import {
  nextState,
  type WizardFacts,
  type WizardState,
  type WizardStep,
} from "./wizard_state.ts";
import {
  keepingRunning,
  listening,
  withPort,
  withService,
  withSuggestion,
} from "./wizard_units.ts";

/** What an answer leads to. */
export type WizardTurn =
  /** A question, the same or another one. */
  | {
    readonly kind: "ask";
    readonly state: WizardState;
    /** What to say before it. */
    readonly notes: readonly string[];
  }
  | { readonly kind: "save"; readonly settings: EnvironmentSettings }
  | { readonly kind: "quit" };

type Answered = EnvironmentSettings | string;

/**
 * Takes an answer. An empty one is the default, `?` asks for help, `back` for
 * the question before, and `quit` leaves.
 *
 * @param text `undefined` at the end of input, which leaves.
 */
export function answer(
  facts: WizardFacts,
  state: WizardState,
  text: string | undefined,
): WizardTurn {
  if (text === undefined) return { kind: "quit" };
  const word = text.trim();
  switch (word.toLowerCase()) {
    case "quit":
    case "exit":
      return { kind: "quit" };
    case "?":
    case "help":
      return stay(state, helpFor(state.step));
    case "back":
      return state.before === undefined
        ? stay(state, "This is the first question; quit leaves.")
        : {
          kind: "ask",
          // What was answered meanwhile is what Enter takes.
          state: {
            ...state.before,
            settings: state.settings,
            base: state.base,
          },
          notes: [],
        };
  }
  if (state.step.kind === "review") return review(facts, state, word);
  const given = word === "" ? defaultAnswer(facts, state) : word;
  if (state.step.kind === "source") return chooseSource(facts, state, given);
  const answered = answerStep(facts, state, state.step, given);
  return typeof answered === "string"
    ? stay(state, answered)
    : { kind: "ask", state: nextState(state, answered), notes: [] };
}

function stay(state: WizardState, note: string): WizardTurn {
  return { kind: "ask", state, notes: [note] };
}

function review(
  { plan }: WizardFacts,
  state: WizardState,
  word: string,
): WizardTurn {
  if (!/^y(?:es)?$/i.test(word)) {
    return word === "" || /^no?$/i.test(word)
      ? { kind: "quit" }
      : stay(state, "Answer y or n, or back.");
  }
  const outcome = plan(state.settings);
  return outcome.kind === "fault"
    ? stay(state, `${outcome.message}. Go back to correct it.`)
    : { kind: "save", settings: state.settings };
}

function chooseSource(
  { bases }: WizardFacts,
  state: WizardState,
  given: string,
): WizardTurn {
  const base = bases.find(({ name }) => name === given.toLowerCase());
  if (base === undefined) {
    return stay(state, `Answer ${bases.map(({ name }) => name).join(" or ")}.`);
  }
  // Who comes back and takes the same one keeps the answers.
  const settings = base.name === state.base ? state.settings : base.settings;
  const next = nextState({ ...state, base: base.name }, settings);
  return { kind: "ask", state: next, notes: [] };
}

/** Settings with the answer, or why it is none. */
function answerStep(
  facts: WizardFacts,
  state: WizardState,
  step: Exclude<WizardStep, { readonly kind: "review" | "source" }>,
  given: string,
): Answered {
  const { settings } = state;
  switch (step.kind) {
    case "default_mode": {
      const mode = given.toLowerCase();
      return mode === "main" || mode === "trees"
        ? { ...settings, defaultMode: mode }
        : "Answer main or trees.";
    }
    case "components":
      return chooseNames(facts, state, step.mode, given);
    case "keeps_running":
      return onYes(
        given,
        (isYes) =>
          withService(settings, step.slug, (one) => keepingRunning(one, isYes)),
      );
    case "listens":
      return onYes(
        given,
        (isYes) =>
          withService(settings, step.slug, (one) => listening(one, isYes)),
      );
    case "trees_directory":
      return onText(REPOSITORY_KEYS.TREES_DIR, given, (treesDirectory) => ({
        ...settings,
        treesDirectory,
      }));
    case "directory":
      return onText(
        SERVICE_KEYS.DIR,
        given,
        (directory) =>
          withService(settings, step.slug, (one) => ({ ...one, directory })),
      );
    case "command":
      return chooseCommand(facts, settings, step.slug, given);
    case "service_port":
      return choosePort(settings, step.slug, given);
    case "dependency_port":
      return onPort(given, (port) => ({
        ...settings,
        dependencies: settings.dependencies.map((one) =>
          one.id === step.id
            ? { ...one, ports: { ...one.ports, [step.resource]: port } }
            : one
        ),
      }));
  }
}

function onYes(
  given: string,
  change: (isYes: boolean) => EnvironmentSettings,
): Answered {
  const isYes = /^y(?:es)?$/i.test(given);
  const isNo = /^no?$/i.test(given);
  return isYes || isNo ? change(isYes) : "Answer y or n.";
}

function onText(
  spec: SettingSpec,
  given: string,
  change: (text: string) => EnvironmentSettings,
): Answered {
  const checked = checkText(spec, given);
  return checked.kind === "value"
    ? change(String(checked.value))
    : `It must be ${describeAllowed(spec)}.`;
}

function onPort(
  given: string,
  change: (port: number) => EnvironmentSettings,
): Answered {
  const checked = checkText(SERVICE_KEYS.PORT, given);
  return checked.kind === "value"
    ? change(Number(checked.value))
    : `It must be ${describeAllowed(SERVICE_KEYS.PORT)}.`;
}

/** A service may do without a port, unless its command has a place for it. */
function choosePort(
  settings: EnvironmentSettings,
  slug: string,
  given: string,
): Answered {
  if (given.toLowerCase() !== "none") {
    return onPort(
      given,
      (port) => withService(settings, slug, (one) => withPort(one, port)),
    );
  }
  const { command = [] } = settings.services.find((one) => one.slug === slug) ??
    {};
  return command.some((word) => word.includes("{port}"))
    ? "Its command has {port}, so it needs one; back leads to the command."
    : withService(settings, slug, (one) => withPort(one, undefined));
}

/** A number chooses a suggestion; anything else is the command. */
function chooseCommand(
  facts: WizardFacts,
  settings: EnvironmentSettings,
  slug: string,
  given: string,
): Answered {
  const service = settings.services.find((one) => one.slug === slug);
  if (service === undefined) return settings;
  const found = suggestionsFor(facts, service);
  if (/^\d+$/.test(given)) {
    const suggestion = found[Number(given) - 1];
    return suggestion === undefined
      ? `There is no suggestion ${given}.`
      : withService(settings, slug, (one) => withSuggestion(one, suggestion));
  }
  const suggestion = found.find(({ command }) => command === given);
  if (suggestion !== undefined && service.command.length === 0) {
    return withService(
      settings,
      slug,
      (one) => withSuggestion(one, suggestion),
    );
  }
  const split = splitCommand(given);
  if (split.kind !== "words") return `${sentence(split.reason)}.`;
  if (split.words.length === 0) return "It needs a command.";
  return onText(
    SERVICE_KEYS.CMD,
    given,
    () =>
      withService(settings, slug, (one) => ({ ...one, command: split.words })),
  );
}

function sentence(text: string): string {
  return text.slice(0, 1).toUpperCase() + text.slice(1);
}
