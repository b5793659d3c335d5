/**
 * Examines a repository's environment and everything below it. Nothing is
 * changed, and nothing is asked that is not on this machine.
 *
 * @module
 */

import {
  collectOrphans,
  type OrphanLook,
} from "../environment/orphan_facts.ts";
import { linkOf } from "../environment/orphan_place.ts";
import { orphanScope, readHistory } from "../environment/orphan_scope.ts";
import { type ObserveHost, observeStates } from "../environment/observe.ts";
import type { EnvironmentPlace } from "../environment/place.ts";
import { type LedgerView, viewPorts } from "../environment/port_ledger.ts";
import { lookAtEngine } from "../environment/provisioners/docker_cli.ts";
import { KnownError } from "../errors.ts";
import type { Host } from "../host/host.ts";
import {
  environmentsDirectory,
  portLedgerPaths,
} from "../state/environment_paths.ts";
import {
  type CheckArea,
  checksOf,
  type EnvironmentCheck,
  REPAIR,
} from "./environment_check.ts";
import { machineChecks, needsChecks } from "./environment_needs_checks.ts";
import { readMachineFacts, readNeeds } from "./environment_needs_facts.ts";
import {
  brokenBooksChecks,
  orphanChecks,
  terminalChecks,
  type TerminalFacts,
} from "./environment_orphan_checks.ts";
import { portChecks, runtimeChecks } from "./environment_runtime_checks.ts";
import { settingsChecks } from "./environment_settings_checks.ts";
import { stateChecks } from "./environment_state_checks.ts";
import {
  readStateFacts,
  type StateFacts,
  statesOf,
} from "./environment_state_facts.ts";
import { placeChecks } from "./health_place.ts";
import { readRootFacts } from "./health_place_facts.ts";

/** What an examination needs of the world. */
export type ExamHost = ObserveHost & Host;

/** Docker may hang; who examines does not wait for it. */
const DOCKER_PATIENCE_MS = 1000;

/** Examines a repository. */
export async function examineRepository(
  host: ExamHost,
  place: EnvironmentPlace,
): Promise<readonly EnvironmentCheck[]> {
  const { paths, loaded, executionRoot } = place;
  const engine = lookAtEngine(host, DOCKER_PATIENCE_MS);
  const { ledger } = portLedgerPaths(paths);
  const facts = await readRootFacts(host, paths.root, [
    environmentsDirectory(paths),
    ledger,
    paths.directory,
    paths.index,
    paths.indexBackup,
    paths.intents,
    paths.events,
    paths.runs,
  ]);
  const own = placeChecks(facts);
  // What is not ours alone may say anything, so nothing in it counts.
  const isOurs = own.every(({ id, status }) =>
    id === "place.disk" || status !== "fail"
  );
  const [needs, machine, inside] = await Promise.all([
    readNeeds(host, executionRoot, loaded.settings, engine),
    readMachineFacts(host, executionRoot, engine),
    isOurs ? examineState(host, place) : notTrusted(host),
  ]);
  return [
    ...own,
    ...settingsChecks(loaded),
    ...inside,
    ...needsChecks(needs),
    ...machineChecks(machine),
  ];
}

/** Examines what is not about a repository. */
export async function examineElsewhere(
  host: ExamHost,
  root: string,
): Promise<readonly EnvironmentCheck[]> {
  const engine = lookAtEngine(host, DOCKER_PATIENCE_MS);
  const { ledger } = portLedgerPaths({ root });
  const environments = environmentsDirectory({ root });
  const facts = await readRootFacts(host, root, [environments, ledger]);
  const own = placeChecks(facts);
  const isOurs = own.every(({ status }) => status !== "fail");
  const [machine, ports] = await Promise.all([
    readMachineFacts(host, host.env.cwd, engine),
    isOurs ? examinePorts(host, root, undefined) : [],
  ]);
  return [
    ...own,
    ...ports,
    ...terminalChecks(terminalFacts(host, undefined)),
    ...machineChecks(machine),
  ];
}

const UNTRUSTED: readonly CheckArea[] = [
  "state",
  "runtime",
  "ports",
  "orphans",
];

function notTrusted(host: ExamHost): readonly EnvironmentCheck[] {
  return [
    ...UNTRUSTED.map((area) =>
      checksOf(area)(
        "unknown",
        "fail",
        "Not looked at: the state root is not yours alone",
        { remedy: "See the checks of the place" },
      )
    ),
    ...terminalChecks(terminalFacts(host, undefined)),
  ];
}

async function examineState(
  host: ExamHost,
  place: EnvironmentPlace,
): Promise<readonly EnvironmentCheck[]> {
  const { paths, scope } = place;
  const [state, ledger] = await Promise.all([
    readStateFacts(host, place),
    readLedger(host, paths.root),
  ]);
  const ports = "entries" in ledger
    ? ledger.entries.filter((entry) => entry.scope === scope)
      .map(({ port }) => port)
    : [];
  const isKnown = state.verdict.kind === "found" ||
    state.verdict.kind === "missing" && state.runIds.length === 0;
  const [runs, look] = await Promise.all([
    observeStates(host, place, statesOf(state)),
    lookForOrphans(host, place, state, ports),
  ]);
  return [
    ...stateChecks(state),
    ...isKnown ? runtimeChecks(runs) : [
      checksOf("runtime")(
        "unknown",
        "fail",
        "Not known: the list of runs cannot be read",
        { remedy: REPAIR },
      ),
    ],
    ...await checkPorts(host, ledger, scope),
    ...isKnown ? orphanChecks(look) : brokenBooksChecks(look),
    ...terminalChecks(terminalFacts(host, await inputOwners(host, look))),
  ];
}

async function lookForOrphans(
  host: ExamHost,
  place: EnvironmentPlace,
  state: StateFacts,
  ports: readonly number[],
): Promise<OrphanLook> {
  const { intents, holder, index } = state;
  const books = {
    runs: statesOf(state),
    history: await readHistory(host, place.paths, index),
    intents: "unknown" in intents ? [] : intents.unresolved,
    isBusy: holder !== undefined,
  };
  return await collectOrphans(host, orphanScope(host, place, books, ports));
}

type Ledger = LedgerView | { readonly newer: KnownError };

async function readLedger(host: ExamHost, root: string): Promise<Ledger> {
  try {
    return await viewPorts(host, { root });
  } catch (error) {
    if (error instanceof KnownError) return { newer: error };
    throw error;
  }
}

async function examinePorts(
  host: ExamHost,
  root: string,
  scope: string | undefined,
): Promise<readonly EnvironmentCheck[]> {
  return await checkPorts(host, await readLedger(host, root), scope);
}

async function checkPorts(
  host: ExamHost,
  ledger: Ledger,
  scope: string | undefined,
): Promise<readonly EnvironmentCheck[]> {
  if ("newer" in ledger) {
    const { message, hint } = ledger.newer;
    return [checksOf("ports")("ledger", "fail", message, { remedy: hint })];
  }
  const { entries, problem } = ledger;
  const ports = entries.map(({ port }) => port);
  const table = ports.length === 0
    ? undefined
    : await host.processes.listeners({
      first: Math.min(...ports),
      end: Math.max(...ports) + 1,
    }, []);
  const listeners = table?.kind === "table" ? table.listeners : undefined;
  return portChecks({ scope, entries, problem, listeners });
}

function terminalFacts(
  { terminal, env }: Pick<Host, "env" | "terminal">,
  owners: TerminalFacts["inputOwners"],
): TerminalFacts {
  const { isInteractive, hasColor, columns, rows } = terminal;
  const term = env.get("TERM");
  return { isInteractive, hasColor, columns, rows, term, inputOwners: owners };
}

/** Units of ours, and whatever is in their sessions, that read a terminal. */
async function inputOwners(
  host: ExamHost,
  look: OrphanLook,
): Promise<TerminalFacts["inputOwners"]> {
  if (look.kind === "unknown" || host.env.os !== "linux") return undefined;
  const units = look.candidates.filter(({ facts }) =>
    facts.isInSession && !facts.isOwnLineage
  );
  const seen = await Promise.all(units.map(async ({ row: { pid } }) => {
    const device = await linkOf(host, `/proc/${pid}/fd/0`);
    const isTerminal = device !== undefined &&
      /^\/dev\/(?:pts\/|tty|console)/.test(device);
    return isTerminal ? [{ pid, device }] : [];
  }));
  return seen.flat();
}
