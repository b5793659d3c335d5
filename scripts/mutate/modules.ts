/**
 * The pure modules that are mutated, and the tests that have to notice.
 *
 * @module
 */

/** One module under mutation. */
export interface MutatedModule {
  /** Name on the command line and in the table. */
  readonly name: string;
  /** File below `src`. */
  readonly file: string;
  /** Test files below `src`. */
  readonly tests: readonly string[];
}

function row(
  name: string,
  file: string,
  tests: readonly string[] = [],
): MutatedModule {
  return { name, file, tests: [file.replace(/\.ts$/, "_test.ts"), ...tests] };
}

/**
 * The table; every row has the tests beside its file. The one that tries every
 * combination of facts is left out: it takes seconds, and the tables suffice.
 */
export const MODULES: readonly MutatedModule[] = [
  row("classify", "daemon/classify.ts", [
    "daemon/classify_singleton_test.ts",
    "daemon/classify_unread_test.ts",
  ]),
  row("evidence", "daemon/evidence.ts", ["daemon/evidence_source_test.ts"]),
  row("retirement", "daemon/retirement.ts"),
  row("compatibility", "daemon/compatibility.ts"),
  row("start_gate", "daemon/start_gate.ts"),
  row("sweep_plan", "daemon/sweep_plan.ts"),
  row("identity", "process/identity.ts"),
  row("retry", "queue/retry.ts"),
  row("backoff", "jobs/backoff.ts"),
  row("sink_outcome", "queue/sink_outcome.ts"),
  row("receiver_batch", "receiver/batch.ts"),
  row("batch_size", "sync/batch_size.ts"),
  row("split", "sync/split.ts"),
  row("orphan_class", "environment/orphan_class.ts"),
  row("unit_evidence", "environment/evidence.ts"),
  row("truth", "environment/truth.ts", [
    "environment/truth_words_test.ts",
  ]),
  row("start_plan", "environment/start_plan.ts"),
  row("port_plan", "environment/port_plan.ts", [
    "environment/port_plan_words_test.ts",
  ]),
  row("slot_table", "environment/slot_table.ts"),
  row("port_entry", "environment/port_entry.ts", [
    "environment/port_entry_alive_test.ts",
    "environment/port_ledger_damaged_test.ts",
    "environment/port_ledger_owner_test.ts",
    "environment/port_ledger_preview_test.ts",
    "environment/port_ledger_test.ts",
  ]),
];
