/**
 * What is known of one listener, as plain data: the classifier decides on it,
 * a snapshot stores it, and no secret is ever part of it.
 *
 * @module
 */

import type { PortRange } from "../host/processes.ts";
import type { FamilyName, Product } from "./family.ts";

/** A health answer, reduced to what decides or is shown. */
export interface HealthFacts {
  /** Whether a JSON object came with status 200 in time and size. */
  readonly responded: boolean;
  /** What came instead, in a word; `ok` when it responded. */
  readonly outcome: string;
  /** `status` of the payload. */
  readonly status?: string;
  /** `product` of the payload; only our own daemons send it. */
  readonly product?: string;
  /** `daemon_family` of the payload. */
  readonly daemonFamily?: string;
  /** `protocol_version`, when it is an integer. */
  readonly protocolVersion?: number;
  /** `package_version`. */
  readonly packageVersion?: string;
  /** Canonical form of `singleton_scope_id`. */
  readonly scope?: string;
  /** `owner.pid`. */
  readonly ownerPid?: number;
  /** `owner.port`. */
  readonly ownerPort?: number;
  /** Whether the payload has an `owner` block. */
  readonly hasOwner: boolean;
  /** `owner.queue_db_path`. */
  readonly queueDbPath?: string;
  /** `owner.auth_scope`. */
  readonly authScope?: string;
  /** `owner.server_url`. */
  readonly serverUrl?: string;
  /** `owner.started_at`, ISO 8601. */
  readonly startedAt?: string;
  /** Whether the payload has the dashboards' keys. */
  readonly isDashboardShaped: boolean;
}

/** What the argument vector of the listener's process proves. */
export interface SpawnFacts {
  /**
   * `marked` and `unmarked` have the shape of a family's daemon, with or
   * without a scope marker; `unknown` means that nobody could read it.
   */
  readonly shape: "marked" | "unmarked" | "none" | "unknown";
  /** Whose shape it is. */
  readonly product?: Product;
  /** Which kind of daemon has that shape. */
  readonly family?: FamilyName;
  /** Whether the shape alone is proof without a marker. */
  readonly isProofWithoutMarker: boolean;
  /** Canonical scope root of the marker. */
  readonly scope?: string;
  /** Port that the argument vector names. */
  readonly port?: number;
  /** The argument vector with secrets replaced. */
  readonly argv: readonly string[];
}

/** The listener's process. */
export interface ProcessSummary {
  /** Start stamp of the platform. */
  readonly startStamp: string;
  /** Start in epoch milliseconds. */
  readonly startedAt?: number;
  /** Numeric user id. */
  readonly uid?: number;
  /** Path of the executable. */
  readonly executable?: string;
  /** Whether it runs or is stopped. */
  readonly state: string;
}

/** Comparisons of secrets, made where they were read. */
export interface CredentialFacts {
  /** Whether the token in the argument vector equals the one in health. */
  readonly argvTokenIsHealthToken?: boolean;
  /** Whether the token in the state file equals the one in health. */
  readonly stateTokenIsHealthToken?: boolean;
  /** How the owner block in health relates to the shared record on disk. */
  readonly ownerBlock: "absent" | "is_on_disk" | "not_on_disk" | "not_read";
}

/** One listener in a family's port range. */
export interface Candidate {
  /** Port on 127.0.0.1. */
  readonly port: number;
  /** The one process that owns the listener, when that is proved. */
  readonly pid?: number;
  /** Why there is no one owner: `several`, `unseen`, `unknown` and the like. */
  readonly ownerProblem?: string;
  /** Its process, when it could be read. */
  readonly process?: ProcessSummary;
  /** What its argument vector proves. */
  readonly spawn: SpawnFacts;
  /** What its health answer says. */
  readonly health: HealthFacts;
  /** Comparisons of secrets. */
  readonly credentials: CredentialFacts;
  /** Whether an owner record is on disk for its port, or in its answer. */
  readonly ownerPresent: boolean;
}

/** The daemon that a scope's state file names. */
export interface Singleton {
  /** Port, when the file names one. */
  readonly port?: number;
  /** Process id, when the file names one. */
  readonly pid?: number;
}

/** One product's scope, as the foreground process resolves it. */
export interface ScopeView {
  /** Canonical scope root; absent when it cannot be resolved. */
  readonly scope?: string;
  /** What the state file names; absent when there is none. */
  readonly singleton?: Singleton;
  /** Why the state file cannot be used, when it is there. */
  readonly stateProblem?: string;
  /** When the state file was written, in epoch milliseconds. */
  readonly stateWrittenAt?: number;
}

/** From where a candidate is judged. */
export interface Viewpoint {
  /** When the facts were read, in epoch milliseconds. */
  readonly takenAt: number;
  /** Kind of daemons that are looked for. */
  readonly family: FamilyName;
  /** Their port range. */
  readonly ports: PortRange;
  /** The scopes of the products. */
  readonly scopes: Readonly<Record<Product, ScopeView>>;
}
