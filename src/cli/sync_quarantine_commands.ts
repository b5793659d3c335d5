/**
 * The commands of `reeve sync quarantine`.
 *
 * @module
 */

import { buildRouteMap, type Command, numberParser } from "@stricli/core";
import { apply, entryIds, reason, since, type, yes } from "./care_flags.ts";
import {
  command,
  examples,
  fileFlag,
  flag,
  json,
  numberFlag,
  type ReeveContext,
  wordFlag,
} from "./define_command.ts";

const quarantineList: Command<ReeveContext> = command(
  () => import("./commands/sync_quarantine_list.ts"),
  {
    flags: {
      json,
      type,
      reason,
      since,
      id: entryIds,
      limit: numberFlag("At most N entries", 50),
    },
  },
  examples(
    "List what was captured, but is not valid",
    "reeve sync quarantine list",
    "reeve sync quarantine list --reason unknown_type --json",
  ),
);

const entryId = {
  parse: numberParser,
  placeholder: "ID",
  brief: "Number of the entry",
} as const;

const quarantineShow: Command<ReeveContext> = command(
  () => import("./commands/sync_quarantine_show.ts"),
  {
    flags: { json },
    positional: { kind: "tuple", parameters: [entryId] },
  },
  examples(
    "Show what was given and what is wrong with it",
    "reeve sync quarantine show 7",
  ),
);

const quarantineRepair: Command<ReeveContext> = command(
  () => import("./commands/sync_quarantine_repair.ts"),
  {
    flags: {
      json,
      all: flag("Every entry"),
      dryRun: flag("Only say what would come of it"),
      payload: fileFlag("Payload in place of the stored one, as JSON"),
      aggregate: wordFlag("ID", "What it is about, in place of the stored one"),
      types: fileFlag("Further event types, as JSON"),
    },
    positional: { kind: "array", parameter: entryId },
  },
  examples(
    "Check entries again and capture those that are valid now",
    "reeve sync quarantine repair 7 --payload fixed.json",
    "reeve sync quarantine repair --all --types types.json",
  ),
);

const quarantinePurge: Command<ReeveContext> = command(
  () => import("./commands/sync_quarantine_purge.ts"),
  { flags: { json, type, reason, since, id: entryIds, apply, yes } },
  examples(
    "Throw entries away for good",
    "reeve sync quarantine purge",
    "reeve sync quarantine purge --reason damaged_line --apply",
  ),
);

/** `reeve sync quarantine …`. */
export const quarantine = buildRouteMap({
  routes: {
    list: quarantineList,
    show: quarantineShow,
    repair: quarantineRepair,
    purge: quarantinePurge,
  },
  docs: examples(
    "What was captured, but is not valid",
    "reeve sync quarantine list",
    "reeve sync quarantine repair --all",
  ),
});
