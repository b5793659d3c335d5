/**
 * `reeve auth doctor --explain PORT|PID`.
 *
 * @module
 */

import type { DaemonContext } from "../../daemon/context.ts";
import { findFlips } from "../../daemon/flip.ts";
import { toRecord } from "../../daemon/identity_record.ts";
import { scan } from "../../daemon/scan.ts";
import { KnownError } from "../../errors.ts";
import type { CommandContext, CommandResult } from "../command.ts";
import { formatExplanation } from "../explain_text.ts";
import { EXIT } from "../exit_code.ts";
import type { DoctorFlags } from "./auth_doctor.ts";

/** Shows every fact about the listener with this port or pid. */
export async function explain(
  { host }: CommandContext,
  daemons: DaemonContext,
  flags: DoctorFlags,
  number: number,
): Promise<CommandResult> {
  const found = await scan(host, daemons.families, { family: flags.family });
  const { candidates, viewpoint } = found;
  const candidate = candidates.find((row) => row.port === number) ??
    candidates.find((row) => row.pid === number);
  if (candidate === undefined) {
    const { first, end } = viewpoint.ports;
    throw new KnownError(
      "not_found",
      `Cannot explain ${number}: no listener from ${first} to ${end - 1} ` +
        "has this port or pid",
      { hint: "See the listeners with: reeve auth doctor" },
    );
  }
  const record = toRecord(candidate, viewpoint);
  const flips = findFlips(candidate, viewpoint);
  const now = host.clock.now();
  return {
    exit: EXIT.ok,
    json: {
      "schema": "daemon_explanation",
      "schema_version": 1,
      record,
      "argv": candidate.spawn.argv,
      "flips": flips.map(({ fact, change, cleanupClass, skipReason }) => ({
        fact,
        change,
        "cleanup_class": cleanupClass,
        "skip_reason": skipReason,
      })),
    },
    text: formatExplanation(record, flips, {
      columns: host.terminal.columns,
      now,
    }),
  };
}
