/**
 * The commands of `reeve queue dead`.
 *
 * @module
 */

import { buildRouteMap, type Command } from "@stricli/core";
import { apply, yes } from "./care_flags.ts";
import {
  command,
  examples,
  flag,
  json,
  numberFlag,
  type ReeveContext,
} from "./define_command.ts";
import {
  before,
  deadReason as reason,
  jobId,
  jobIds,
  queueName,
  tenant,
} from "./queue_flags.ts";

const list: Command<ReeveContext> = command(
  () => import("./commands/queue_dead_list.ts"),
  {
    flags: {
      json,
      tenant,
      reason,
      before,
      limit: numberFlag("At most N jobs", 50),
    },
    positional: { kind: "tuple", parameters: [queueName] },
  },
  examples(
    "List jobs that have failed for good",
    "reeve queue dead list thumbnails",
    "reeve queue dead list thumbnails --reason timeout --json",
  ),
);

const show: Command<ReeveContext> = command(
  () => import("./commands/queue_dead_show.ts"),
  {
    flags: { json, tenant },
    positional: { kind: "tuple", parameters: [queueName, jobId] },
  },
  examples(
    "Show a dead job and why it failed",
    "reeve queue dead show thumbnails order-17",
  ),
);

const choice = { json, tenant, id: jobIds, reason, before } as const;

const replay: Command<ReeveContext> = command(
  () => import("./commands/queue_dead_replay.ts"),
  {
    flags: { ...choice, all: flag("Every one") },
    positional: { kind: "tuple", parameters: [queueName] },
  },
  examples(
    "Run dead jobs again, with all their attempts",
    "reeve queue dead replay thumbnails --id order-17",
    "reeve queue dead replay thumbnails --all",
  ),
);

const purge: Command<ReeveContext> = command(
  () => import("./commands/queue_dead_purge.ts"),
  {
    flags: { ...choice, all: flag("Every one"), apply, yes },
    positional: { kind: "tuple", parameters: [queueName] },
  },
  examples(
    "Delete dead jobs for good",
    "reeve queue dead purge thumbnails --before 30d",
    "reeve queue dead purge thumbnails --all --apply",
  ),
);

/** `reeve queue dead …`. */
export const dead = buildRouteMap({
  routes: { list, show, replay, purge },
  docs: examples(
    "Jobs that have failed for good",
    "reeve queue dead list thumbnails",
    "reeve queue dead replay thumbnails --all",
  ),
});
