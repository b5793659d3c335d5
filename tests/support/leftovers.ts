/**
 * Ends what a test has left running. Whatever was started below a test's own
 * directory says so itself: by its working directory, its arguments or its
 * variables. So it is found even when the command that knew of it is gone, and
 * nobody else's process can be meant.
 *
 * @module
 */

import { waitUntil } from "./wait_until.ts";

/** A database has this many looks to give its shared memory back. */
const PATIENCE = 100;

/** Ends every process that was started below a directory of a test. */
export async function endEverythingBelow(directory: string): Promise<void> {
  let looks = 0;
  await waitUntil(`nothing runs below ${directory}`, () => {
    const found = findBelow(directory);
    const isPatient = ++looks < PATIENCE;
    for (const pid of found) {
      const isDatabase = isPatient && nameOf(pid) === "postgres";
      try {
        Deno.kill(pid, isDatabase ? "SIGQUIT" : "SIGKILL");
      } catch (error) {
        // It has ended between the two looks.
        if (!(error instanceof Deno.errors.NotFound)) throw error;
      }
    }
    return found.length === 0;
  });
}

function nameOf(pid: number): string {
  return read(() => Deno.readTextFileSync(`/proc/${pid}/comm`)).trim();
}

/** Pids of what was started below a directory; zombies say nothing. */
export function findBelow(directory: string): readonly number[] {
  switch (Deno.build.os) {
    case "linux":
      return Array.from(Deno.readDirSync("/proc"), ({ name }) => Number(name))
        .filter((pid) => pid !== Deno.pid && isBelow(pid, directory));
    case "windows":
      return [];
    default:
      return findByPs(directory);
  }
}

function isBelow(pid: number, directory: string): boolean {
  if (!Number.isInteger(pid)) return false;
  const place = read(() => Deno.readLinkSync(`/proc/${pid}/cwd`));
  if (`${place}/`.startsWith(`${directory}/`)) return true;
  return ["cmdline", "environ"].some((name) =>
    read(() => Deno.readTextFileSync(`/proc/${pid}/${name}`)).split("\0")
      .some((word) =>
        word.endsWith(directory) || word.includes(`${directory}/`)
      )
  );
}

/** Nothing, for what has ended or belongs to somebody else. */
function read(text: () => string): string {
  try {
    return text();
  } catch {
    return "";
  }
}

function findByPs(directory: string): readonly number[] {
  const { stdout } = new Deno.Command("ps", {
    args: ["-axwwE", "-o", "pid=,stat=,command="],
    stdin: "null",
    stderr: "null",
  }).outputSync();
  return new TextDecoder().decode(stdout).split("\n").flatMap((line) => {
    const [, pid, state] = /^\s*(\d+)\s+(\S+)/.exec(line) ?? [];
    const isOurs = line.includes(`${directory}/`) && Number(pid) !== Deno.pid;
    return isOurs && state?.startsWith("Z") === false ? [Number(pid)] : [];
  });
}
