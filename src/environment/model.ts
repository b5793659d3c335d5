/**
 * The words of the environment part: what a repository says it wants, and what
 * was started for it.
 *
 * @module
 */

/** Whether commands are about the main checkout or about worktrees. */
export type Mode = "main" | "trees";

/** One checkout with a stack of its own. */
export interface Project {
  /** `Main`, or the branch of a worktree. */
  readonly name: string;
  /** Its directory. */
  readonly root: string;
}

/** How a service tells that it is ready. */
export type ReadyRule =
  /** Somebody of its process tree listens on its port. */
  | { readonly kind: "listen" }
  /** That, and `GET path` answers with 200 to 399. */
  | { readonly kind: "http"; readonly path: string }
  /** A line of its log matches. */
  | { readonly kind: "log"; readonly pattern: string }
  /** It ends with 0: a step that others wait for, such as a migration. */
  | { readonly kind: "exit" }
  /** It runs. */
  | { readonly kind: "running" };

/** A service as the settings of a repository describe it. */
export interface ServiceDefinition {
  /** `[a-z][a-z0-9-]*`, unique within the repository. */
  readonly slug: string;
  /** For people. @default the slug with a capital letter */
  readonly displayName: string;
  /** Words of its command; `{port}` and its like are still in them. */
  readonly command: readonly string[];
  /** Directory below the project's root. */
  readonly directory: string;
  /** Port of slot 0; `undefined` for one that listens to nothing. */
  readonly portBase: number | undefined;
  /** When it counts as ready. */
  readonly ready: ReadyRule;
  /**
   * Services and dependencies that must be ready before it; `dependencies` are
   * all of the mode.
   */
  readonly dependsOn: readonly string[];
  /** Variables of its own; `${…}` is still in them. */
  readonly env: Readonly<Record<string, string>>;
  /** How long it may take to be ready, in milliseconds. */
  readonly timeoutMs: number;
  /** How long it may take to end after SIGTERM, in milliseconds. */
  readonly graceMs: number;
  /** Whether the environment is broken without it. */
  readonly isCritical: boolean;
  /** Only where this path exists below the project's root. */
  readonly onlyIfPath: string | undefined;
  /** Modes that it belongs to. */
  readonly modes: readonly Mode[];
  /** Address for health checks, with `{port}`. */
  readonly healthUrl: string | undefined;
  /** Address for people, with `{port}`. */
  readonly publicUrl: string | undefined;
}

/** Where a dependency comes from. */
export type ProvisionMode =
  | "auto"
  | "command"
  | "container"
  | "external"
  | "native";

/** A dependency as the settings describe it. */
export interface DependencyChoice {
  /** `postgres`, `redis`, … */
  readonly id: string;
  /** How it is provided. */
  readonly mode: ProvisionMode;
  /** Port of slot 0 for each of its resources. */
  readonly ports: Readonly<Record<string, number>>;
  /** Address of an external one. */
  readonly url: string | undefined;
  /** Command of mode `command`. */
  readonly command: readonly string[];
  /** Whether worktrees share the one of the main checkout. */
  readonly isShared: boolean;
  /** Modes that it belongs to. */
  readonly modes: readonly Mode[];
}

/** How worktrees are made. */
export interface WorktreeChoice {
  /** Directory of the plans below the root. */
  readonly plansDirectory: string;
  /** Paths of the main checkout that a new worktree gets links to. */
  readonly links: readonly string[];
  /** Whether hooks of the repository run when one is made. */
  readonly runsHooks: boolean;
}

/** What a repository wants. */
export interface EnvironmentSettings {
  /** Mode of a command that names none. */
  readonly defaultMode: Mode;
  /** Directory of the worktrees below the root. */
  readonly treesDirectory: string;
  /** How worktrees are made. */
  readonly worktrees: WorktreeChoice;
  /** Every service, in the order of the file. */
  readonly services: readonly ServiceDefinition[];
  /** Every dependency that is on in some mode. */
  readonly dependencies: readonly DependencyChoice[];
  /** Host in addresses for people. */
  readonly publicHost: string;
  /** Variables that services inherit beyond the allowed ones. */
  readonly inheritedEnv: readonly string[];
}

/** Where an assigned port came from. */
export type PortSource =
  | "env"
  | "fresh_start_replacement"
  | "planner"
  | "restart"
  | "resume"
  | "retry";

/** One planned port. */
export interface PortPlan {
  /** Project. */
  readonly project: string;
  /** Service slug or `dependency.resource`. */
  readonly unit: string;
  /** What the settings and the slot ask for. */
  readonly requested: number;
  /** What the ledger gave. */
  readonly assigned: number;
  /** What it listens on in the end. */
  readonly final: number;
  /** Where it came from. */
  readonly source: PortSource;
  /** Ports that were taken. */
  readonly retries: number;
}

/** A process that can be told from every other one, here and after a reboot. */
export interface UnitIdentity {
  /** Process id; also its session and process group, as it was spawned. */
  readonly pid: number;
  /** Start stamp that the platform gave it. */
  readonly startStamp: string;
  /** Boot that it belongs to. */
  readonly bootId: string | undefined;
  /** Pid namespace that it belongs to. */
  readonly pidNamespace: string | undefined;
  /** Random words in its environment: `REEVE_UNIT=<marker>`. */
  readonly marker: string;
}

/** What a service is doing. */
export type ServiceStatus =
  | "degraded"
  | "finished"
  | "running"
  | "stale"
  | "starting"
  | "stopped"
  | "termination_failed"
  | "unreachable"
  | "unverified";

/** A service that was started. */
export interface ServiceRecord {
  /** `Main backend`. */
  readonly name: string;
  /** Its project. */
  readonly project: string;
  /** Its slug. */
  readonly slug: string;
  /** Who it is; `undefined` for one that a person has stopped. */
  readonly identity: UnitIdentity | undefined;
  /** Directory that it runs in. */
  readonly cwd: string;
  /** Hash of its argument vector; the words may hold secrets. */
  readonly argvHash: string;
  /** Port that was asked for. */
  readonly requestedPort: number | undefined;
  /** Port that it listens on. */
  readonly actualPort: number | undefined;
  /** Its log. */
  readonly logPath: string;
  /** Epoch milliseconds of its start. */
  readonly startedAt: number;
  /** What it was found doing when this was written. */
  readonly status: ServiceStatus;
  /** Whether it should listen. */
  readonly expectsListener: boolean;
  /** Whether the environment is broken without it. */
  readonly isCritical: boolean;
  /** Why it is not well, in a sentence. */
  readonly failure: string | undefined;
  /** Addresses. */
  readonly publicUrl: string | undefined;
  /** Address for health checks. */
  readonly healthUrl: string | undefined;
}

/** A dependency that was started or found. */
export interface DependencyRecord {
  /** `postgres`, `redis`, … */
  readonly id: string;
  /** Project that owns it: shared ones belong to `Main`. */
  readonly project: string;
  /** How it is provided. */
  readonly mode: Exclude<ProvisionMode, "auto">;
  /** Who it is, for one that is our process. */
  readonly identity: UnitIdentity | undefined;
  /** Ports by resource. */
  readonly ports: Readonly<Record<string, number>>;
  /** Address of an external one, without its password. */
  readonly url: string | undefined;
  /** Where its data is, for one that we provide. */
  readonly dataDirectory: string | undefined;
  /** Its log, for one that we provide. */
  readonly logPath: string | undefined;
  /** What it was found doing when this was written. */
  readonly status: ServiceStatus;
  /** Why it is not well, in a sentence. */
  readonly failure: string | undefined;
  /** Retries that starting took. */
  readonly retries: number;
}

/** One run: what was started together, and what has become of it. */
export interface RunState {
  /** `run-YYYYMMDDHHMMSS-<8 hex>`. */
  readonly runId: string;
  /** Its mode. */
  readonly mode: Mode;
  /** Its projects. */
  readonly projects: readonly Project[];
  /** Hash of everything that decides what would be started. */
  readonly fingerprint: string;
  /** Its services, by name. */
  readonly services: readonly ServiceRecord[];
  /** Its dependencies. */
  readonly dependencies: readonly DependencyRecord[];
  /** Its ports. */
  readonly ports: readonly PortPlan[];
  /** Epoch milliseconds of its begin. */
  readonly createdAt: number;
  /** Why its start failed, if it did. */
  readonly failure: string | undefined;
}
