/**
 * Checks what GitHub runs before GitHub does: workflows that can be read,
 * actions that cannot change behind our back, and tasks that exist.
 *
 * @module
 */

import { parse } from "@std/yaml";

/** What a workflow is held against. */
export interface WorkflowWorld {
  /** Names of the tasks of `deno.json`. */
  readonly tasks: ReadonlySet<string>;
  /** The pinned version of Deno. */
  readonly deno: string;
}

type Json = Readonly<Record<string, unknown>>;

const PINNED = /^[\w.-]+\/[\w./-]+@[0-9a-f]{40}$/;
const TASK = /\bdeno task ([a-z][\w:.-]*)/g;

/** What is wrong with one workflow, in words; nothing if it is sound. */
export function checkWorkflow(
  text: string,
  world: WorkflowWorld,
): readonly string[] {
  const workflow = readYaml(text);
  if (typeof workflow === "string") return [workflow];
  const jobs = Object.entries(recordOf(workflow["jobs"]));
  const faults = jobs.length === 0 ? ["it has no jobs"] : [];
  if (!isRecord(workflow["permissions"])) {
    faults.push("it does not say which permissions it needs");
  }
  for (const [name, job] of jobs) {
    const { "timeout-minutes": limit, steps } = recordOf(job);
    if (typeof limit !== "number") faults.push(`${name}: it has no time limit`);
    for (const step of Array.isArray(steps) ? steps : []) {
      faults.push(
        ...checkStep(recordOf(step), world).map((fault) => `${name}: ${fault}`),
      );
    }
  }
  return [...faults, ...checkComments(text)];
}

function checkStep(step: Json, world: WorkflowWorld): readonly string[] {
  const { uses, run, with: settings } = step;
  const faults: string[] = [];
  if (typeof uses === "string" && !PINNED.test(uses)) {
    faults.push(`${uses} is not pinned by commit`);
  }
  const { "deno-version": deno } = recordOf(settings);
  if (deno !== undefined && deno !== world.deno) {
    faults.push(`it runs Deno ${String(deno)}, not ${world.deno}`);
  }
  for (const [, task = ""] of String(run ?? "").matchAll(TASK)) {
    if (!world.tasks.has(task)) faults.push(`there is no task ${task}`);
  }
  // What others can write must not become part of a script.
  if (typeof run === "string" && run.includes("${{ github.")) {
    faults.push("a script holds text of an event; hand it over in env");
  }
  return faults;
}

/** A commit says nothing to a person: the version stands beside it. */
function checkComments(text: string): readonly string[] {
  return text.split("\n").flatMap((line, at) =>
    /\buses:/.test(line) && !/# v\d+(?:\.\d+){2}$/.test(line)
      ? [`line ${at + 1} does not name the version of the action`]
      : []
  );
}

function readYaml(text: string): Json | string {
  try {
    const read: unknown = parse(text);
    return isRecord(read) ? read : "it is no object";
  } catch (error) {
    return error instanceof Error ? error.message : String(error);
  }
}

function recordOf(value: unknown): Json {
  return isRecord(value) ? value : {};
}

function isRecord(value: unknown): value is Json {
  return typeof value === "object" && value !== null && !Array.isArray(value);
}
