/**
 * What starting and stopping are asked for, what they tell while they work,
 * and what they report in the end.
 *
 * @module
 */

import type { Host } from "../host/host.ts";
import type { Mode, Project, RunState } from "./model.ts";
import type { ObservedRun } from "./observe.ts";

/** What changing an environment needs of the world. */
export type LifecycleHost = Pick<
  Host,
  | "blocking"
  | "clock"
  | "env"
  | "files"
  | "network"
  | "processes"
  | "programs"
  | "random"
  | "tcp"
  | "web"
>;

/** Where a unit is on its way. */
export type UnitStep =
  | "waiting"
  | "starting"
  | "ready"
  | "failed"
  | "given_up"
  | "not_started"
  | "kept"
  | "stopping"
  | "stopped"
  | "left_out";

/** A step of one service or dependency. */
export interface UnitChange {
  /** Project that owns it. */
  readonly project: string;
  /** Slug of a service, or id of a dependency. */
  readonly unit: string;
  /** Where it is now. */
  readonly state: UnitStep;
  /** More about it, for people: a port, or why it failed. */
  readonly detail?: string;
}

/** Hears how a command gets on. Must not throw. */
export interface Reporter {
  /** A phase has begun. */
  onPhase(phase: string): void;
  /** A unit has got further. */
  onUnit(change: UnitChange): void;
}

/** How much a start does at the same time. */
export interface Pace {
  /** How many projects. */
  readonly projects: number;
  /** How many services of a project, where the graph allows more. */
  readonly units: number;
}

/** The pace where nobody has asked for another one. */
export const USUAL_PACE: Pace = {
  projects: 4,
  units: Number.POSITIVE_INFINITY,
};

/** What to start. */
export interface StartRequest {
  /** What a person has called. */
  readonly command: "start" | "resume" | "restart";
  /** Mode. */
  readonly mode: Mode;
  /** Projects, of {@linkcode listProjects}. */
  readonly projects: readonly Project[];
  /** Keys of the units that are meant, of `unitKey`. */
  readonly chosen: "everything" | ReadonlySet<string>;
  /** Whether what runs is replaced and a new run begun. */
  readonly isFresh: boolean;
  /** Whether dependencies may be started. */
  readonly withDependencies: boolean;
  /** Whether a restart also restarts those that need the chosen ones. */
  readonly withDependents: boolean;
  /** How much is done at the same time. @default `USUAL_PACE` */
  readonly pace?: Pace;
  /** Whether what was started ends when one project fails. @default false */
  readonly isAtomic?: boolean;
  /** Whether ports of earlier runs say nothing. @default false */
  readonly forgetsPorts?: boolean;
}

/** What a start came to. */
export interface StartReport {
  /** What became of it. */
  readonly kind:
    | "started"
    | "resumed"
    | "nothing_to_resume"
    | "failed"
    | "interrupted";
  /** The run as it was saved. */
  readonly run: RunState | undefined;
  /** What was seen of it before, when nothing of it has changed. */
  readonly unchanged?: ObservedRun;
  /** Why it failed, as sentences. */
  readonly failure?: string;
  /** The next step. */
  readonly hint?: string;
  /** What is not well without breaking the environment, as sentences. */
  readonly degraded: readonly string[];
}

/** What to stop. */
export interface StopRequest {
  /** Only this mode. */
  readonly mode?: Mode;
  /** Only these projects. */
  readonly projects?: readonly string[];
  /** Keys of the units that are meant, of `unitKey`. */
  readonly chosen: "everything" | ReadonlySet<string>;
}

/** What a stop came to. */
export interface StopReport {
  /** Names of the units that were ended. */
  readonly stopped: readonly string[];
  /** Names of those of which nothing ran any more. */
  readonly gone: readonly string[];
  /** Those that could not be ended and stay recorded, and why. */
  readonly kept: readonly { readonly name: string; readonly why: string }[];
}
