/**
 * Asks the questions of the wizard at a terminal.
 *
 * @module
 */

import type { EnvironmentSettings } from "../environment/model.ts";
import type { Host } from "../host/host.ts";
import { questionOf } from "./wizard_questions.ts";
import { firstState, type WizardFacts } from "./wizard_state.ts";
import { answer } from "./wizard_steps.ts";

/**
 * Asks until a person saves or leaves. What leads to a question is shown once,
 * not again after every answer that it does not take.
 *
 * @returns `undefined` for one who has left.
 */
export async function askForSettings(
  { terminal }: Pick<Host, "terminal">,
  facts: WizardFacts,
): Promise<EnvironmentSettings | undefined> {
  let state = firstState(facts);
  let isNew = true;
  while (true) {
    const { lines, prompt } = questionOf(facts, state);
    const shown = isNew ? lines : [];
    for (const line of shown) terminal.err(`${line}\n`);
    const turn = answer(facts, state, await terminal.readLine(prompt));
    if (turn.kind === "quit") return undefined;
    if (turn.kind === "save") return turn.settings;
    for (const note of turn.notes) terminal.err(`${note}\n`);
    isNew = turn.state !== state;
    state = turn.state;
  }
}
