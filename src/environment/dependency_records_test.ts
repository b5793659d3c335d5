import { assert, assertEquals } from "@std/assert";
import { createFakeHost, ended } from "#support/fake_host.ts";
import { recordDependency, unitOfRecord } from "./dependency_records.ts";
import { DEPENDENCIES, localEndpoint } from "./dependency_registry.ts";
import type { DependencyRecord, UnitIdentity } from "./model.ts";
import type { DependencyStart } from "./provision_start.ts";
import type { ProvisionContext } from "./provisioners/provisioner.ts";

const SCOPE = "repo-0123456789ab";
const IDENTITY: UnitIdentity = {
  pid: 7,
  startStamp: "1",
  bootId: "b",
  pidNamespace: "n",
  marker: "m",
};
const PASSWORD = "ab".repeat(24);

function contextOf(url?: string): ProvisionContext {
  return {
    definition: DEPENDENCIES.postgres,
    choice: {
      id: "postgres",
      mode: "auto",
      ports: {},
      url,
      command: [],
      isShared: true,
      modes: [],
    },
    scope: SCOPE,
    project: "Main",
    projectRoot: "/code",
    ports: { primary: 6000 },
    dataDirectory: "/data",
    logPath: "/log",
    baseEnv: {},
    program: undefined,
  };
}

const ENDPOINT = localEndpoint(
  DEPENDENCIES.postgres,
  { primary: 6001 },
  PASSWORD,
);

const STARTED = {
  kind: "ready",
  unit: {
    kind: "process",
    endpoint: ENDPOINT,
    name: "Main postgres",
    identity: IDENTITY,
  },
  ports: { primary: 6001 },
  retries: 1,
} as const satisfies DependencyStart;

Deno.test("a process comes back with its password, as its owner's", async () => {
  const host = createFakeHost();
  host.world.disk.put("/data/password", `${PASSWORD}\n`);
  const record = recordDependency(STARTED, contextOf(), "native");
  assertEquals(record, {
    id: "postgres",
    project: "Main",
    mode: "native",
    identity: IDENTITY,
    ports: { primary: 6001 },
    url: undefined,
    dataDirectory: "/data",
    logPath: "/log",
    status: "running",
    failure: undefined,
    retries: 1,
  });
  assert(!JSON.stringify(record).includes(PASSWORD));
  assertEquals(
    await unitOfRecord(host, record, SCOPE, undefined),
    STARTED.unit,
  );
});

Deno.test("an external one is stored without its password", async () => {
  const url = "postgres://ada:secret@db/x?password=secret";
  const record = recordDependency(
    { kind: "unreachable", unit: STARTED.unit, reason: "nobody listens" },
    contextOf(url),
    "external",
  );
  assert(!JSON.stringify(record).includes("secret"));
  assertEquals(
    [record.url, record.status, record.failure, record.dataDirectory],
    ["postgres://ada@db/x", "unreachable", "nobody listens", undefined],
  );
  const host = createFakeHost();
  const unit = await unitOfRecord(host, record, SCOPE, url);
  assertEquals(unit?.endpoint.password, "secret");
  const later = await unitOfRecord(host, record, SCOPE, undefined);
  assertEquals([later?.kind, later?.endpoint.host], ["external", "db"]);
});

Deno.test.each(
  [
    [undefined, "stopped"],
    [STARTED.unit, "termination_failed"],
  ] as const,
)("a failed start leaves %o", (leftover, status) => {
  const record = recordDependency(
    {
      kind: "failed",
      failure: "hard_start_failure",
      reason: "it has ended",
      retries: 2,
      leftover,
    },
    contextOf(),
    "native",
  );
  assertEquals<unknown>([record.status, record.failure, record.retries], [
    status,
    "it has ended",
    2,
  ]);
  assertEquals(record.identity, leftover === undefined ? undefined : IDENTITY);
});

Deno.test("a container is found by its labels", async () => {
  const host = createFakeHost();
  const id = "c".repeat(64);
  host.world.onRun = ({ args }) => {
    if (args[0] === "ps") return ended(0, `${id}\n`);
    const labels = { "dev.reeve.token": "t" };
    return ended(
      0,
      JSON.stringify([{ "Id": id, "Config": { "Labels": labels } }]),
    );
  };
  const record: DependencyRecord = {
    ...recordDependency(STARTED, contextOf(), "container"),
    identity: undefined,
    dataDirectory: undefined,
  };
  const unit = await unitOfRecord(host, record, SCOPE, undefined);
  assert(unit?.kind === "container");
  assertEquals(unit.container, { id, token: "t" });
  const filters = host.world.runs[0]?.args.filter((word) =>
    word.startsWith("label=")
  );
  assertEquals(filters, [
    `label=dev.reeve.scope=${SCOPE}`,
    "label=dev.reeve.project=Main",
    "label=dev.reeve.unit=postgres",
  ]);
});

Deno.test("what is unknown or was never started is nothing", async () => {
  const host = createFakeHost();
  const record = recordDependency(STARTED, contextOf(), "native");
  for (
    const each of [{ ...record, id: "mysql" }, {
      ...record,
      identity: undefined,
    }]
  ) {
    assertEquals(await unitOfRecord(host, each, SCOPE, undefined), undefined);
  }
});
