/**
 * A host whose process stops, or whose disk refuses, at the n-th change of a
 * file: from then on nothing of it has an effect any more.
 *
 * @module
 */

import { HostError } from "../../src/host/host.ts";
import type { FakeHost, FakeWorld } from "./fake_host.ts";

/** The process has ended in the middle of its work. */
export class Crash extends Error {
  override name = "Crash";
}

const CHANGES = /^(?:append|lockWrite|remove|tryLock|writeAtomic) /;

/** How a host ends. */
export interface CrashPlan {
  /** The change at which it happens, counted from one; 0 for never. */
  readonly at: number;
  /**
   * `before` the change, `within` it, so that a temporary file is left, or by
   * an error of the disk, after which the process goes on.
   */
  readonly kind: "before" | "refused" | "within";
}

/** Such a host, and how many changes it has come to. */
export function crashingHost(
  world: FakeWorld,
  { at, kind }: CrashPlan,
): { readonly host: FakeHost; readonly seen: { changes: number } } {
  const seen = { changes: 0 };
  const gate = (operation: string): Promise<void> => {
    const isChange = CHANGES.test(operation);
    if (isChange) seen.changes++;
    const isOver = at > 0 && seen.changes >= at;
    if (!isOver) return Promise.resolve();
    const isMoment = isChange && seen.changes === at;
    if (kind === "refused") {
      if (!isMoment) return Promise.resolve();
      return Promise.reject(new HostError("no_space", operation));
    }
    if (isMoment && kind === "within") leaveTemporary(world, operation);
    return Promise.reject(new Crash(operation));
  };
  return { host: world.host({ gate }), seen };
}

function leaveTemporary(world: FakeWorld, operation: string): void {
  const path = /^writeAtomic (.*)$/.exec(operation)?.[1];
  if (path === undefined) return;
  const cut = path.lastIndexOf("/");
  const name = path.slice(cut + 1);
  const id = "0b1e4a52-0000-4000-8000-000000000000";
  world.disk.put(`${path.slice(0, cut)}/.${name}.${id}.tmp`, '{"half');
}
