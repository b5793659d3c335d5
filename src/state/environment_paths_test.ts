import { assert, assertEquals, assertMatch, assertThrows } from "@std/assert";
import fc from "fast-check";
import {
  dependencyDataPath,
  environmentPaths,
  isRunId,
  latestPath,
  portLedgerPaths,
  runPaths,
  scopeOf,
  serviceLogPath,
} from "./environment_paths.ts";

const ROOT = { root: "/h/.reeve" };
const SCOPE = "repo-0123456789ab";
const RUN = "run-20260102030405-89abcdef";

Deno.test("scopeOf() is the start of the hash of the root", async () => {
  assertEquals(await scopeOf("/srv/shop"), "repo-e7c7ea0ba435");
  assert(await scopeOf("/srv/shop") !== await scopeOf("/srv/shop/"));
});

Deno.test("environmentPaths() keeps each repository in its directory", () => {
  const paths = environmentPaths(ROOT, SCOPE);
  const directory = `/h/.reeve/environments/${SCOPE}`;
  assertEquals(paths.directory, directory);
  assertEquals(paths.index, `${directory}/index.json`);
  assertEquals(
    latestPath(paths, "run_state"),
    `${directory}/run_state.json`,
  );
  const names = [...Object.values(paths)].slice(3);
  assert(names.every((path) => path.startsWith(`${directory}/`)));
  assertEquals(new Set(names).size, names.length);
  const run = runPaths(paths, RUN);
  assertEquals(run.revisions, `${directory}/runs/${RUN}/revisions`);
});

Deno.test("portLedgerPaths() is one file for all repositories", () => {
  assertEquals(portLedgerPaths(ROOT), {
    ledger: "/h/.reeve/environments/ports.json",
    lock: "/h/.reeve/environments/ports.json.lock",
  });
});

Deno.test.each([
  { scope: "" },
  { scope: ".." },
  { scope: "repo-0123456789AB" },
  { scope: "repo-0123456789abc" },
  { scope: "repo-0123456789ab/.." },
  { scope: "repo-0123456789ab\n" },
])("environmentPaths() makes nothing for $scope", ({ scope }) => {
  assertThrows(() => environmentPaths(ROOT, scope), TypeError);
});

Deno.test.each([
  { runId: "run-20260102030405-89abcdef", is: true },
  { runId: "run-20260102030405-89abcdeg", is: false },
  { runId: "run-2026010203040-89abcdef", is: false },
  { runId: "../run-20260102030405-89abcdef", is: false },
  { runId: "run-20260102030405-89abcdef\n", is: false },
])("isRunId() is $is for $runId", ({ runId, is }) => {
  assertEquals(isRunId(runId), is);
  const paths = environmentPaths(ROOT, SCOPE);
  if (!is) assertThrows(() => runPaths(paths, runId), TypeError);
});

Deno.test.each([
  { project: "Main", service: "api", name: "Main_api.log" },
  { project: "feat/x_y", service: "api", name: "feat%2Fx%5Fy_api.log" },
  { project: "..", service: "a", name: "%2E._a.log" },
  { project: "grün", service: "web-2", name: "gr%C3%BCn_web-2.log" },
])("serviceLogPath() calls the log of $project $name", (row) => {
  const run = runPaths(environmentPaths(ROOT, SCOPE), RUN);
  const path = serviceLogPath(run, row.project, row.service);
  assertEquals(path, `${run.logs}/${row.name}`);
});

Deno.test("names of logs and data lead nowhere else and never meet", () => {
  const paths = environmentPaths(ROOT, SCOPE);
  const run = runPaths(paths, RUN);
  const word = fc.string({ minLength: 1, unit: "grapheme-ascii" });
  fc.assert(fc.property(word, word, word, word, (a, b, c, d) => {
    const log = serviceLogPath(run, a, b);
    assertMatch(log.slice(run.logs.length + 1), /^[^./][^/\\]*\.log$/);
    if (a === c && b === d) return;
    assert(log !== serviceLogPath(run, c, d));
    const data = dependencyDataPath(paths, a, b);
    assert(data !== dependencyDataPath(paths, c, d));
    assertEquals(data.split("/").length, paths.data.split("/").length + 2);
  }));
});

Deno.test("nothing is named after nothing", () => {
  const run = runPaths(environmentPaths(ROOT, SCOPE), RUN);
  assertThrows(() => serviceLogPath(run, "", "api"), TypeError);
});
