/**
 * `reeve daemon replay FILE`.
 *
 * @module
 */

import { toRecord } from "../../daemon/identity_record.ts";
import { readSnapshot } from "../../daemon/snapshot.ts";
import type { CommandContext, CommandResult, JsonFlags } from "../command.ts";
import { EXIT } from "../exit_code.ts";
import { formatTable } from "../table.ts";

/** Judges a recorded snapshot with the decision table of this version. */
export async function run(
  { host }: CommandContext,
  _flags: JsonFlags,
  path: string,
): Promise<CommandResult> {
  const snapshot = await readSnapshot(host, path);
  const records = snapshot.candidates.map((candidate) =>
    toRecord(candidate, snapshot.viewpoint)
  );
  const table = formatTable(
    [
      { title: "PID", align: "right" },
      { title: "PORT", align: "right" },
      { title: "VERSION", isFlexible: true },
      { title: "CLASS" },
      { title: "REASON" },
      { title: "ROW" },
    ],
    records.map((record) => [
      String(record.pid ?? "(unknown)"),
      String(record.port),
      record.package_version ?? "(unknown)",
      record.cleanup_class,
      record.skip_reason ?? "",
      record.row,
    ]),
    host.terminal.columns,
  );
  const { recorded_at: recordedAt, package_version: version } = snapshot;
  return {
    exit: EXIT.ok,
    json: {
      "schema": "daemon_replay",
      "schema_version": 1,
      "recorded_at": recordedAt,
      "recorded_by": version,
      records,
    },
    text: `Recorded ${recordedAt} by ${version}: ${records.length} listeners` +
      (records.length === 0 ? "." : `.\n\n${table}`),
  };
}
