/**
 * `reeve sync quarantine repair`.
 *
 * @module
 */

import { KnownError } from "../../errors.ts";
import { absolutePath } from "../../host/path.ts";
import type { JsonObject } from "../../state/json_value.ts";
import type { QuarantineRow } from "../../queue/quarantine.ts";
import { listQuarantine, showQuarantine } from "../../queue/quarantine_care.ts";
import {
  type Repaired,
  type RepairOptions,
  repairQuarantined,
} from "../../queue/quarantine_repair.ts";
import { createRegistry } from "../../queue/registry.ts";
import { readEventTypes } from "../../queue/types_file.ts";
import { originOf, sinkFor } from "../../sync/project_sync.ts";
import { actorOf } from "../apply.ts";
import type { CommandContext, CommandResult, JsonFlags } from "../command.ts";
import { EXIT } from "../exit_code.ts";
import { noEntry } from "../quarantine_choice.ts";
import { type OpenProject, openProject } from "../sync_project.ts";
import { formatTable } from "../table.ts";

/** Flags of `reeve sync quarantine repair`. */
export interface QuarantineRepairFlags extends JsonFlags {
  /** Every entry. */
  readonly all: boolean;
  /** Only say what would come of it. */
  readonly dryRun: boolean;
  /** File with a payload in place of the stored one. */
  readonly payload?: string;
  /** What it is about, in place of the stored one. */
  readonly aggregate?: string;
  /** File with further event types. */
  readonly types?: string;
}

interface Outcome {
  readonly row: QuarantineRow;
  readonly repaired: Repaired;
}

const PAGE_ROWS = 200;

/** Checks entries again and captures those that are valid now. */
export async function run(
  context: CommandContext,
  flags: QuarantineRepairFlags,
  ...ids: readonly number[]
): Promise<CommandResult> {
  checkFlags(flags, ids);
  using open = await openProject(context, { write: !flags.dryRun });
  const options = await optionsOf(context, open, flags);
  try {
    const outcomes = [...rowsOf(open, flags, ids)].map((row): Outcome => ({
      row,
      repaired: repairQuarantined(open.host, open.store, row, options),
    }));
    return resultOf(context, open, outcomes);
  } finally {
    options.sink.close();
  }
}

function checkFlags(
  { all, payload, aggregate }: QuarantineRepairFlags,
  ids: readonly number[],
): void {
  const isEdit = payload !== undefined || aggregate !== undefined;
  if (isEdit && (all || ids.length !== 1)) {
    throw new KnownError("usage", "Cannot correct several entries at once", {
      hint: "Name one entry with --payload or --aggregate.",
    });
  }
  if (all !== (ids.length > 0)) return;
  throw new KnownError("usage", "Cannot repair: name entries, or take --all", {
    hint: "See: reeve sync quarantine list",
  });
}

async function optionsOf(
  context: CommandContext,
  { host, place }: OpenProject,
  flags: QuarantineRepairFlags,
): Promise<RepairOptions> {
  const own = flags.types === undefined
    ? []
    : await readEventTypes(context.host, pathOf(context, flags.types));
  const payload = flags.payload === undefined
    ? undefined
    : await readPayload(context, flags.payload);
  return {
    registry: createRegistry(own),
    sink: sinkFor(host, place),
    origin: originOf(host, place)(),
    actor: actorOf(context),
    isTrial: flags.dryRun,
    edit: { payload, aggregateId: flags.aggregate },
  };
}

function pathOf({ host }: CommandContext, path: string): string {
  return absolutePath(host.env.cwd, path);
}

async function readPayload(
  context: CommandContext,
  path: string,
): Promise<JsonObject> {
  const text = await context.host.files.readText(pathOf(context, path));
  let value: unknown;
  try {
    value = JSON.parse(text);
  } catch (cause) {
    throw new KnownError("usage", `Cannot use ${path}: it is not JSON`, {
      hint: 'It must hold one payload, such as {"text": "hello"}.',
      cause,
    });
  }
  if (isObject(value)) return value;
  throw new KnownError("usage", `Cannot use ${path}: it is not an object`, {
    hint: 'It must hold one payload, such as {"text": "hello"}.',
  });
}

function isObject(value: unknown): value is JsonObject {
  return typeof value === "object" && value !== null && !Array.isArray(value);
}

function* rowsOf(
  { store }: OpenProject,
  { all }: QuarantineRepairFlags,
  ids: readonly number[],
): Generator<QuarantineRow> {
  for (const id of ids) {
    const row = showQuarantine(store, id);
    if (row === undefined) throw noEntry(id);
    yield row;
  }
  let after = 0;
  while (all) {
    const rows = listQuarantine(store, {}, { after, limit: PAGE_ROWS });
    yield* rows;
    after = rows.at(-1)?.q_id ?? after;
    if (rows.length < PAGE_ROWS) return;
  }
}

function resultOf(
  { host }: CommandContext,
  { project }: OpenProject,
  outcomes: readonly Outcome[],
): CommandResult {
  const isGood = ({ repaired }: Outcome) =>
    repaired.kind === "captured" || repaired.kind === "valid";
  const left = outcomes.filter((outcome) => !isGood(outcome)).length;
  const table = formatTable(
    [
      { title: "ID", align: "right" },
      { title: "TYPE", isFlexible: true },
      { title: "OUTCOME", isFlexible: true },
    ],
    outcomes.map(({ row, repaired }) => [
      String(row.q_id),
      row.type,
      describe(repaired),
    ]),
    host.terminal.columns,
  );
  return {
    exit: left === 0 ? EXIT.ok : EXIT.actionable,
    text: outcomes.length === 0 ? "Nothing is in the quarantine." : table,
    json: {
      "schema": "sync_quarantine_repair",
      "schema_version": 1,
      "project_id": project.id,
      "left": left,
      "entries": outcomes.map(({ row, repaired }) => ({
        "id": row.q_id,
        "outcome": repaired.kind,
        "event_id": repaired.kind === "captured" ? repaired.eventId : null,
        "detail": describe(repaired),
      })),
    },
  };
}

function describe(repaired: Repaired): string {
  switch (repaired.kind) {
    case "captured":
      return `captured as ${repaired.eventId}`;
    case "valid":
      return "valid now";
    case "invalid":
      return `${repaired.field} ${repaired.rule}`;
    case "not_an_event":
      return "is no event";
    case "not_stored":
      return `is valid, but was not stored: ${repaired.outcome.kind}`;
  }
}
