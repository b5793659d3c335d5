import { assertEquals } from "@std/assert";
import {
  identityOf,
  planOf,
  runOf,
  serviceOf,
} from "#support/environment_runs.ts";
import { wantedService } from "#support/wanted_units.ts";
import type { EndOutcome } from "./end_units.ts";
import type { ServiceRecord, ServiceStatus } from "./model.ts";
import type { ObservedUnit } from "./observe.ts";
import { unitKey } from "./selectable_units.ts";
import type { StartedUnit } from "./start_lane.ts";
import { fingerprintAfter, joinProjects, stateAfter } from "./start_state.ts";

const SETTINGS = {
  services: [wantedService("api"), wantedService("web")],
  dependencies: [],
};

function kept(
  slug: string,
  status: ServiceStatus,
  record: Partial<ServiceRecord> = {},
): ObservedUnit {
  return {
    kind: "service",
    project: "Main",
    id: slug,
    name: `Main ${slug}`,
    isCritical: true,
    record: serviceOf("Main", slug, record),
    truth: {
      status,
      evidence: [],
      actualPort: status === "running" ? 8003 : undefined,
    },
  };
}

function started(slug: string, record: Partial<ServiceRecord> = {}) {
  return {
    key: unitKey({ project: "Main", id: slug }),
    kind: "service",
    projects: new Set(["Main"]),
    failure: undefined,
    isConsequence: false,
    record: serviceOf("Main", slug, { identity: identityOf(77), ...record }),
  } satisfies StartedUnit;
}

const ends = (slug: string, outcome: EndOutcome) =>
  new Map([[unitKey({ project: "Main", id: slug }), outcome]]);

function after(parts: Partial<Parameters<typeof stateAfter>[0]>) {
  const state = stateAfter({
    settings: SETTINGS,
    base: runOf(1, ["Main"], { ports: [planOf("Main", "gone", 1)] }),
    kept: [],
    cleared: new Map(),
    started: [],
    ended: new Map(),
    ports: [],
    ...parts,
  });
  return {
    ports: state.ports,
    told: state.services.map(({ slug, status, identity, failure }) =>
      [slug, status, identity?.pid ?? "none", ...failure ? [failure] : []]
        .join(" ")
    ),
  };
}

const STUCK: EndOutcome = { kind: "kept", why: "it survived" };

Deno.test.each([
  {
    text: "what was kept is as it was found",
    parts: { kept: [kept("web", "stale"), kept("api", "running")] },
    told: ["api running 4000", "web stale 4000"],
  },
  {
    text: "what was started takes the place of what was there",
    parts: { kept: [kept("api", "stale")], started: [started("api")] },
    told: ["api running 77"],
  },
  {
    text: "what was ended before stays visible",
    parts: {
      kept: [kept("api", "running")],
      cleared: ends("api", { kind: "stopped" }),
    },
    told: ["api stopped none"],
  },
  {
    text: "what could not be ended stays known",
    parts: { kept: [kept("api", "running")], cleared: ends("api", STUCK) },
    told: ["api termination_failed 4000 it survived"],
  },
  {
    text: "what was ended again was stopped",
    parts: {
      started: [started("api")],
      ended: ends("api", { kind: "stopped" }),
    },
    told: ["api stopped none"],
  },
  {
    text: "whoever failed stays known as that",
    parts: {
      started: [started("api", { status: "stale", failure: "broken" })],
      ended: ends("api", { kind: "gone" }),
    },
    told: ["api stale 77 broken"],
  },
  {
    text: "one that survived its end is never forgotten",
    parts: {
      started: [started("api", { status: "stale", failure: "broken" })],
      ended: ends("api", STUCK),
    },
    told: ["api termination_failed 77 it survived"],
  },
  {
    text: "one that is degraded stays degraded when it has ended",
    parts: {
      kept: [kept("api", "stale", { status: "degraded", failure: "no mail" })],
    },
    told: ["api degraded 4000 no mail"],
  },
  {
    text: "one that is well again has no failure",
    parts: { kept: [kept("api", "running", { failure: "once" })] },
    told: ["api running 4000"],
  },
])("$text", ({ parts, told }) => {
  assertEquals<readonly string[]>(after(parts).told, told);
});

Deno.test("ports are those of what is recorded, as they are in the end", () => {
  const { ports } = after({
    kept: [kept("web", "stopped")],
    started: [started("api", { actualPort: 8009 })],
    ports: [planOf("Main", "api", 8006), planOf("Main", "other", 9000)],
  });
  assertEquals(
    ports.map(({ unit, assigned, final }) => [unit, assigned, final]),
    [["api", 8006, 8009]],
  );
});

Deno.test.each([
  {
    text: "nothing was there",
    before: undefined,
    kept: [],
    expected: "inherited_env=22 services.api=22 services.web=22",
  },
  {
    text: "one stays as it was",
    before: "inherited_env=11 services.api=11 services.web=11",
    kept: [kept("web", "running")],
    expected: "inherited_env=11 services.api=22 services.web=11",
  },
  {
    text: "all are new",
    before: "inherited_env=11 services.api=11 services.web=11",
    kept: [kept("api", "stale")],
    expected: "inherited_env=22 services.api=22 services.web=22",
  },
])("the fingerprint when $text", ({ before, kept, expected }) => {
  const now = "inherited_env=22 services.api=22 services.web=22";
  const units = [started("api")];
  assertEquals(fingerprintAfter(before, now, kept, units), expected);
});

Deno.test("projects join, and a moved one is where it is now", () => {
  const of = (name: string, root: string) => ({ name, root });
  assertEquals(
    joinProjects([of("one", "/1"), of("two", "/2")], [of("two", "/3")]),
    [of("one", "/1"), of("two", "/3")],
  );
});
