/** Plays the wizard without a terminal. */

import { assert } from "@std/assert";
import { questionOf } from "../../src/cli/wizard_questions.ts";
import {
  firstState,
  type WizardFacts,
  type WizardState,
} from "../../src/cli/wizard_state.ts";
import { answer, type WizardTurn } from "../../src/cli/wizard_steps.ts";
import { KnownError } from "../../src/errors.ts";
import type { EnvironmentSettings } from "../../src/environment/model.ts";
import {
  readText,
  settledText,
} from "../../src/environment/settings_change.ts";
import { readEnvironmentSettings } from "../../src/environment/settings_read.ts";

/** Path of the file. */
export const PATH = "/r/.reeve";
const WEB = {
  slug: "web",
  role: "web",
  directory: "web",
  source: "package.json script dev",
  confidence: "high",
  command: "npm run dev -- --port {port}",
  port: 5173,
  readsPort: false,
} as const;

const READS_PORT = {
  ...WEB,
  slug: "api",
  directory: "api",
  command: "deno task dev",
  port: 8000,
  readsPort: true,
} as const;

/** The settings that a text says. */
export function settingsOf(text: string): EnvironmentSettings {
  return readText(PATH, text).settings;
}

/** What the wizard knows where the file is this text. */
export function factsFor(text: string): WizardFacts {
  const suggestions = [READS_PORT, WEB];
  const env = { get: () => undefined };
  return {
    path: PATH,
    suggestions,
    bases: [
      { name: "current", what: "the file", settings: settingsOf(text) },
      {
        name: "detected",
        what: "what there is",
        settings: readEnvironmentSettings({ env, suggestions }).settings,
      },
      { name: "empty", what: "nothing", settings: settingsOf("") },
    ],
    plan: (settings) => {
      try {
        const after = settledText({ path: PATH, text: "" }, settings);
        return { kind: "text", shown: after };
      } catch (error) {
        if (!(error instanceof KnownError)) throw error;
        return { kind: "fault", message: error.message };
      }
    },
  };
}

/** Two services and a dependency. */
export const TWO = "REEVE_SERVICES=api,web\nREEVE_SERVICE_API_CMD=a\n" +
  "REEVE_SERVICE_API_PORT=8000\nREEVE_SERVICE_WEB_CMD=w\n" +
  "REEVE_SERVICE_WEB_DEPENDS_ON=api,redis\nREEVE_DEPENDENCIES=redis\n";
/** One service. */
export const ONE =
  "REEVE_SERVICES=api\nREEVE_SERVICE_API_CMD='deno task dev'\n";

/** What answers have led to. */
export interface Played {
  /** The last turn. */
  readonly turn: WizardTurn;
  /** Every question, with what was said before it. */
  readonly said: readonly string[];
}

/** Where Enter alone has led to. */
export interface Entered {
  /** The questions on the way. */
  readonly prompts: readonly string[];
  /** The last one. */
  readonly state: WizardState;
}

/** Plays answers: the last turn, and every question with what was said. */
export function play(
  facts: WizardFacts,
  answers: readonly (string | undefined)[],
): Played {
  let turn: WizardTurn = { kind: "ask", state: firstState(facts), notes: [] };
  const said: string[] = [];
  for (const text of answers) {
    assert(turn.kind === "ask", `over before ${text}: ${said.join("\n")}`);
    said.push(questionOf(facts, turn.state).prompt);
    turn = answer(facts, turn.state, text);
    if (turn.kind === "ask") said.push(...turn.notes);
  }
  return { turn, said };
}

/** The settings after some answers. */
export function settingsAfter(
  facts: WizardFacts,
  answers: readonly string[],
): EnvironmentSettings {
  const { turn } = play(facts, answers);
  assert(turn.kind === "ask");
  return turn.state.settings;
}

/** Enter until the review, and the prompts on the way. */
export function enterAll(facts: WizardFacts, from: WizardState): Entered {
  const prompts: string[] = [];
  let state = from;
  for (let at = 0; at < 100; at++) {
    prompts.push(questionOf(facts, state).prompt.trim());
    if (state.step.kind === "review") return { prompts, state };
    const turn = answer(facts, state, "");
    if (turn.kind !== "ask" || turn.state === state) break;
    state = turn.state;
  }
  return { prompts, state };
}
