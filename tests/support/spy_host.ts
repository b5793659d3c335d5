/**
 * The real host with a counter on everything that can end a process, so that
 * a test can assert that nothing was sent and not only that nobody died.
 */

import "./c_library.ts";
import { denoHost } from "../../src/host/deno_host.ts";
import type { Env, Host } from "../../src/host/host.ts";
import type { ProcessHold } from "../../src/host/processes.ts";
import { MAIN } from "./cli.ts";
import type { Sandbox } from "./sandbox.ts";

/** One signal that was sent. */
export interface SentSignal {
  /** Process it went to. */
  readonly pid: number;
  /** Its name. */
  readonly name: string;
}

/** One shutdown request that was sent. */
export interface SentShutdown {
  /** Port it went to. */
  readonly port: number;
}

/** A host that remembers what was sent through it. */
export interface SpyHost extends Host {
  /** Every signal, in order. */
  readonly signals: readonly SentSignal[];
  /** Every shutdown request, in order. */
  readonly shutdowns: readonly SentShutdown[];
}

/** Wraps a host; the original is not changed. */
export function spyHost(host: Host): SpyHost {
  const signals: SentSignal[] = [];
  const shutdowns: SentShutdown[] = [];
  return {
    ...host,
    signals,
    shutdowns,
    processes: {
      ...host.processes,
      async hold(pid) {
        const held = await host.processes.hold(pid);
        return typeof held === "string" ? held : spyHold(held, signals);
      },
    },
    network: {
      ...host.network,
      request(request) {
        const { method, path, port } = request;
        if (method === "POST" && path === "/api/shutdown") {
          shutdowns.push({ port });
        }
        return host.network.request(request);
      },
    },
  };
}

function spyHold(held: ProcessHold, signals: SentSignal[]): ProcessHold {
  return {
    pid: held.pid,
    pinned: held.pinned,
    signal(name) {
      signals.push({ pid: held.pid, name });
      return held.signal(name);
    },
    hasExited: () => held.hasExited(),
    [Symbol.dispose]: () => held[Symbol.dispose](),
  };
}

/** The real host as a command in the sandbox would see it. */
export function hostIn(
  sandbox: Pick<Sandbox, "env">,
  env: Readonly<Record<string, string>> = {},
): Host {
  const all: Readonly<Record<string, string>> = { ...sandbox.env, ...env };
  const inside: Env = {
    get: (name) => all[name] || undefined,
    os: denoHost.env.os,
    home: all["HOME"],
    cwd: denoHost.env.cwd,
    pid: denoHost.env.pid,
    uid: denoHost.env.uid,
    self: {
      executable: Deno.execPath(),
      args: ["run", "--allow-all", "--no-prompt", "--quiet", MAIN],
    },
  };
  return {
    ...denoHost,
    env: inside,
    processes: {
      ...denoHost.processes,
      // A daemon inherits the environment, which here is the test's own.
      spawn: (command) =>
        denoHost.processes.spawn({
          ...command,
          env: { ...all, ...command.env },
        }),
    },
  };
}

/** A spying host in a sandbox. */
export function spyIn(
  sandbox: Pick<Sandbox, "env">,
  env: Readonly<Record<string, string>> = {},
): SpyHost {
  return spyHost(hostIn(sandbox, env));
}
