/**
 * Families of daemons as data. A new family is a new row here and its rows in
 * the tests; no function branches on a family's name.
 *
 * @module
 */

import type { Env } from "../host/host.ts";
import type { PortRange } from "../host/processes.ts";
import { KnownError } from "../errors.ts";

/** Whose daemon it is. */
export type Product = "reeve" | "spec-kitty";

/** What the daemon does; each kind has its own port range. */
export type FamilyName = "sync" | "dashboard";

/** How the argument vector of a family's daemon is recognised. */
export type SpawnShape =
  | {
    /** Two adjacent words, the scope marker right behind them. */
    readonly kind: "words";
    readonly words: readonly [string, string];
  }
  | {
    /** An interpreter's `-c` with a script that calls a function. */
    readonly kind: "script";
    readonly call: string;
  };

/** Where a family keeps the files that Reeve may read. */
export interface FamilyFiles {
  /** Variable that names the root, as it is. */
  readonly rootVariable: string;
  /** Directory below the home directory when the variable is unset. */
  readonly rootName: string;
  /** Directory below `%LOCALAPPDATA%` on Windows. */
  readonly windowsRootName: string;
  /** Names below the root that lead to the scope root on Windows. */
  readonly windowsScope: readonly string[];
  /** Name of the state file below the scope root. */
  readonly state: string;
  /** Name of the start lock below the scope root. */
  readonly lock: string;
  /** Names below the root that lead to the shared owner record, if any. */
  readonly sharedOwner: readonly string[] | undefined;
}

/** One family of daemons. */
export interface Family {
  /** Whose daemon it is. */
  readonly product: Product;
  /** What it does. */
  readonly name: FamilyName;
  /** Ports it may listen on. */
  readonly ports: PortRange;
  /** How its processes are recognised. */
  readonly spawn: SpawnShape;
  /** Prefix of the argument that names the scope root. */
  readonly marker: string | undefined;
  /** Files that can be read, when the family has a root of its own. */
  readonly files: FamilyFiles | undefined;
  /** Whether start-up cleaning may touch it: only our own sync daemons. */
  readonly isCleanedAtStart: boolean;
  /** Whether its daemons keep their credential in an owner record of ours. */
  readonly hasOwnRecords: boolean;
}

/** Ports of sync daemons, in both products. */
export const SYNC_PORTS: PortRange = { first: 9400, end: 9450 };
/** Ports of dashboards, in both products. */
export const DASHBOARD_PORTS: PortRange = { first: 9237, end: 9337 };

const REEVE_FILES: FamilyFiles = {
  rootVariable: "REEVE_HOME",
  rootName: ".reeve",
  windowsRootName: "reeve",
  windowsScope: [],
  state: "sync-daemon",
  lock: "sync-daemon.lock",
  sharedOwner: undefined,
};

const SPEC_KITTY_FILES: FamilyFiles = {
  rootVariable: "SPEC_KITTY_HOME",
  rootName: ".spec-kitty",
  windowsRootName: "spec-kitty",
  windowsScope: ["daemon"],
  state: "sync-daemon",
  lock: "sync-daemon.lock",
  sharedOwner: ["sync", "daemon", "owner.json"],
};

/** Every family that Reeve knows. The first row that matches wins. */
export const FAMILIES: readonly Family[] = [
  {
    product: "reeve",
    name: "sync",
    ports: SYNC_PORTS,
    spawn: { kind: "words", words: ["daemon", "run"] },
    marker: "--reeve-daemon-root=",
    files: REEVE_FILES,
    isCleanedAtStart: true,
    hasOwnRecords: true,
  },
  {
    product: "reeve",
    name: "dashboard",
    ports: DASHBOARD_PORTS,
    spawn: { kind: "words", words: ["dashboard", "run"] },
    marker: "--reeve-daemon-root=",
    files: undefined,
    isCleanedAtStart: false,
    hasOwnRecords: false,
  },
  {
    product: "spec-kitty",
    name: "sync",
    ports: SYNC_PORTS,
    spawn: { kind: "script", call: "run_sync_daemon" },
    marker: "--spec-kitty-daemon-root=",
    files: SPEC_KITTY_FILES,
    isCleanedAtStart: false,
    hasOwnRecords: false,
  },
  {
    product: "spec-kitty",
    name: "dashboard",
    ports: DASHBOARD_PORTS,
    spawn: { kind: "script", call: "run_dashboard_server" },
    marker: undefined,
    files: undefined,
    isCleanedAtStart: false,
    hasOwnRecords: false,
  },
];

const RANGE_VARIABLES: Readonly<Record<FamilyName, string>> = {
  sync: "REEVE_SYNC_PORTS",
  dashboard: "REEVE_DASHBOARD_PORTS",
};

/**
 * The families with the port ranges of this environment: `REEVE_SYNC_PORTS`
 * and `REEVE_DASHBOARD_PORTS` (`FIRST-LAST`, both included) move a range on a
 * machine where something else needs it, and in tests.
 *
 * @throws {KnownError} `usage` when a stated range is none.
 */
export function familiesOf(env: Pick<Env, "get">): readonly Family[] {
  return FAMILIES.map((family) => {
    const variable = RANGE_VARIABLES[family.name];
    const stated = env.get(variable);
    if (stated === undefined) return family;
    return { ...family, ports: parseRange(variable, stated) };
  });
}

function parseRange(variable: string, text: string): PortRange {
  const match = /^(\d{1,5})-(\d{1,5})$/.exec(text.trim());
  const [first, last] = [Number(match?.[1]), Number(match?.[2])];
  const isRange = first >= 1024 && last <= 65535 && first <= last &&
    last - first < 200;
  if (isRange) return { first, end: last + 1 };
  throw new KnownError("usage", `Cannot use ${variable}=${text}: not a range`, {
    hint: `Write FIRST-LAST, 1024 or above and at most 200 ports, such as ` +
      `${variable}=9400-9449, or unset it.`,
  });
}

/** The family of one product and name. */
export function familyOf(
  families: readonly Family[],
  product: Product,
  name: FamilyName,
): Family {
  const family = families.find((row) =>
    row.product === product && row.name === name
  );
  if (family === undefined) {
    throw new TypeError(`Cannot find the family ${product}/${name}`);
  }
  return family;
}
