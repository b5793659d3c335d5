/** A repository with services that benches bring up and down. */

import { RUN_FLAGS } from "../package_launcher.ts";
import { findFreeBlock, type Sandbox } from "#support/sandbox.ts";

/** How long its services may take to end, in milliseconds. */
export const GRACE_MS = 1000;

/** A repository with services, and the bundled command line in it. */
export interface Place {
  /** Root of the repository. */
  readonly root: string;
  /** Runs a line; milliseconds. Any other exit code than 0 ends the bench. */
  run(line: string): Promise<number>;
  /** Runs an empty program; milliseconds. */
  idle(): Promise<number>;
}

/** Makes one whose services are these commands. */
export async function makePlace(
  main: string,
  sandbox: Sandbox,
  name: string,
  services: readonly string[],
): Promise<Place> {
  const root = `${sandbox.directory}/${name}`;
  const empty = `${sandbox.directory}/empty.js`;
  await Deno.mkdir(`${root}/.git`, { recursive: true });
  await Deno.writeTextFile(`${root}/.git/HEAD`, "ref: refs/heads/main\n");
  await Deno.writeTextFile(empty, "");
  const port = findFreeBlock(services.length + 1);
  const lines = services.flatMap((command, at) => [
    `REEVE_SERVICE_S${at}_CMD=${command}`,
    `REEVE_SERVICE_S${at}_PORT=${port + at}`,
    `REEVE_SERVICE_S${at}_GRACE=${GRACE_MS}ms`,
  ]);
  const slugs = services.map((_, at) => `s${at}`).join(",");
  await Deno.writeTextFile(
    `${root}/.reeve`,
    [`REEVE_SERVICES=${slugs}`, ...lines, ""].join("\n"),
  );
  const time = async (args: readonly string[]) => {
    const start = performance.now();
    const { code, stderr } = await new Deno.Command(Deno.execPath(), {
      args: [...RUN_FLAGS, ...args],
      cwd: root,
      env: { ...sandbox.env },
      stdin: "null",
      stdout: "null",
      stderr: "piped",
    }).output();
    const took = performance.now() - start;
    if (code === 0) return took;
    throw new Error(`${args.join(" ")}: ${new TextDecoder().decode(stderr)}`);
  };
  return {
    root,
    run: (line) => time([main, ...line.split(" ")]),
    idle: () => time([empty]),
  };
}
