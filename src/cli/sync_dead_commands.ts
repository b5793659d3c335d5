/**
 * The commands of `reeve sync dead`.
 *
 * @module
 */

import { buildRouteMap, type Command } from "@stricli/core";
import {
  apply,
  eventIds,
  reason,
  since,
  skipped,
  type,
  yes,
} from "./care_flags.ts";
import {
  command,
  examples,
  flag,
  json,
  numberFlag,
  type ReeveContext,
  wordFlag,
} from "./define_command.ts";

const deadList: Command<ReeveContext> = command(
  () => import("./commands/sync_dead_list.ts"),
  {
    flags: {
      json,
      type,
      reason,
      since,
      id: eventIds,
      skipped,
      limit: numberFlag("At most N events", 50),
    },
  },
  examples(
    "List events that the server refused for good",
    "reeve sync dead list",
    "reeve sync dead list --reason refused --json",
  ),
);

const eventId = {
  parse: String,
  placeholder: "ID",
  brief: "Id of the event",
} as const;

const deadShow: Command<ReeveContext> = command(
  () => import("./commands/sync_dead_show.ts"),
  {
    flags: { json },
    positional: { kind: "tuple", parameters: [eventId] },
  },
  examples(
    "Show what a dead event says and what the server said",
    "reeve sync dead show 01M7Y0TEC93384R0ZHBB6DF8S7",
  ),
);

const deadReplay: Command<ReeveContext> = command(
  () => import("./commands/sync_dead_replay.ts"),
  {
    flags: {
      json,
      type,
      reason,
      since,
      id: eventIds,
      skipped,
      all: flag("Every one"),
    },
  },
  examples(
    "Have dead events sent again",
    "reeve sync dead replay --reason schema_mismatch",
    "reeve sync dead replay --skipped --all",
  ),
);

const deadSkip: Command<ReeveContext> = command(
  () => import("./commands/sync_dead_skip.ts"),
  {
    flags: {
      json,
      type,
      reason,
      since,
      id: eventIds,
      all: flag("Every one"),
      yes,
    },
  },
  examples(
    "Give dead events up, so that their lanes go on",
    "reeve sync dead skip --id 01M7Y0TEC93384R0ZHBB6DF8S7",
  ),
);

const deadPurge: Command<ReeveContext> = command(
  () => import("./commands/sync_dead_purge.ts"),
  {
    flags: {
      json,
      type,
      reason,
      since,
      id: eventIds,
      skipped,
      archive: wordFlag("DIR", "Archive them into this directory first"),
      apply,
      yes,
    },
  },
  examples(
    "Throw dead events away for good",
    "reeve sync dead purge",
    "reeve sync dead purge --archive ~/archive --apply",
  ),
);

/** `reeve sync dead …`. */
export const dead = buildRouteMap({
  routes: {
    list: deadList,
    show: deadShow,
    replay: deadReplay,
    skip: deadSkip,
    purge: deadPurge,
  },
  docs: examples(
    "Events that the server refused for good",
    "reeve sync dead list",
    "reeve sync dead replay --all",
  ),
});
