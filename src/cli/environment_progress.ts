/**
 * What a start or stop is doing right now: a block that is drawn again and
 * again on a terminal, one line for each change elsewhere, nothing for JSON.
 *
 * @module
 */

import type { EnvironmentSettings } from "../environment/model.ts";
import type { Reporter } from "../environment/start.ts";
import type { Terminal } from "../host/host.ts";
import { LiveBlock } from "./live_block.ts";
import { toOneLine } from "./one_line.ts";

/** One change of a unit. */
export type UnitChange = Parameters<Reporter["onUnit"]>[0];

/** Progress of one command. */
export interface EnvironmentProgress extends Reporter {
  /** Takes the block away. */
  finish(): void;
}

const GLYPHS: Readonly<Record<UnitChange["state"], string>> = {
  waiting: "○",
  starting: "•",
  ready: "✓",
  failed: "✗",
  "given_up": "○",
  "not_started": "✗",
  kept: "✓",
  stopping: "•",
  stopped: "○",
  "left_out": "-",
};

const WORDS: Readonly<Record<UnitChange["state"], string>> = {
  waiting: "waits",
  starting: "is starting",
  ready: "is ready",
  failed: "has failed",
  "given_up": "is not waited for any longer",
  "not_started": "was not started",
  kept: "runs already",
  stopping: "is stopping",
  stopped: "has stopped",
  "left_out": "is left out",
};

/** What is being done in each phase of a start. */
const PHASES: Readonly<Record<string, string>> = {
  state: "Looking at what runs",
  plan: "Planning",
  ports: "Making room",
  units: "Starting",
  finish: "Saving",
};

/** States that a line is not worth where nothing is drawn again. */
const QUIET: readonly UnitChange["state"][] = ["left_out", "waiting"];

/** One change as a line. */
export function changeText(
  { detail, project, state, unit }: UnitChange,
): string {
  const why = detail === undefined ? "" : `: ${toOneLine(detail)}`;
  return `${GLYPHS[state]} ${project} ${unit} ${WORDS[state]}${why}`;
}

/**
 * Opens the progress of a command. What fits a block to the screen is loaded
 * only where there is one.
 */
export async function openEnvironmentProgress(
  terminal: Pick<Terminal, "columns" | "err" | "isInteractive" | "out">,
  { isJson, settings, title }: {
    readonly isJson: boolean;
    /** What is being done until a phase says more. */
    readonly title: string;
    /** The settings, which know what people call services. */
    readonly settings: Pick<EnvironmentSettings, "services">;
  },
): Promise<EnvironmentProgress> {
  const block = new LiveBlock(terminal, { isWanted: !isJson });
  const changes = new Map<string, UnitChange>();
  let phase = title;
  const fit = block.isShown
    ? (await import("./environment_progress_block.ts")).blockText
    : undefined;
  const draw = () => {
    if (fit === undefined) return;
    block.draw(fit(phase, [...changes.values()], terminal.columns));
  };
  return {
    onPhase(text) {
      phase = PHASES[text] ?? text;
      if (block.isShown) draw();
    },
    onUnit(told) {
      const service = settings.services.find(({ slug }) => slug === told.unit);
      const unit = service?.displayName ?? told.unit;
      const change = { ...told, unit };
      changes.set(`${told.project}\n${told.unit}`, change);
      if (block.isShown) draw();
      else if (!isJson && !QUIET.includes(change.state)) {
        terminal.err(`${changeText(change)}\n`);
      }
    },
    finish: () => block.clear(),
  };
}
