/**
 * A handler's words about how far it is. They must not hurt: whatever becomes
 * of them, the job goes on.
 *
 * @module
 */

import type { JsonValue } from "../state/json_value.ts";
import { MAX_RESULT_BYTES } from "./attempt.ts";
import type { QueueBackend } from "./backend.ts";
import type { Claim } from "./job.ts";
import { toJsonText } from "./json_text.ts";
import type { Trouble } from "./trouble.ts";
import type { WorkerLines } from "./worker_lines.ts";

/** What keeping a word needs. */
export interface ProgressOptions {
  /** Where it is kept. */
  readonly backend: Pick<QueueBackend, "progress">;
  /** Told about a word that is no JSON. */
  readonly lines: WorkerLines;
  /** Told about a backend that fails. */
  readonly trouble: Trouble;
}

/** Keeps a word; `lost` when somebody else has the job. Never rejects. */
export async function keepProgress(
  { backend, lines, trouble }: ProgressOptions,
  claim: Claim,
  value: JsonValue,
): Promise<"kept" | "lost" | "refused"> {
  const json = toJsonText(value, MAX_RESULT_BYTES, "progress");
  if ("problem" in json) {
    lines.trouble(`The progress is not kept: ${json.problem}`, claim.id);
    return "refused";
  }
  try {
    const isHeld = await backend.progress(claim, value);
    trouble.worked("progress");
    return isHeld ? "kept" : "lost";
  } catch (error) {
    trouble.failed("progress", error);
    return "refused";
  }
}
