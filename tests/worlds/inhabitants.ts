/**
 * What may live in a port range, and what may at most be done to it: an oracle
 * written from the promises, not from the decision table.
 *
 * @module
 */

import type { FakeProcessSpec, SignalBehaviour } from "#support/fake_host.ts";
import { healthReply } from "#support/fake_host.ts";

/** Who may stop a process: anybody, a person who says so, or nobody. */
export type Fate = "auto" | "consent" | "never";

/** State root of the worlds. */
export const SCOPE = "/home/ada/.reeve";
/** Root of the other product. */
export const KITTY_SCOPE = "/home/ada/.spec-kitty";

const OURS = ["/opt/reeve", "daemon", "run"];
const MARKED = [...OURS, `--reeve-daemon-root=${SCOPE}`];
const OTHER = [...OURS, "--reeve-daemon-root=/home/ada/other"];

interface Built {
  readonly argv: readonly string[] | undefined;
  readonly health: Readonly<Record<string, unknown>> | undefined;
}

interface Kind {
  readonly fate: Fate;
  readonly build: (pid: number, port: number) => Built;
}

function health(pid: number, port: number, change: object = {}) {
  return {
    status: "ok",
    product: "reeve",
    "daemon_family": "sync",
    "singleton_scope_id": SCOPE,
    "protocol_version": 1,
    "package_version": "3.2.2",
    owner: { pid, port },
    ...change,
  };
}

function kitty(pid: number, port: number): Built {
  const script = `run_sync_daemon(${port}, 'secret')`;
  const marker = `--spec-kitty-daemon-root=${KITTY_SCOPE}`;
  return {
    argv: ["python", "-c", script, marker],
    health: {
      status: "ok",
      "daemon_family": "sync",
      "protocol_version": 1,
      "package_version": "3.2.4",
      owner: { pid, port },
    },
  };
}

/** Every kind of inhabitant. */
export const KINDS = {
  stale: {
    fate: "auto",
    build: (pid, port) => ({ argv: MARKED, health: health(pid, port) }),
  },
  "kitty_stale": { fate: "auto", build: kitty },
  silent: {
    fate: "consent",
    build: () => ({ argv: MARKED, health: undefined }),
  },
  mismatched: {
    fate: "consent",
    build: (_, port) => ({ argv: MARKED, health: health(3, port) }),
  },
  "other_root": {
    fate: "consent",
    build: (pid, port) => ({ argv: OTHER, health: health(pid, port) }),
  },
  "wrong_scope": {
    fate: "consent",
    build: (pid, port) => ({
      argv: MARKED,
      health: health(pid, port, { "singleton_scope_id": "/elsewhere" }),
    }),
  },
  unmarked: {
    fate: "consent",
    build: (pid, port) => ({ argv: OURS, health: health(pid, port) }),
  },
  "kitty_unmarked": {
    fate: "consent",
    build: (pid, port) => {
      const { argv, health } = kitty(pid, port);
      return { argv: argv?.slice(0, 3), health };
    },
  },
  "namesake": {
    fate: "never",
    build: () => ({ argv: ["/opt/other", "daemon", "run"], health: {} }),
  },
  "silent_namesake": {
    fate: "never",
    build: () => ({ argv: ["/opt/other", "daemon", "run"], health: undefined }),
  },
  imitator: {
    fate: "never",
    build: (pid, port) => ({
      argv: ["/opt/other", `--reeve-daemon-root=${SCOPE}`],
      health: health(pid, port),
    }),
  },
  stranger: {
    fate: "never",
    build: () => ({ argv: ["/opt/other"], health: { hello: 1 } }),
  },
  "silent_stranger": {
    fate: "never",
    build: () => ({ argv: ["/opt/other"], health: undefined }),
  },
  dashboard: {
    fate: "never",
    build: () => ({
      argv: ["/opt/reeve", "dashboard", "run", `--reeve-daemon-root=${SCOPE}`],
      health: { status: "ok", "project_path": "/project" },
    }),
  },
  "other_family": {
    fate: "never",
    build: (pid, port) => ({
      argv: MARKED,
      health: health(pid, port, { "daemon_family": "dashboard" }),
    }),
  },
  unreadable: {
    fate: "never",
    build: (pid, port) => ({ argv: undefined, health: health(pid, port) }),
  },
} satisfies Readonly<Record<string, Kind>>;

/** Name of a kind. */
export type KindName = keyof typeof KINDS;

/** Names of all kinds. */
export const KIND_NAMES = Object.keys(KINDS).filter((name): name is KindName =>
  name in KINDS
);

/** How one inhabitant takes being asked and being signalled. */
export interface Manner {
  /** What it does with signals. */
  readonly onSignal: Exclude<SignalBehaviour, (...args: never[]) => unknown>;
  /** Answer to a shutdown request. */
  readonly shutdown: "accepts" | "accepts_but_stays" | "refuses";
  /** How long it takes to end on SIGTERM, in milliseconds. */
  readonly delayMs: number;
}

/** Makes the process of one inhabitant. */
export function inhabit(
  name: KindName,
  { pid, port }: { readonly pid: number; readonly port: number },
  manner: Manner,
  end: () => void,
): FakeProcessSpec {
  const { argv, health } = KINDS[name].build(pid, port);
  const shutdown = () => {
    if (manner.shutdown === "accepts") end();
    return healthReply({}, manner.shutdown === "refuses" ? 403 : 200);
  };
  return {
    pid,
    argv,
    ports: [port],
    onSignal: manner.onSignal,
    delayMs: manner.delayMs,
    ...(health === undefined ? {} : {
      respond: ({ path }) =>
        path === "/api/shutdown" ? shutdown() : healthReply(health),
    }),
  };
}
