/**
 * What a repository of a test has written down about itself.
 *
 * @module
 */

import type { EnvironmentWorld } from "./environment_world.ts";

/** One line of a file of lines. */
export type Line = Readonly<Record<string, unknown>>;

async function readLines(path: string): Promise<readonly Line[]> {
  const text = await Deno.readTextFile(path);
  return text.split("\n").filter((line) => line !== "").map((line) =>
    JSON.parse(line)
  );
}

/** Events of a repository, the oldest first. */
export async function readEvents(
  world: EnvironmentWorld,
): Promise<readonly Line[]> {
  const { paths } = await world.open();
  return await readLines(paths.events);
}

/** Signals that commands have sent, two lines for each. */
export async function readSignals(
  world: EnvironmentWorld,
): Promise<readonly Line[]> {
  return await readLines(`${world.home}/signals.jsonl`);
}
