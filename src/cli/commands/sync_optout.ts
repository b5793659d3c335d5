/**
 * `reeve sync optout`.
 *
 * @module
 */

import { KnownError } from "../../errors.ts";
import { optOut } from "../../queue/consent.ts";
import { countQueue, residueOf } from "../../queue/counts.ts";
import { acquireLease } from "../../queue/lease.ts";
import type { CommandContext, CommandResult, JsonFlags } from "../command.ts";
import { EXIT } from "../exit_code.ts";
import { events } from "../pass_text.ts";
import { openProject } from "../sync_project.ts";

/** Longest wait for a request that is under way, in milliseconds. */
const BARRIER_MS = 35_000;

/** Seals the consent; returns only when nothing more can leave. */
export async function run(
  context: CommandContext,
  _flags: JsonFlags,
): Promise<CommandResult> {
  const { host } = context;
  using open = await openProject(context, { write: true });
  const { store, project } = open;
  const before = countQueue(host, store);
  const actor = host.env.get("USER") ?? host.env.get("USERNAME") ?? "unknown";
  // From here on nothing new is claimed; what is under way is waited for.
  const became = optOut(store, actor, host.clock.now());
  const lease = await acquireLease(host, store, {
    role: "command",
    waitMs: BARRIER_MS,
  });
  if ("busy" in lease) {
    throw new KnownError(
      "lock_busy",
      `The consent is sealed, but process ${
        lease.busy?.pid ?? "unknown"
      } still waits for an answer of the server`,
      { hint: "Ask again in a moment: reeve sync optout" },
    );
  }
  lease[Symbol.dispose]();
  const kept = residueOf(before);
  return {
    exit: EXIT.ok,
    text:
      (became === "already"
        ? `${project.slug} had not opted in.`
        : `${project.slug} has opted out: nothing more leaves this machine.`) +
      (kept > 0 && became === "opted_out"
        ? `\n${events(kept)} that had not left stay here.`
        : ""),
    json: {
      "schema": "sync_optout",
      "schema_version": 1,
      "project_id": project.id,
      "changed": became === "opted_out",
      "kept_local": became === "opted_out" ? kept : 0,
    },
  };
}
