import { assertEquals } from "@std/assert";
import { parseRoute } from "../environment/route.ts";
import { paceOf } from "./environment_request.ts";

const ALL = Number.POSITIVE_INFINITY;

Deno.test.each([
  { line: "start", projects: 4, units: ALL },
  { line: "start --parallel-trees", projects: 4, units: ALL },
  { line: "start --parallel-trees-max 9", projects: 9, units: ALL },
  { line: "start --no-parallel-trees", projects: 1, units: ALL },
  {
    line: "start --no-parallel-trees --parallel-trees-max 9",
    projects: 1,
    units: ALL,
  },
  { line: "restart --service-sequential", projects: 4, units: 1 },
  { line: "resume --service-parallel", projects: 4, units: ALL },
  { line: "sequential-plan x", projects: 1, units: ALL },
])("$line has its pace", ({ line, projects, units }) => {
  const route = parseRoute(line.split(" "), {});
  if (route.kind === "error") throw new Error(route.message);
  assertEquals(paceOf(route.flags), { projects, units });
});
