/**
 * The documents of the commands about what environments want and would do.
 *
 * @module
 */

import type * as z from "zod/mini";
import type { ReuseKind } from "../../src/environment/run_reuse.ts";
import type { LeftOutReason } from "../../src/environment/start_plan.ts";
import type { ProvisionMode } from "../../src/environment/model.ts";
import {
  id,
  kind,
  mode,
  names,
  ok,
  project,
  stateNotes,
  status,
} from "./environment_fields.ts";
import {
  anyObject,
  count,
  counts,
  document,
  fields,
  flag,
  list,
  maybe,
  maybeText,
  port,
  text,
  word,
} from "./fields.ts";

/** `reeve show-config`. */
export const environmentSettings: z.ZodMiniType = document(
  "environment_settings",
  {
    "repository_root": text("Root of the repository."),
    "ok": flag("Whether nothing is wrong with them."),
    "source": word("What they mostly come from.", {
      default: true,
      detected: true,
      file: true,
      legacy: true,
    }),
    "default_mode": mode,
    "trees_directory": text("Directory of the worktrees below the root."),
    "public_host": text("Host in addresses for people."),
    "inherited_env": names("Variables that services inherit."),
    "services": list(
      "Services in their order.",
      fields("A service.", {
        "slug": text("Its slug."),
        "name": text("For people."),
        "argv": names("Words of its command."),
        "directory": text("Directory below the project's root."),
        "port_base": maybe("Null when it listens to nothing.", port("Port.")),
        "ready": text("When it counts as ready."),
        "depends_on": names("What must be ready before it."),
        "env_names": names("Names of its own variables; no values."),
        "timeout_ms": count("How long it may take to be ready."),
        "grace_ms": count("How long it may take to end."),
        "critical": flag("Whether the environment is broken without it."),
        "only_if_path": maybeText("Path that it is bound to, if any."),
        "modes": list("Modes that it belongs to.", mode),
      }),
    ),
    "dependencies": list(
      "Dependencies that are on.",
      fields("A dependency.", {
        id,
        "mode": word(
          "How it is provided.",
          {
            auto: true,
            command: true,
            container: true,
            external: true,
            native: true,
          } satisfies Record<ProvisionMode, true>,
        ),
        "ports": counts("Ports by resource."),
        "shared": flag("Whether worktrees share that of the main checkout."),
        "external": flag("Whether it has an address of its own."),
        "modes": list("Modes that it belongs to.", mode),
      }),
    ),
    "origins": list(
      "Where the value of each key comes from.",
      fields("A key.", {
        "key": text("Its name."),
        "source": text("The kind of place."),
        "where": text("The place."),
        "line": maybe("Null outside of files.", count("Line, from 1.")),
      }),
    ),
    "faults": list(
      "What is wrong; nothing is started with a fault.",
      fields("A fault.", {
        "key": maybeText("The key, if it is about one."),
        "message": text("What is wrong."),
        "hint": text("What to do."),
      }),
    ),
    "warnings": names("What is odd without being wrong."),
    "notes": names("What was seen but is nothing to start."),
  },
);

/** `reeve show-state`. */
export const environmentState: z.ZodMiniType = document("environment_state", {
  "found": flag("Whether a run is recorded."),
  "scope": text("Name of the repository in the state root."),
  "repository_root": text("Root of the repository."),
  "directory": text("Where the state is."),
  "runs": list(
    "Recorded runs, the latest first.",
    fields("A run.", {
      "outdated": flag("Whether its last revision is damaged."),
      "state": anyObject("Its `run_state.json`."),
      "runtime_map": anyObject("Its `runtime_map.json`."),
    }),
  ),
  "notes": stateNotes,
});

const left = (says: string) =>
  word(
    says,
    {
      "no_dependencies": true,
      "not_selected": true,
      "off_in_mode": true,
      "path_missing": true,
      refused: true,
    } satisfies Record<LeftOutReason, true>,
  );

/** `reeve explain-startup` and `reeve preflight`. */
export const environmentPreview: z.ZodMiniType = document(
  "environment_preview",
  {
    "command": text("The command."),
    "about": text("The command that it tells about."),
    mode,
    ok,
    "fingerprint": text("What decides what is started, as the run keeps it."),
    "reuse": fields("What becomes of the recorded run.", {
      "decision": word(
        "What, in a word.",
        {
          "fresh_run": true,
          "resume_exact": true,
          "resume_subset": true,
          "reuse_expand": true,
        } satisfies Record<ReuseKind, true>,
      ),
      "reason": text("Why, in a word."),
      "run_id": maybeText("The run that goes on, if one does."),
      "mismatches": list(
        "What is not as recorded.",
        fields("A field.", {
          "field": text("Its name."),
          "change": word("How.", { changed: true, removed: true }),
        }),
      ),
    }),
    "ended_first": names("What would be ended first."),
    "refusal": maybe(
      "Why it would be refused as things are; null when it would not.",
      fields("The error.", {
        "message": text("What is wrong."),
        "hint": text("What to do."),
      }),
    ),
    "warnings": names("What is odd in the settings without being wrong."),
    "projects": list(
      "What would be done in each project.",
      fields("A project.", {
        "name": text("Its name."),
        "root": text("Its directory."),
        "layers": list(
          "What would be started, those of a layer at the same time.",
          list(
            "A layer.",
            fields("One of it.", {
              id,
              kind,
              "owner": text("Project that will own it."),
              "after": names("Who is ready first."),
              "argv_hash": maybeText(
                "Hash of the argument vector of a service, as the run keeps it.",
              ),
            }),
          ),
        ),
        "there": list(
          "What is up already.",
          fields("One of it.", { id, status }),
        ),
        "blocked": list(
          "What cannot be started now.",
          fields("One of it.", {
            id,
            "by": text("Whose state forbids it."),
            status,
          }),
        ),
        "left_out": list(
          "What is not started.",
          fields("One of it.", { id, "reason": left("Why.") }),
        ),
        "unmet": list(
          "What is started without something that it needs.",
          fields("One of it.", {
            id,
            "needs": text("What it needs."),
            "reason": left("Why that is not started."),
          }),
        ),
        "ports": list(
          "Ports that it would be given.",
          fields("A port.", {
            project,
            "unit": text("Service, or `dependency.resource`."),
            "requested": port("What the settings ask for."),
            "assigned": port("What it would get."),
          }),
        ),
      }),
    ),
  },
);

/** `reeve list-targets` and `reeve list-trees`. */
export const environmentTargets: z.ZodMiniType = document(
  "environment_targets",
  {
    mode,
    "projects": list(
      "Projects of the mode.",
      fields("A project.", {
        "name": text("Its name."),
        "root": text("Its directory."),
        "state_present": flag("Whether it belongs to a recorded run."),
        "running": flag("Whether something of it may run."),
        "running_units": names("What that is."),
        "ports": counts(
          "Ports by unit: of what runs, else as a start would give them.",
        ),
      }),
    ),
  },
);

/** `reeve list-commands`. */
export const environmentCommands: z.ZodMiniType = document(
  "environment_commands",
  {
    "commands": list(
      "Every command.",
      fields("A command.", {
        "name": text("Its name."),
        "aliases": names("Other words for it."),
        "brief": text("What it does."),
        "words": text("What plain words after it are."),
        "when_nothing": text("What it is about when nothing is named."),
        "mode": maybe("Null for one that knows both.", mode),
        "needs_settings": flag("Whether it needs settings."),
        "takes_lease": flag("Whether it changes what runs."),
        "loads_state": flag("Whether it acts on what is recorded."),
        "headless": flag("Whether it never asks unless told to."),
        "flags": list(
          "Its flags.",
          fields("A flag.", {
            "names": names("Its spellings."),
            "kind": text("What its value is."),
            "placeholder": maybeText("Its value in the help."),
            "brief": text("What it does."),
          }),
        ),
      }),
    ),
  },
);
