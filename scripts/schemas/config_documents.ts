/**
 * The documents of `reeve config`.
 *
 * @module
 */

import * as z from "zod/mini";
import type { FaultKind } from "../../src/config/fault.ts";
import { KEY_NAMES, type KeyName } from "../../src/config/keys.ts";
import type { Source } from "../../src/config/read_config.ts";
import {
  anyObject,
  document,
  fields,
  flag,
  list,
  maybe,
  maybeText,
  said,
  text,
  word,
} from "./fields.ts";
import { PROJECT } from "./queue_records.ts";

const key = said(
  "Name of the setting.",
  z.enum(KEY_NAMES as readonly [KeyName, ...KeyName[]]),
);

const anyKey = text(
  "Name of the setting, or of a key of the environment: " +
    "`REEVE_SERVICE_API_PORT`.",
);

const value = (says: string) =>
  said(
    says,
    z.nullable(
      z.union([z.string(), z.number(), z.boolean(), z.array(z.string())]),
    ),
  );

const SOURCES: Readonly<Record<Source, true>> = {
  default: true,
  env: true,
  flag: true,
  project: true,
  user: true,
};

const anyOrigin = {
  "source": word("The kind of place that the value comes from.", {
    ...SOURCES,
    detected: true,
    legacy: true,
  }),
  "where": text("That place: a variable, a file and line, or `default`."),
};

const origin = {
  "source": word("The kind of place that the value comes from.", SOURCES),
  "where": text("That place: a variable, a file and line, or `default`."),
};

const KINDS: Readonly<Record<FaultKind, true>> = {
  "bad_value": true,
  "too_new": true,
  "unparseable": true,
  "unreadable": true,
  "wrong_shape": true,
};

const fault = fields("Something wrong; no byte of a value is in it.", {
  "kind": word("In a word.", KINDS),
  "where": text("A variable, or a file and line."),
  "file": maybeText("The file, if it is in one."),
  "line": said(
    "Its line, counted from 1, where that is known.",
    z.nullable(z.int().check(z.gte(1))),
  ),
  "key": maybe("The setting, if it is about one alone.", key),
  "message": text("In a sentence."),
  "hint": text("What to do."),
});

const setting = fields("A setting.", {
  key,
  "value": value("Its value; null when it has none."),
  ...origin,
  "default": value("Its value when nothing is set; null when it has none."),
  "env": maybeText("The variable that sets it, if there is one."),
  "allowed": text("What it may be, in words."),
  "description": text("What it does."),
});

/** `reeve config show`. */
export const configShow: z.ZodMiniType = document("config", {
  "user_file": text("Path of the person's own file, whether it is there."),
  "project_file": maybeText("Path of the project's file, if there is one."),
  ...PROJECT,
  "faults": list("What is wrong.", fault),
  "warnings": list("What is odd without being wrong.", text("In words.")),
  "settings": list("Every setting, or the one that was asked for.", setting),
});

/** `reeve config get`, and `show` for a key of the environment. */
export const configGet: z.ZodMiniType = document("config_value", {
  "key": anyKey,
  "value": value("Its value; null when it has none."),
  ...anyOrigin,
});

/** `reeve config set` and `unset`. */
export const configChange: z.ZodMiniType = document("config_change", {
  "key": anyKey,
  "action": word("What was asked for.", { set: true, unset: true }),
  "file": maybeText("Path of the file; null when there was none to change."),
  "changed": flag("Whether the file is another one now."),
  "value": value("The value that counts now; null when it has none."),
  ...anyOrigin,
});

/** `reeve config edit`. */
export const configEdit: z.ZodMiniType = document("config_edit", {
  "ok": flag("Whether nothing is wrong in the file."),
  "path": text("Path of the file."),
  "changed": flag("Whether the file is another one now."),
  "faults": list(
    "What is wrong; the file stays as it was saved.",
    fields("A fault.", {
      "key": maybeText("The key, if it is about one."),
      "line": said("Line, from 1.", z.nullable(z.int().check(z.gte(1)))),
      "message": text("In a sentence."),
      "hint": text("What to do."),
    }),
  ),
  "warnings": list("What is odd without being wrong.", text("In words.")),
});

/** `reeve config`, `reeve init`. */
export const environmentConfig: z.ZodMiniType = document("environment_config", {
  "ok": flag("Whether nothing is wrong with what counts now."),
  "saved": flag("Whether the file was written."),
  "changed": flag("Whether it differs, or would differ."),
  "dry_run": flag("Whether nothing was to be written."),
  "path": text("Path of the file."),
  "repository_root": text("Root of the repository."),
  "keys": list("Keys whose values differ.", text("A key.")),
  "diff": list(
    "Rows that differ: `-` before, `+` now; secret values are left out.",
    text("A row."),
  ),
  "found_services": list(
    "What was found in the repository and taken.",
    fields("A service.", {
      "slug": text("Its slug."),
      "command": text("Its command."),
      "directory": text("Directory below the root."),
      "port": maybe("Null when it listens to nothing.", z.int()),
      "source": text("What suggests it."),
      "confidence": word("How sure it is.", {
        high: true,
        low: true,
        medium: true,
      }),
    }),
  ),
  "warnings": list("What had to be left out.", text("In words.")),
  "config": anyObject("What counts now, as `reeve show-config --json`."),
});

/** `reeve config path`. */
export const configPath: z.ZodMiniType = document("config_path", {
  "user_file": text("Path of the person's own file, whether it is there."),
  "project_file": maybeText(
    "Path of the project's file, whether it is there; null without a project.",
  ),
  "project_root": maybeText("Directory of the project, if there is one."),
});
