/**
 * A place in which a live test brings dependencies up with real programs. When
 * it is left, everything that was started in it is ended by its id, and its
 * files are gone.
 *
 * @module
 */

import "./c_library.ts";
import { denoHost } from "../../src/host/deno_host.ts";
import type { Host } from "../../src/host/host.ts";
import { DEPENDENCIES } from "../../src/environment/dependency_registry.ts";
import type {
  DependencyChoice,
  UnitIdentity,
} from "../../src/environment/model.ts";
import { chooseProvision } from "../../src/environment/provision_facts.ts";
import {
  type DependencyStart,
  startDependency,
} from "../../src/environment/provision_start.ts";
import { pickProvisioner } from "../../src/environment/provisioners/pick_provisioner.ts";
import type {
  Provisioner,
  UnitCommand,
  UnitOwner,
} from "../../src/environment/provisioners/provisioner.ts";
import type { DependencyId } from "../../src/environment/service_keys.ts";
import { openSignalJournal } from "../../src/environment/signal_journal.ts";
import { ownUnits } from "../../src/environment/unit_owner.ts";
import { endEverythingBelow } from "./leftovers.ts";

/** What a test asks for. */
export type Wish =
  & Partial<DependencyChoice>
  & { readonly id: DependencyId; readonly ports: Record<string, number> };

/** A dependency that a test has tried to bring up. */
export interface Tried {
  /** What provides it. */
  readonly provisioner: Provisioner;
  /** What became of it. */
  readonly start: DependencyStart;
}

/** A place for dependencies. */
export class DependencyWorld implements AsyncDisposable {
  /** Directory of everything, which only we may enter. */
  readonly directory: string;
  /** The machine, with the variables of this world. */
  readonly host: Host;
  /** Owns the processes. */
  readonly owner: UnitOwner;
  /** Every process that was started, in order. */
  readonly started: UnitIdentity[] = [];

  /** Uses a directory that is there. */
  constructor(directory: string, env: Readonly<Record<string, string>> = {}) {
    this.directory = directory;
    this.host = {
      ...denoHost,
      env: {
        ...denoHost.env,
        get: (name) => env[name] ?? denoHost.env.get(name),
        names: [...denoHost.env.names ?? [], ...Object.keys(env)],
        uid: denoHost.env.uid,
        os: denoHost.env.os,
      },
    };
    this.owner = ownUnits(this.host, {
      launch: (command) => this.#launch(command),
      journal: openSignalJournal(
        this.host,
        `${directory}/signals.jsonl`,
        "test",
      ),
    });
  }

  /** Makes a place. */
  static async make(
    env: Readonly<Record<string, string>> = {},
  ): Promise<DependencyWorld> {
    const made = await Deno.makeTempDir({ prefix: "reeve-dependency-" });
    return new DependencyWorld(await Deno.realPath(made), env);
  }

  /** A port on which nobody listens. */
  freePort(): number {
    using listener = Deno.listen({ hostname: "127.0.0.1", port: 0 });
    return listener.addr.port;
  }

  /** Brings a dependency up, as a start does. */
  async bring(wish: Wish, timeoutMs = 60_000): Promise<Tried> {
    const definition = DEPENDENCIES[wish.id];
    const choice: DependencyChoice = {
      mode: "auto",
      url: undefined,
      command: [],
      isShared: false,
      modes: ["main", "trees"],
      ...wish,
    };
    const provision = await chooseProvision(this.host, definition, choice);
    const { mode, program } = provision;
    const provisioner = pickProvisioner(
      this.host,
      definition,
      mode,
      this.owner,
    );
    const start = await startDependency(this.host, {
      context: {
        definition,
        choice,
        scope: "repo-0123456789ab",
        project: "Main",
        projectRoot: this.directory,
        ports: wish.ports,
        dataDirectory: `${this.directory}/data/${wish.id}`,
        logPath: `${this.directory}/logs/${wish.id}.log`,
        baseEnv: { "PATH": denoHost.env.get("PATH") ?? "" },
        program,
      },
      provisioner,
      owner: this.owner,
      nextPort: () => Promise.resolve(this.freePort()),
      timeoutMs,
    });
    return { provisioner, start };
  }

  /** Whether a process is there, zombies left out. */
  async runs(pid: number): Promise<boolean> {
    const seen = (await this.host.processes.inspect([pid])).get(pid);
    return seen?.kind === "found" && seen.facts.state !== "zombie";
  }

  async [Symbol.asyncDispose](): Promise<void> {
    try {
      for (const identity of this.started) {
        await this.owner.end({
          name: "left over",
          identity,
          firstSignal: "SIGINT",
          graceMs: 5000,
        });
      }
    } finally {
      await endEverythingBelow(this.directory);
      await Deno.remove(this.directory, { recursive: true });
    }
  }

  async #launch(
    { command, env, cwd, logPath }: UnitCommand,
  ): Promise<UnitIdentity> {
    const marker = `test.${crypto.randomUUID()}`;
    const { processes } = this.host;
    const child = await processes.spawnService({
      command,
      env: { ...env, "REEVE_UNIT": marker },
      cwd,
      logPath,
    });
    const seen = (await processes.inspect([child.pid])).get(child.pid);
    const { bootId, pidNamespace } = await processes.machine();
    const identity: UnitIdentity = {
      pid: child.pid,
      startStamp: seen?.kind === "found" ? seen.facts.startStamp : "unseen",
      bootId,
      pidNamespace,
      marker,
    };
    this.started.push(identity);
    return identity;
  }
}
