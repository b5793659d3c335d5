/**
 * Where a dependency comes from, and why: from what the settings ask for and
 * from what the machine has.
 *
 * @module
 */

import { type DependencyDefinition, modesFor } from "./dependency_registry.ts";
import type { DependencyChoice, ProvisionMode } from "./model.ts";

/** What a machine has to run containers with. */
export type EngineFacts =
  | { readonly kind: "answers"; readonly version: string }
  /** There is a client, and nothing that it could talk to. */
  | { readonly kind: "down"; readonly reason: string }
  | { readonly kind: "missing" };

/** What a machine has for a dependency. */
export interface ProvisionFacts {
  /** Path of the program that provides it. */
  readonly program: string | undefined;
  /** What runs containers; `undefined` where nobody has looked. */
  readonly engine: EngineFacts | undefined;
}

/** Where a dependency comes from. */
export type ProvisionVerdict =
  | {
    readonly kind: "provide";
    readonly mode: Exclude<ProvisionMode, "auto">;
    /** Why, as a part of a sentence. */
    readonly why: string;
  }
  /** Containers are next, so somebody has to look at the engine. */
  | { readonly kind: "look_at_engine" }
  | {
    readonly kind: "impossible";
    /** What is missing, as a sentence. */
    readonly message: string;
    /** The ways out, as a sentence. */
    readonly hint: string;
  };

/** Decides where a dependency comes from. */
export function planProvision(
  definition: DependencyDefinition,
  choice: Pick<DependencyChoice, "command" | "mode" | "url">,
  facts: ProvisionFacts,
): ProvisionVerdict {
  const { mode } = choice;
  if (mode === "auto") return planAuto(definition, choice, facts);
  if (!modesFor(definition).includes(mode)) {
    return impossible(
      `${definition.displayName} cannot be provided as ${mode}`,
      remedies(definition),
    );
  }
  switch (mode) {
    case "external":
      return choice.url === undefined
        ? impossible(
          `${definition.displayName} is external, and its address is not set`,
          `Set ${keyOf(definition, "URL")}.`,
        )
        : provide(mode, "the settings say so");
    case "command":
      return choice.command.length === 0
        ? impossible(
          `${definition.displayName} has the mode command, and no command`,
          `Set ${keyOf(definition, "CMD")}.`,
        )
        : provide(mode, "the settings say so");
    case "native":
      return facts.program === undefined
        ? impossible(noProgram(definition), installText(definition))
        : provide(mode, "the settings say so");
    case "container":
      return planContainer(definition, facts, "the settings say so");
  }
}

function planAuto(
  definition: DependencyDefinition,
  choice: Pick<DependencyChoice, "command" | "url">,
  facts: ProvisionFacts,
): ProvisionVerdict {
  if (choice.url !== undefined) {
    return provide("external", "its address is set");
  }
  if (choice.command.length > 0) {
    return provide("command", "its command is set");
  }
  if (facts.program !== undefined) {
    return provide("native", `${facts.program} is there`);
  }
  if (definition.container === undefined) {
    return impossible(
      `Nothing provides ${definition.displayName}`,
      remedies(definition),
    );
  }
  if (facts.engine === undefined) return { kind: "look_at_engine" };
  if (facts.engine.kind === "answers") {
    return provide("container", `Docker ${facts.engine.version} answers`);
  }
  return impossible(
    `Nothing provides ${definition.displayName}: ` +
      [
        ...definition.native === undefined ? [] : [noProgramWords(definition)],
        engineText(facts.engine),
      ].join(", and "),
    remedies(definition),
  );
}

function planContainer(
  definition: DependencyDefinition,
  { engine }: ProvisionFacts,
  why: string,
): ProvisionVerdict {
  if (engine === undefined) return { kind: "look_at_engine" };
  if (engine.kind === "answers") return provide("container", why);
  return impossible(
    `${definition.displayName} is to run in a container, but ${
      engineText(engine)
    }`,
    engine.kind === "down"
      ? "Start the Docker daemon, or choose another mode."
      : "Install Docker, or choose another mode.",
  );
}

/** The state of what runs containers, as a part of a sentence. */
export function engineText(
  engine: Exclude<EngineFacts, { readonly kind: "answers" }>,
): string {
  return engine.kind === "down"
    ? `Docker does not answer (${engine.reason})`
    : "there is no program docker";
}

function provide(
  mode: Exclude<ProvisionMode, "auto">,
  why: string,
): ProvisionVerdict {
  return { kind: "provide", mode, why };
}

function impossible(message: string, hint: string): ProvisionVerdict {
  return { kind: "impossible", message, hint };
}

function noProgram(definition: DependencyDefinition): string {
  return `${definition.displayName} is to run natively, but ${
    noProgramWords(definition)
  }`;
}

function noProgramWords({ native }: DependencyDefinition): string {
  const names = native?.names.join(" or ") ?? "its server";
  const places = ["PATH", ...native?.directories ?? []].join(", ");
  return `there is no program ${names} (looked in ${places})`;
}

function installText({ native, id }: DependencyDefinition): string {
  return native === undefined
    ? `Choose another mode for ${id}.`
    : `Install it (${native.install}), or choose another mode.`;
}

/** Every way to get the dependency, as one sentence. */
function remedies(definition: DependencyDefinition): string {
  const { native, container } = definition;
  const ways = [
    ...native === undefined ? [] : [`install it (${native.install})`],
    ...container === undefined ? [] : ["start Docker"],
    `set ${keyOf(definition, "URL")} to a running one`,
    `set ${keyOf(definition, "CMD")} to a command that runs it`,
  ];
  const text = `${ways.slice(0, -1).join(", ")} or ${ways.at(-1)}`;
  return `${text.charAt(0).toUpperCase()}${text.slice(1)}.`;
}

function keyOf({ id }: DependencyDefinition, key: "CMD" | "URL"): string {
  return `REEVE_DEPENDENCY_${id.toUpperCase()}_${key}`;
}
