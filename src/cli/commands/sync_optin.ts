/**
 * `reeve sync optin`.
 *
 * @module
 */

import { mintProjectId } from "../../config/project.ts";
import { KnownError } from "../../errors.ts";
import { countHistory, optIn, releaseHistory } from "../../queue/consent.ts";
import { importOverflow } from "../../queue/import_overflow.ts";
import type { Store } from "../../queue/store.ts";
import { markWaiting } from "../../queue/waiting_mark.ts";
import { projectPaths } from "../../state/project_paths.ts";
import type { CommandContext, CommandResult } from "../command.ts";
import { EXIT } from "../exit_code.ts";
import { events } from "../pass_text.ts";
import { openToWrite, queueHost, requirePlace } from "../sync_project.ts";

/** Flags of `reeve sync optin`. */
export interface OptInFlags {
  readonly json: boolean;
  /** Whether what was captured before may leave too. */
  readonly history: boolean;
  /** Does not ask. */
  readonly yes: boolean;
}

const RELEASE_STEP = 5000;

/** Lets the events of this project leave the machine from now on. */
export async function run(
  context: CommandContext,
  flags: OptInFlags,
): Promise<CommandResult> {
  const { host } = context;
  const place = requirePlace(host);
  const project = await mintProjectId(host, place.project);
  const { id } = project;
  if (id === undefined) {
    throw new KnownError("unusable", `Cannot opt in ${project.slug}: no id`, {
      hint: "See: reeve config path",
    });
  }
  const queue = await queueHost(host);
  const paths = projectPaths(place.paths, id);
  const store = openToWrite(queue, place, { id, paths });
  try {
    const nowMs = host.clock.now();
    const { limits } = place.settings;
    importOverflow(host, store, place.unassigned, { limits, nowMs });
    const became = optIn(store, actorOf(context), nowMs);
    const waiting = countHistory(store);
    const released = flags.history && waiting > 0 &&
        await mayRelease(context, flags, waiting)
      ? release(context, store)
      : 0;
    if (released > 0) markWaiting(queue, paths);
    const kept = waiting - released;
    return result({ id, slug: project.slug, became, released, kept });
  } finally {
    store.db.close();
  }
}

/** The person at the machine, as far as the environment names one. */
function actorOf({ host }: CommandContext): string {
  return host.env.get("USER") ?? host.env.get("USERNAME") ?? "unknown";
}

async function mayRelease(
  { host, isJson }: CommandContext,
  flags: OptInFlags,
  waiting: number,
): Promise<boolean> {
  if (flags.yes) return true;
  if (isJson || !host.terminal.isInteractive) {
    throw new KnownError(
      "usage",
      `Cannot release ${events(waiting)} of before without a yes`,
      { hint: "Look at them with: reeve sync events; then add --yes" },
    );
  }
  return await host.terminal.confirm(
    `Let ${events(waiting)} captured before leave this machine too?`,
  );
}

function release(context: CommandContext, store: Store): number {
  let total = 0;
  while (true) {
    const count = releaseHistory(store, actorOf(context), {
      nowMs: context.host.clock.now(),
      limit: RELEASE_STEP,
    });
    total += count;
    if (count === 0) return total;
  }
}

function result(facts: {
  readonly id: string;
  readonly slug: string;
  readonly became: "opted_in" | "already";
  readonly released: number;
  readonly kept: number;
}): CommandResult {
  const { id, slug, became, released, kept } = facts;
  const lines = [
    became === "already"
      ? `${slug} has opted in already.`
      : `${slug} has opted in: its events leave this machine from now on.`,
  ];
  if (released > 0) lines.push(`${events(released)} of before leave too.`);
  if (kept > 0) {
    lines.push(
      `${events(kept)} of before ${kept === 1 ? "stays" : "stay"} here; ` +
        "to send them too: reeve sync optin --history",
    );
  }
  return {
    exit: EXIT.ok,
    text: lines.join("\n"),
    json: {
      "schema": "sync_optin",
      "schema_version": 1,
      "project_id": id,
      "changed": became === "opted_in",
      "released": released,
      "kept_local": kept,
    },
  };
}
