/**
 * The one way in which dependencies are started, asked and ended, whatever
 * provides them.
 *
 * @module
 */

import type { DependencyEndpoint } from "../dependency_endpoint.ts";
import type { ProbeResult } from "../dependency_probe.ts";
import type { DependencyDefinition } from "../dependency_registry.ts";
import type { DependencyChoice, UnitIdentity } from "../model.ts";

/** A process to start, with nothing left to be filled in. */
export interface UnitCommand {
  /** For people: `Main postgres`. */
  readonly name: string;
  /** Words of its command. */
  readonly command: readonly [string, ...string[]];
  /** All its variables. */
  readonly env: Readonly<Record<string, string>>;
  /** Directory that it runs in. */
  readonly cwd: string;
  /** File that its output is appended to. */
  readonly logPath: string;
}

/** How an attempt to end something went. */
export type StopOutcome =
  | { readonly kind: "confirmed" }
  | { readonly kind: "unconfirmed"; readonly reason: string };

/** A process to end. */
export interface UnitEnd {
  /** For people. */
  readonly name: string;
  /** Who it is. */
  readonly identity: UnitIdentity;
  /** How it is asked first. */
  readonly firstSignal: "SIGINT" | "SIGTERM";
  /** How long it may take then, in milliseconds. */
  readonly graceMs: number;
}

/** What provisioners need from whoever owns processes. */
export interface UnitOwner {
  /** Starts a process that can always be found again. */
  launch(command: UnitCommand): Promise<UnitIdentity>;
  /** Ends one with all that belongs to it. */
  end(unit: UnitEnd): Promise<StopOutcome>;
  /** Whether it runs; `unknown` is not a yes. */
  isAlive(identity: UnitIdentity): Promise<boolean | "unknown">;
  /** Who listens on a port of 127.0.0.1, as seen from a process. */
  ownerOf(
    port: number,
    identity: UnitIdentity | undefined,
  ): Promise<"nobody" | "stranger" | "unit" | "unknown">;
}

/** What one dependency of one project is started from. */
export interface ProvisionContext {
  /** Its definition. */
  readonly definition: DependencyDefinition;
  /** What the settings say. */
  readonly choice: DependencyChoice;
  /** Scope of the repository. */
  readonly scope: string;
  /** Project that owns it. */
  readonly project: string;
  /** Root of that project. */
  readonly projectRoot: string;
  /** Ports by resource. */
  readonly ports: Readonly<Record<string, number>>;
  /** Directory of its data; only we have it. */
  readonly dataDirectory: string;
  /** File of its output. */
  readonly logPath: string;
  /** Variables that its process gets besides its own. */
  readonly baseEnv: Readonly<Record<string, string>>;
  /** Path of its program, for mode `native`. */
  readonly program: string | undefined;
}

/** A container that can be told from every other one. */
export interface ContainerIdentity {
  /** Full id that the engine gave it. */
  readonly id: string;
  /** Random words in its labels. */
  readonly token: string;
}

/** What would be started. */
export type ProvisionPlan =
  | { readonly kind: "external"; readonly endpoint: DependencyEndpoint }
  | {
    readonly kind: "process";
    readonly endpoint: DependencyEndpoint;
    readonly command: UnitCommand;
    readonly dataDirectory: string | undefined;
  }
  | {
    readonly kind: "container";
    readonly endpoint: DependencyEndpoint;
    readonly name: string;
    readonly context: ProvisionContext;
  };

/** What was started or found. */
export type ProvisionedUnit =
  | { readonly kind: "external"; readonly endpoint: DependencyEndpoint }
  | {
    readonly kind: "process";
    readonly endpoint: DependencyEndpoint;
    readonly name: string;
    readonly identity: UnitIdentity;
  }
  | {
    readonly kind: "container";
    readonly endpoint: DependencyEndpoint;
    readonly name: string;
    readonly container: ContainerIdentity;
    readonly labels: Readonly<Record<string, string>>;
  };

/** One way to provide dependencies. */
export interface Provisioner {
  /**
   * Gets everything ready that is done once, such as a new data directory.
   *
   * @throws {KnownError} when it cannot be provided this way.
   */
  plan(context: ProvisionContext): Promise<ProvisionPlan>;
  /**
   * Starts what was planned; one that we started and that still runs may be
   * taken over.
   *
   * @throws {KnownError} `start_failed` when it cannot be started.
   */
  start(plan: ProvisionPlan): Promise<ProvisionedUnit>;
  /** Asks it whether it is ready; the signal gives up early. */
  probe(unit: ProvisionedUnit, signal?: AbortSignal): Promise<ProbeResult>;
  /** Whether it runs, ready or not. */
  isAlive(unit: ProvisionedUnit): Promise<boolean | "unknown">;
  /** Ends it, if it is ours. */
  stop(unit: ProvisionedUnit): Promise<StopOutcome>;
}
