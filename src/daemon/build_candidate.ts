/**
 * Turns what was read about one port into a {@linkcode Candidate}: secrets are
 * compared here and go no further.
 *
 * @module
 */

import type { Host, LoopbackReply } from "../host/host.ts";
import type { Inspection } from "../host/processes.ts";
import type { PortOwner } from "../process/listener.ts";
import type {
  Candidate,
  CredentialFacts,
  ProcessSummary,
  SpawnFacts,
} from "./candidate.ts";
import type { Family, Product } from "./family.ts";
import { defined } from "./defined.ts";
import { type HealthReading, readHealth } from "./health_facts.ts";
import { canonical, type ScopeReading } from "./scope.ts";
import { readSpawn, redactArgv, type SpawnReading } from "./spawn_facts.ts";

/** What was read about one port. */
export interface ListenerReading {
  /** Port on 127.0.0.1. */
  readonly port: number;
  /** Who owns the listener. */
  readonly owner: PortOwner;
  /** What the health probe met. */
  readonly reply: LoopbackReply;
  /** The owner's process. */
  readonly inspection: Inspection | undefined;
}

/** What is the same for all candidates of a scan. */
export interface CandidateContext {
  /** Families whose shapes are tried. */
  readonly families: readonly Family[];
  /** The products' scopes. */
  readonly scopes: Readonly<Record<Product, ScopeReading>>;
  /** Ports for which one of our own owner records is on disk. */
  readonly ownersOnDisk: ReadonlySet<number>;
}

/** Builds the candidate of one port. */
export async function buildCandidate(
  host: Pick<Host, "files">,
  reading: ListenerReading,
  context: CandidateContext,
): Promise<Candidate> {
  const facts = reading.inspection?.kind === "found"
    ? reading.inspection.facts
    : undefined;
  const argv = facts?.argv;
  const spawn = argv && readSpawn(argv, context.families);
  const health = readHealth(reading.reply);
  const pid = reading.owner.kind === "one" && facts !== undefined
    ? reading.owner.pid
    : undefined;
  const [markerScope, healthScope] = await Promise.all([
    spawn?.marker === undefined ? undefined : canonical(host, spawn.marker),
    health.scope === undefined ? undefined : canonical(host, health.scope),
  ]);
  return {
    port: reading.port,
    ...defined({ pid, ownerProblem: ownerProblem(reading) }),
    ...(facts === undefined ? {} : { process: summarize(facts) }),
    spawn: spawnFacts(argv, spawn, markerScope),
    health: { ...health.facts, ...defined({ scope: healthScope }) },
    credentials: compareCredentials(spawn, health, context),
    ownerPresent: health.facts.hasOwner ||
      context.ownersOnDisk.has(reading.port),
  };
}

function ownerProblem(reading: ListenerReading): string | undefined {
  if (reading.owner.kind !== "one") return reading.owner.kind;
  return reading.inspection?.kind === "found"
    ? undefined
    : reading.inspection?.kind ?? "unknown";
}

function summarize(facts: {
  readonly startStamp: string;
  readonly startedAt: number | undefined;
  readonly uid: number | undefined;
  readonly executable: string | undefined;
  readonly state: string;
}): ProcessSummary {
  const { startStamp, startedAt, uid, executable, state } = facts;
  return { startStamp, state, ...defined({ startedAt, uid, executable }) };
}

function spawnFacts(
  argv: readonly string[] | undefined,
  spawn: SpawnReading | undefined,
  scope: string | undefined,
): SpawnFacts {
  if (argv === undefined || spawn === undefined) {
    return { shape: "unknown", isProofWithoutMarker: false, argv: [] };
  }
  const { family, marker, port } = spawn;
  const shape = family === undefined
    ? "none"
    : marker === undefined
    ? "unmarked"
    : "marked";
  return {
    shape,
    isProofWithoutMarker: family?.spawn.kind === "script",
    argv: redactArgv(argv),
    ...defined({
      product: family?.product,
      family: family?.name,
      scope,
      port,
    }),
  };
}

function compareCredentials(
  spawn: SpawnReading | undefined,
  health: HealthReading,
  { scopes }: CandidateContext,
): CredentialFacts {
  const product = spawn?.family?.product;
  const scope = product === undefined ? undefined : scopes[product];
  const compare = (token: string | undefined) =>
    token === undefined || health.token === undefined
      ? undefined
      : token === health.token;
  return {
    ...defined({
      argvTokenIsHealthToken: compare(spawn?.token),
      stateTokenIsHealthToken: compare(scope?.state?.token),
    }),
    ownerBlock: compareOwnerBlock(health, scope?.sharedOwner),
  };
}

/** The block in health hides the token, so that key is left out of both. */
function compareOwnerBlock(
  health: HealthReading,
  onDisk: string | undefined,
): CredentialFacts["ownerBlock"] {
  if (health.owner === undefined) return "absent";
  if (onDisk === undefined) return "not_read";
  const disk = withoutToken(onDisk);
  return disk !== undefined && disk === canonicalJson(health.owner)
    ? "is_on_disk"
    : "not_on_disk";
}

function withoutToken(text: string): string | undefined {
  try {
    const value: unknown = JSON.parse(text);
    return typeof value === "object" && value !== null
      ? canonicalJson({ ...value })
      : undefined;
  } catch {
    return undefined;
  }
}

function canonicalJson(value: Readonly<Record<string, unknown>>): string {
  const keys = Object.keys(value).filter((key) => key !== "token").sort();
  return JSON.stringify(keys.map((key) => [key, value[key]]));
}
