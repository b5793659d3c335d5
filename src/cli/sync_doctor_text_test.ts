import { assert, assertEquals } from "@std/assert";
import { judgeSync } from "../doctor/sync_findings.ts";
import { buildSyncReport } from "../doctor/sync_report.ts";
import type { SyncFacts } from "../doctor/sync_facts.ts";
import { formatSyncReport } from "./sync_doctor_text.ts";
import { COUNTS, FACTS, QUEUE } from "#support/sync_facts.ts";

function textOf(
  change: Partial<SyncFacts> = {},
  fixed: readonly string[] = [],
): string {
  const facts = { ...FACTS, ...change };
  const report = buildSyncReport(facts, judgeSync(facts), fixed);
  return formatSyncReport(report, { columns: 60, hasColor: false });
}

Deno.test("formatSyncReport() of a place in which all is well", () => {
  assertEquals(
    textOf(),
    `Project     app (p)
State root  /r
Server      https://sync.example (/r/config.json line 3)

Checks
  ok       project
  ok       settings
  ok       files
  ok       disk
  ok       sign in
  ok       queue
  ok       integrity
  ok       delivery
  ok       daemon
  skipped  server: only with --server
  skipped  session: only with --server
  skipped  clock: only with --server

Findings
  (none)

Nothing is wrong with delivery.`,
  );
});

Deno.test("formatSyncReport() wraps what was found, never what to type", () => {
  const text = textOf({
    disk: {
      ...FACTS.disk,
      looseModes: [{
        path: `/r/projects/${"p".repeat(40)}/queue.db`,
        mode: 0o644,
        expected: 0o600,
      }],
    },
    queue: { ...QUEUE, counts: { ...COUNTS, dead: { refused: 2 } } },
  }, ["Took the log into the queue."]);
  const lines = text.split("\n");
  const command = lines.find((line) => line.includes("chmod")) ?? "";
  assert(command.length > 60 && command.endsWith("queue.db'"), command);
  const prose = lines.filter((line) => !line.includes("/r/projects/"));
  for (const line of prose) assert(line.length <= 60, line);
  assert(text.includes("  S-041  error     2 events are given up: 2 refused."));
  assert(text.includes("\n\nDone\n  Took the log into the queue.\n\n"), text);
  assert(text.endsWith("\n\n1 error, 1 warning."), text);
});

Deno.test.each<
  {
    readonly name: string;
    readonly change: Partial<SyncFacts>;
    readonly says: string;
  }
>([
  {
    name: "a warning",
    change: { isDisabled: true },
    says: "Nothing is wrong with delivery, but see 1 warning.",
  },
  {
    name: "a disk that cannot be known",
    change: { disk: { ...FACTS.disk, freeBytes: undefined } },
    says: "Nothing is wrong with delivery. Not known: disk.",
  },
  {
    name: "a busy queue",
    change: { queue: { kind: "busy" } },
    says: "Delivery cannot be called healthy. " +
      "Not known: queue, integrity, delivery.",
  },
])("formatSyncReport() with $name ends with: $says", ({ change, says }) => {
  const text = textOf(change);
  assert(text.endsWith(`\n\n${says}`), text);
});

Deno.test("formatSyncReport() names what is not there yet", () => {
  const text = textOf({
    project: undefined,
    queue: { kind: "none" },
    settings: { ...FACTS.settings, serverUrl: undefined },
  });
  assert(text.includes("Project     none around here\n"), text);
  assert(text.includes("Server      none is configured\n"), text);
});

Deno.test("formatSyncReport() shows colours where it may", () => {
  const report = buildSyncReport(FACTS, judgeSync(FACTS), []);
  const text = formatSyncReport(report, { columns: 80, hasColor: true });
  assert(text.includes("\u001b[32mok     \u001b[0m  project"), text);
});
