import { assert, assertEquals } from "@std/assert";
import fc from "fast-check";
import { wantedDependency, wantedService } from "#support/wanted_units.ts";
import type { ServiceStatus } from "./model.ts";
import { planStart, type StartFacts, type StartPlan } from "./start_plan.ts";

const settings = {
  services: [
    wantedService("web", { dependsOn: ["api"] }),
    wantedService("api", { dependsOn: ["migrate", "mailer"] }),
    wantedService("migrate", {
      dependsOn: ["postgres"],
      ready: { kind: "exit" },
    }),
    wantedService("mailer", { onlyIfPath: "mailer" }),
    wantedService("cron", { modes: ["trees"] }),
  ],
  dependencies: [
    wantedDependency("postgres", { isShared: true }),
    wantedDependency("redis"),
  ],
};

const facts: StartFacts = {
  project: { name: "Main", root: "/r" },
  mode: "main",
  chosen: "everything",
  refused: new Set(),
  withNeeded: true,
  withDependencies: true,
  existingPaths: new Set(["mailer"]),
  found: new Map(),
};

function planOf(part: Partial<StartFacts>): StartPlan {
  const plan = planStart(settings, { ...facts, ...part });
  if (plan.kind === "faults") throw new Error("faults");
  return plan;
}

/** `layer | layer, there: …, blocked: …, left: id reason …, unmet: …` */
function told(plan: StartPlan): string {
  const part = (name: string, words: readonly string[]) =>
    words.length === 0 ? [] : [`${name}: ${words.join(" ")}`];
  return [
    plan.layers.map((layer) => layer.map(({ id }) => id).join(" ")).join(" | "),
    ...part("there", plan.there.map(({ id, status }) => `${id}=${status}`)),
    ...part(
      "blocked",
      plan.blocked.map(({ id, by, status }) => `${id}=${by}:${status}`),
    ),
    ...part("left", plan.leftOut.map(({ id, reason }) => `${id}=${reason}`)),
    ...part(
      "unmet",
      plan.unmet.map(({ id, needs, reason }) => `${id}>${needs}=${reason}`),
    ),
  ].join(", ");
}

function found(text: string): ReadonlyMap<string, ServiceStatus> {
  return new Map(
    text.split(" ").map((pair) =>
      pair.split("=") as unknown as [string, ServiceStatus]
    ),
  );
}

const NO_CRON = "left: cron=off_in_mode";

Deno.test.each<{ text: string; part: Partial<StartFacts>; is: string }>([
  {
    text: "everything",
    part: {},
    is: `postgres redis mailer | migrate | api | web, ${NO_CRON}`,
  },
  {
    text: "everything of a worktree",
    part: { mode: "trees" },
    is: "postgres redis mailer cron | migrate | api | web",
  },
  {
    text: "a service and all that it needs",
    part: { chosen: new Set(["api"]) },
    is: "postgres mailer | migrate | api, " +
      "left: redis=not_selected web=not_selected cron=off_in_mode",
  },
  {
    text: "a service alone",
    part: { chosen: new Set(["web"]), withNeeded: false },
    is: "web, left: postgres=not_selected redis=not_selected " +
      "api=not_selected migrate=not_selected mailer=not_selected " +
      "cron=off_in_mode, unmet: web>api=not_selected",
  },
  {
    text: "no dependencies",
    part: { withDependencies: false },
    is: "migrate mailer | api | web, " +
      "left: postgres=no_dependencies redis=no_dependencies " +
      "cron=off_in_mode, unmet: migrate>postgres=no_dependencies",
  },
  {
    text: "a path that is missing",
    part: { existingPaths: new Set() },
    is: "postgres redis | migrate | api | web, " +
      "left: mailer=path_missing cron=off_in_mode, " +
      "unmet: api>mailer=path_missing",
  },
  {
    text: "all but a service that others need",
    part: { chosen: new Set(["web"]), refused: new Set(["migrate"]) },
    is: "mailer | api | web, left: postgres=not_selected redis=not_selected " +
      "migrate=refused cron=off_in_mode, unmet: api>migrate=refused",
  },
  {
    text: "all but a dependency",
    part: { refused: new Set(["redis"]) },
    is: "postgres mailer | migrate | api | web, " +
      "left: redis=refused cron=off_in_mode",
  },
  {
    text: "what runs stays",
    part: {
      found: found(
        "postgres=running redis=running migrate=finished mailer=running " +
          "api=stale web=running",
      ),
    },
    is: "api, there: postgres=running redis=running web=running " +
      "migrate=finished mailer=running, left: cron=off_in_mode",
  },
  {
    text: "a service that was to run and has ended is started again",
    part: {
      found: found("mailer=finished api=unreachable web=degraded"),
    },
    is: `postgres redis mailer | migrate | api | web, ${NO_CRON}`,
  },
  {
    text: "what a person has stopped is started alone",
    part: {
      found: found(
        "postgres=running redis=running migrate=finished mailer=running " +
          "api=running web=stopped",
      ),
    },
    is: "web, there: postgres=running redis=running api=running " +
      "migrate=finished mailer=running, left: cron=off_in_mode",
  },
  {
    text: "what cannot be judged is not started twice",
    part: { found: found("api=unverified redis=termination_failed") },
    is: "postgres mailer | migrate, blocked: redis=redis:termination_failed " +
      "web=api:unverified api=api:unverified, left: cron=off_in_mode",
  },
  {
    text: "who runs already is not ended for a need that cannot be judged",
    part: { found: found("api=unverified web=running") },
    is: "postgres redis mailer | migrate, there: web=running, " +
      "blocked: api=api:unverified, left: cron=off_in_mode",
  },
  {
    text: "a need that is up is met, chosen or not",
    part: {
      chosen: new Set(["web"]),
      withNeeded: false,
      found: found("api=running"),
    },
    is: "web, left: postgres=not_selected redis=not_selected " +
      "api=not_selected migrate=not_selected mailer=not_selected " +
      "cron=off_in_mode",
  },
])("planStart: $text", ({ part, is }) => {
  assertEquals(told(planOf(part)), is);
});

Deno.test("a start waits for what is still starting, not for what is up", () => {
  const plan = planOf({
    found: found("migrate=starting mailer=running api=stale web=running"),
  });
  const api = plan.layers.flat().find(({ id }) => id === "api");
  assertEquals(api, {
    id: "api",
    kind: "service",
    owner: "Main",
    after: ["migrate"],
    replaces: "stale",
  });
});

Deno.test("a shared dependency of worktrees belongs to the main checkout", () => {
  const owners = (mode: "main" | "trees") =>
    planOf({ mode, project: { name: "a", root: "/a" } }).layers.flat()
      .filter(({ kind }) => kind === "dependency")
      .map(({ id, owner }) => `${owner}:${id}`);
  assertEquals(owners("trees"), ["Main:postgres", "a:redis"]);
  assertEquals(owners("main"), ["a:postgres", "a:redis"]);
});

Deno.test("planStart names what is wrong with the graph", () => {
  const services = [wantedService("a", { dependsOn: ["a"] })];
  assertEquals(planStart({ services, dependencies: [] }, facts), {
    kind: "faults",
    faults: [{ kind: "cycle", path: ["a", "a"] }],
  });
});

Deno.test("a dependency of another mode is left out", () => {
  const dependencies = [wantedDependency("kafka", { modes: ["trees"] })];
  const plan = planStart({ services: [], dependencies }, facts);
  assertEquals(plan, {
    kind: "plan",
    layers: [],
    there: [],
    blocked: [],
    leftOut: [{ id: "kafka", reason: "off_in_mode" }],
    unmet: [],
  });
});

Deno.test("what is on its way is there, and waited for", () => {
  const plan = planOf({ found: found("api=starting") });
  assertEquals(plan.there, [{ id: "api", status: "starting" }]);
  const web = plan.layers.flat().find(({ id }) => id === "web");
  assertEquals(web?.after, ["api"]);
});

const ids = ["postgres", "redis", "web", "api", "migrate", "mailer", "cron"];
const anyStatus = fc.constantFrom<ServiceStatus | undefined>(
  undefined,
  "running",
  "starting",
  "stale",
  "stopped",
  "finished",
  "unverified",
);

Deno.test("everything is planned, there, blocked or left out, once", () => {
  fc.assert(fc.property(
    fc.option(fc.subarray(ids), { nil: undefined }),
    fc.subarray(ids),
    fc.array(anyStatus, { minLength: ids.length, maxLength: ids.length }),
    fc.boolean(),
    fc.boolean(),
    fc.constantFrom("main" as const, "trees" as const),
    (chosen, refused, statuses, withNeeded, withDependencies, mode) => {
      const known = new Map<string, ServiceStatus>();
      ids.forEach((id, at) => {
        const status = statuses[at];
        if (status !== undefined) known.set(id, status);
      });
      const plan = planOf({
        mode,
        chosen: chosen === undefined ? "everything" : new Set(chosen),
        refused: new Set(refused),
        withNeeded,
        withDependencies,
        found: known,
      });
      const starts = plan.layers.flat();
      assertEquals(
        [
          ...starts,
          ...plan.there,
          ...plan.blocked,
          ...plan.leftOut,
        ].map(({ id }) => id).toSorted(),
        ids.toSorted(),
      );
      for (const { id, after } of starts) {
        assert(!refused.includes(id));
        const at = plan.layers.findIndex((layer) =>
          layer.some((one) => one.id === id)
        );
        const before = plan.layers.slice(0, at).flat().map((one) => one.id);
        for (const to of after) {
          assert(before.includes(to) || known.get(to) === "starting");
        }
      }
    },
  ));
});
