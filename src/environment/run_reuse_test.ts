import { assert, assertEquals } from "@std/assert";
import fc from "fast-check";
import {
  decideReuse,
  type RecordedRun,
  type RecordedUnit,
  type ReuseDecision,
  type ReuseFacts,
} from "./run_reuse.ts";

const PRINT =
  "dependencies.postgres=d1 mode=a1 services.api=b1 services.web=c1";

function unit(text: string): RecordedUnit {
  const [project = "", id = "", dead] = text.split(":");
  const kind = id === "postgres" ? "dependency" : "service";
  return { project, id, kind, isAlive: dead === undefined };
}

const run: RecordedRun = {
  runId: "run-1",
  mode: "trees",
  projects: [{ name: "a", root: "/a" }, { name: "b", root: "/b" }],
  fingerprint: PRINT,
  units: ["a:api", "a:web", "b:api", "a:postgres"].map(unit),
  hasFailed: false,
};

const facts: ReuseFacts = {
  command: "start",
  isFresh: false,
  mode: "trees",
  projects: run.projects,
  chosen: "everything",
  fingerprint: PRINT,
  run,
};

const [a = { name: "a", root: "/a" }, b = { name: "b", root: "/b" }] =
  run.projects;
const c = { name: "c", root: "/c" };

/** `kind reason run, fields, kept / replaced`. */
function told(decision: ReuseDecision): string {
  const { keep, kind, mismatches, reason, replace, runId } = decision;
  const names = (units: readonly RecordedUnit[]) =>
    units.map(({ project, id }) => `${project}:${id}`).join(" ");
  return [
    `${kind} ${reason}${runId === undefined ? "" : ` ${runId}`}`,
    ...mismatches.map(({ field, change }) => `${field} ${change}`),
    `keep ${names(keep)}`.trim(),
    `replace ${names(replace)}`.trim(),
  ].join(", ");
}

const KEPT = "keep a:api a:web b:api a:postgres, replace";

Deno.test.each<{ text: string; part: Partial<ReuseFacts>; is: string }>([
  {
    text: "the same again",
    part: {},
    is: `resume_exact same_projects run-1, ${KEPT}`,
  },
  {
    text: "one of two",
    part: { projects: [a] },
    is: `resume_subset some_projects run-1, ${KEPT}`,
  },
  {
    text: "one more",
    part: { projects: [a, b, c] },
    is: `reuse_expand projects_added run-1, ${KEPT}`,
  },
  {
    text: "only a new one",
    part: { projects: [c] },
    is: `reuse_expand projects_added run-1, ${KEPT}`,
  },
  {
    text: "a plan of the same",
    part: { command: "plan" },
    is: `reuse_expand same_projects run-1, ${KEPT}`,
  },
  {
    text: "nobody",
    part: { projects: [] },
    is: `fresh_run no_selected_projects, ${KEPT}`,
  },
  {
    text: "no run",
    part: { run: undefined },
    is: "fresh_run no_matching_state, keep, replace",
  },
  {
    text: "the other mode",
    part: { mode: "main", isFresh: true },
    is: "fresh_run mode_mismatch, keep, replace",
  },
  {
    text: "a restart",
    part: { command: "restart" },
    is: `fresh_run auto_resume_disabled, ${KEPT}`,
  },
  {
    text: "a fresh start of one project",
    part: { isFresh: true, projects: [a] },
    is:
      "fresh_run explicit_no_resume, keep b:api, replace a:api a:web a:postgres",
  },
  {
    text: "a fresh start of one service",
    part: { isFresh: true, chosen: new Set(["a\napi"]) },
    is:
      "fresh_run explicit_no_resume, keep a:web b:api a:postgres, replace a:api",
  },
  {
    text: "a moved project",
    part: { projects: [a, { name: "b", root: "/x" }] },
    is: "fresh_run project_root_mismatch, projects.b.root changed, " +
      "keep a:api a:web a:postgres, replace b:api",
  },
  {
    text: "a changed service",
    part: { fingerprint: PRINT.replace("b1", "b2") },
    is: "fresh_run startup_fingerprint_mismatch, services.api changed, " +
      "keep a:web a:postgres, replace a:api b:api",
  },
  {
    text: "a changed service of one project",
    part: { fingerprint: PRINT.replace("b1", "b2"), projects: [b] },
    is: "fresh_run startup_fingerprint_mismatch, services.api changed, " +
      "keep a:api a:web a:postgres, replace b:api",
  },
  {
    text: "a change that is not asked for",
    part: {
      fingerprint: PRINT.replace("b1", "b2"),
      chosen: new Set(["a\nweb"]),
    },
    is: `resume_exact same_projects run-1, ${KEPT}`,
  },
  {
    text: "a service that was taken out",
    part: { fingerprint: PRINT.replace(" services.web=c1", "") },
    is: "fresh_run startup_fingerprint_mismatch, services.web removed, " +
      "keep a:api b:api a:postgres, replace a:web",
  },
  {
    text: "a service that came in",
    part: { fingerprint: `${PRINT} services.new=e1` },
    is: `resume_exact same_projects run-1, ${KEPT}`,
  },
  {
    text: "a change for all",
    part: { fingerprint: PRINT.replace("a1", "a2") },
    is: "fresh_run startup_fingerprint_mismatch, mode changed, " +
      "keep, replace a:api a:web b:api a:postgres",
  },
  {
    text: "a change for all, but nobody of them is asked for",
    part: { fingerprint: PRINT.replace("a1", "a2"), projects: [c] },
    is: `reuse_expand projects_added run-1, ${KEPT}`,
  },
  {
    text: "a fingerprint that nobody understands",
    part: { run: { ...run, fingerprint: "?", units: [unit("a:api")] } },
    is: "fresh_run startup_fingerprint_mismatch, services.api changed, " +
      "keep, replace a:api",
  },
  {
    text: "all dead after a reboot",
    part: { run: { ...run, units: [unit("a:api:dead")] } },
    is: "resume_exact same_projects run-1, keep a:api, replace",
  },
  {
    text: "dead and changed",
    part: {
      run: { ...run, units: [unit("a:api:dead"), unit("a:web")] },
      fingerprint: PRINT.replace("b1", "b2"),
    },
    is: "fresh_run startup_fingerprint_mismatch, services.api changed, " +
      "keep a:web, replace",
  },
  {
    text: "a start that failed",
    part: { run: { ...run, hasFailed: true, units: [unit("a:api:dead")] } },
    is: "fresh_run failed_state, keep, replace",
  },
  {
    text: "a start of which a part failed",
    part: { run: { ...run, hasFailed: true } },
    is: `resume_exact same_projects run-1, ${KEPT}`,
  },
  {
    text: "an empty run",
    part: { run: { ...run, units: [] } },
    is: "fresh_run no_reusable_runtime, keep, replace",
  },
  {
    text: "another main checkout",
    part: {
      mode: "main",
      run: { ...run, mode: "main", projects: [a] },
      projects: [c],
    },
    is: `fresh_run project_selection_mismatch, ${KEPT}`,
  },
])("decideReuse: $text", ({ part, is }) => {
  assertEquals(told(decideReuse({ ...facts, ...part })), is);
});

Deno.test("nothing that may run is ever forgotten within a mode", () => {
  const hash = fc.constantFrom("a1", "b1", "c1", "d1");
  fc.assert(fc.property(
    fc.subarray([a, b, c, { name: "a", root: "/moved" }]),
    fc.boolean(),
    fc.boolean(),
    fc.constantFrom("start" as const, "plan" as const, "restart" as const),
    fc.tuple(hash, hash, hash, hash),
    fc.subarray(["a:api", "a:web:dead", "b:api", "b:web", "a:postgres"]),
    (projects, isFresh, hasFailed, command, [w, x, y, z], units) => {
      const recorded = { ...run, hasFailed, units: units.map(unit) };
      const decision = decideReuse({
        ...facts,
        command,
        isFresh,
        projects,
        run: recorded,
        fingerprint:
          `mode=${w} services.api=${x} services.web=${y} dependencies.postgres=${z}`,
      });
      const { keep, kind, replace, runId } = decision;
      for (const one of recorded.units.filter(({ isAlive }) => isAlive)) {
        assertEquals(keep.includes(one), !replace.includes(one));
      }
      assertEquals(kind === "fresh_run", runId === undefined);
      assert(kind === "fresh_run" || replace.length === 0);
    },
  ));
});
