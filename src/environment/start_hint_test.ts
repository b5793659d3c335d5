import { assertEquals } from "@std/assert";
import { dependencyOf, serviceOf } from "#support/environment_runs.ts";
import { logHint } from "./start_hint.ts";

const of = (slug: string, project = "Main") => ({
  record: serviceOf(project, slug),
});

Deno.test.each(
  [
    { units: [of("api")], mode: "main", is: "See its log: reeve logs api" },
    {
      units: [of("api")],
      mode: "trees",
      is: "See its log: reeve logs api --trees",
    },
    {
      units: [of("api"), of("web")],
      mode: "main",
      is: "See their logs: reeve logs api web",
    },
    {
      units: [of("api", "a"), of("api", "b")],
      mode: "trees",
      is: "See their logs: reeve logs api --trees",
    },
    {
      units: ["a", "b", "c", "d"].map((slug) => of(slug)),
      mode: "main",
      is: "See their logs: reeve logs",
    },
    {
      units: [{ record: dependencyOf("Main", "redis") }],
      mode: "main",
      is: "See: reeve errors",
    },
    {
      units: [{ record: dependencyOf("Main", "redis", { logPath: "/l" }) }],
      mode: "main",
      is: "See its log: reeve logs redis",
    },
  ] as const,
)("the hint is $is", ({ is, mode, units }) => {
  assertEquals(logHint(units, mode), is);
});
