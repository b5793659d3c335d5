/**
 * Who listens on a port, for sentences about one that is taken.
 *
 * @module
 */

import type { Host } from "../host/host.ts";
import { baseName } from "../host/path.ts";

/** Somebody who listens on a port, as far as that can be seen. */
export interface PortHolder {
  /** Process id; `undefined` when the owner cannot be seen. */
  readonly pid: number | undefined;
  /** User id, where the platform tells. */
  readonly uid: number | undefined;
  /** Name of the program, when it is known: arguments may hold secrets. */
  readonly program: string | undefined;
}

/** Who listens on a port now; `undefined` for nobody, or where nobody can tell. */
export async function holderOf(
  { processes }: Pick<Host, "processes">,
  port: number,
): Promise<PortHolder | undefined> {
  const table = await processes.listeners({ first: port, end: port + 1 });
  if (table.kind === "unknown") return undefined;
  const [listener] = table.listeners.toSorted((a, b) =>
    b.pids.length - a.pids.length
  );
  if (listener === undefined) return undefined;
  const { pids: [pid], uid } = listener;
  if (pid === undefined) return { pid, uid, program: undefined };
  const seen = (await processes.inspect([pid])).get(pid);
  const program = seen?.kind === "found"
    ? seen.facts.argv?.[0] ?? seen.facts.executable
    : undefined;
  return {
    pid,
    uid,
    program: program === undefined ? undefined : baseName(program),
  };
}

/** The same as the subject of a sentence: `process 12 (nginx)`. */
export function holderText({ pid, program, uid }: PortHolder): string {
  if (pid !== undefined) {
    return program === undefined
      ? `process ${pid}`
      : `process ${pid} (${program})`;
  }
  const whose = uid === undefined ? "" : ` of user ${uid}`;
  return `a process${whose} that cannot be seen`;
}
