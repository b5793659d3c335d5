import { assertEquals } from "@std/assert";
import { createFakeHost, type FakeHost } from "#support/fake_host.ts";
import { KnownError } from "../errors.ts";
import type { ProbeResult } from "./dependency_probe.ts";
import { DEPENDENCIES, localEndpoint } from "./dependency_registry.ts";
import type { UnitIdentity } from "./model.ts";
import { type DependencyStart, startDependency } from "./provision_start.ts";
import type {
  ProvisionContext,
  ProvisionedUnit,
  ProvisionPlan,
  StopOutcome,
} from "./provisioners/provisioner.ts";

type Owner = "nobody" | "stranger" | "unit" | "unknown";

/** One look at a unit: what it answers, whether it lives, who has the port. */
interface Look {
  readonly probe: ProbeResult;
  readonly isAlive?: boolean;
  readonly owner?: Owner;
}

const READY: ProbeResult = { kind: "ready" };
const NOBODY: ProbeResult = {
  kind: "failed",
  cause: "nobody",
  reason: "nobody listens",
};
const FOREIGN: ProbeResult = {
  kind: "failed",
  cause: "foreign",
  reason: "an HTTP server answers",
};
const LOADING: ProbeResult = {
  kind: "starting",
  cause: "not_yet",
  reason: "it loads",
};

interface Story {
  /** What is seen at each look; the last one stays. */
  readonly looks: readonly Look[];
  readonly refusesToStart?: boolean;
  readonly stop?: StopOutcome;
  readonly ports?: readonly number[];
  readonly log?: string;
  readonly signal?: AbortSignal;
}

const IDENTITY: UnitIdentity = {
  pid: 7,
  startStamp: "1",
  bootId: "b",
  pidNamespace: "n",
  marker: "m",
};

async function play(
  { looks, refusesToStart, stop, ports = [7001], log, signal }: Story,
  host: FakeHost = createFakeHost(),
) {
  const steps: string[] = [];
  const definition = DEPENDENCIES.redis;
  let at = -1;
  const look = () => looks[Math.min(Math.max(at, 0), looks.length - 1)];
  if (log !== undefined) host.world.disk.put("/log", log);
  const context: ProvisionContext = {
    definition,
    choice: {
      id: "redis",
      mode: "native",
      ports: {},
      url: undefined,
      command: [],
      isShared: false,
      modes: [],
    },
    scope: "repo-0123456789ab",
    project: "Main",
    projectRoot: "/",
    ports: { primary: 7000 },
    dataDirectory: "/data",
    logPath: "/log",
    baseEnv: {},
    program: "/bin/redis-server",
  };
  const left = [...ports];
  const promise = startDependency(host, {
    context,
    timeoutMs: 1000,
    ...signal === undefined ? {} : { signal },
    nextPort: () => Promise.resolve(left.shift()),
    owner: {
      launch: () => Promise.reject(new Error("not here")),
      end: () => Promise.reject(new Error("not here")),
      isAlive: () => Promise.reject(new Error("not here")),
      ownerOf: () => Promise.resolve(look()?.owner ?? "unit"),
    },
    provisioner: {
      plan(context): Promise<ProvisionPlan> {
        const port = context.ports["primary"];
        steps.push(`plan ${port}`);
        return Promise.resolve({
          kind: "process",
          endpoint: localEndpoint(definition, context.ports, undefined),
          dataDirectory: undefined,
          command: {
            name: "Main redis",
            command: ["redis"],
            env: {},
            cwd: "/",
            logPath: "/log",
          },
        });
      },
      start({ endpoint }): Promise<ProvisionedUnit> {
        steps.push("start");
        if (refusesToStart) {
          at++;
          throw new KnownError("start_failed", "it cannot be started");
        }
        const name = "Main redis";
        const identity = IDENTITY;
        return Promise.resolve({ kind: "process", endpoint, name, identity });
      },
      probe() {
        at++;
        return Promise.resolve(look()?.probe ?? READY);
      },
      isAlive: () => Promise.resolve(look()?.isAlive ?? true),
      stop() {
        steps.push("stop");
        return Promise.resolve(stop ?? { kind: "confirmed" });
      },
    },
  });
  await host.world.advance(20_000);
  const result = await promise;
  return { steps, result, text: textOf(result), looked: at + 1 };
}

function textOf(result: DependencyStart): string {
  switch (result.kind) {
    case "ready":
      return `ready on ${result.ports["primary"]} after ${result.retries}`;
    case "failed":
      return `${result.failure} after ${result.retries}: ${result.reason}`;
    case "unreachable":
      return result.reason;
  }
}

Deno.test("one that answers on its own port is ready", async () => {
  const { steps, text } = await play({
    looks: [{ probe: NOBODY }, { probe: LOADING }, { probe: READY }],
  });
  assertEquals(text, "ready on 7000 after 0");
  assertEquals(steps, ["plan 7000", "start"]);
});

Deno.test("an answer of a stranger is never taken for ours", async () => {
  const { steps, text } = await play({
    looks: [{ probe: READY, owner: "stranger" }, { probe: READY }],
  });
  assertEquals(text, "ready on 7001 after 1");
  assertEquals(steps, ["plan 7000", "start", "stop", "plan 7001", "start"]);
});

Deno.test("an answer that nobody seems to give is asked for again", async () => {
  const { text, looked } = await play({
    looks: [{ probe: READY, owner: "nobody" }, { probe: READY }],
  });
  assertEquals([text, looked], ["ready on 7000 after 0", 2]);
});

Deno.test("where ports cannot be seen, the answer counts", async () => {
  const { text } = await play({ looks: [{ probe: READY, owner: "unknown" }] });
  assertEquals(text, "ready on 7000 after 0");
});

Deno.test("no more than eight other ports are tried", async () => {
  const { text, steps } = await play({
    looks: [{ probe: NOBODY, isAlive: false, owner: "stranger" }],
    ports: [1, 2, 3, 4, 5, 6, 7, 8, 9],
  });
  assertEquals(
    text,
    "bind_conflict_retryable after 8: somebody else listens on port 8",
  );
  assertEquals(steps.filter((step) => step === "start").length, 9);
});

Deno.test("without another port it ends at once", async () => {
  const { text } = await play({
    looks: [{ probe: FOREIGN, owner: "stranger" }],
    ports: [],
  });
  assertEquals(
    text,
    "bind_conflict_retryable after 0: somebody else listens on port 7000; " +
      "no other port is free",
  );
});

Deno.test("one that ends says why, and is not started again", async () => {
  const { text, steps } = await play({
    looks: [{ probe: NOBODY, isAlive: false, owner: "nobody" }],
    log: "starting\nFATAL: bind: address already in use\nbye\n",
  });
  assertEquals(
    text,
    "hard_start_failure after 0: it says: FATAL: bind: address already in use",
  );
  assertEquals(steps, ["plan 7000", "start", "stop"]);
});

Deno.test("one that ends without a word", async () => {
  const { text } = await play({
    looks: [{ probe: NOBODY, isAlive: false, owner: "nobody" }],
  });
  assertEquals(text, "hard_start_failure after 0: it has ended");
});

Deno.test("a slow one is waited for three more times, and then ended", async () => {
  const { text, steps } = await play({ looks: [{ probe: LOADING }] });
  assertEquals(
    text,
    "transient_probe_timeout_retryable after 3: " +
      "it is not ready after 1000 ms: it loads",
  );
  assertEquals(steps, ["plan 7000", "start", "stop"]);
});

Deno.test("an answer that time does not change ends the waiting", async () => {
  const { text } = await play({ looks: [{ probe: FOREIGN }] });
  assertEquals(text, "hard_start_failure after 0: an HTTP server answers");
});

Deno.test("what cannot be ended again is told, and nothing more started", async () => {
  const { result, steps } = await play({
    looks: [{ probe: READY, owner: "stranger" }],
    stop: { kind: "unconfirmed", reason: "it stays" },
  });
  assertEquals(result.kind === "failed" && result.leftover?.kind, "process");
  assertEquals(steps, ["plan 7000", "start", "stop"]);
});

Deno.test.each(
  [
    [
      "stranger",
      "bind_conflict_retryable after 0: it cannot be started; " +
      "no other port is free",
    ],
    ["nobody", "hard_start_failure after 0: it cannot be started"],
  ] as const,
)("one that is refused while %s has the port", async (owner, expected) => {
  const { text } = await play({
    looks: [{ probe: READY, owner }],
    refusesToStart: true,
    ports: [],
  });
  assertEquals(text, expected);
});

Deno.test("an interrupted start ends what it has started", async () => {
  const abort = new AbortController();
  const host = createFakeHost();
  const playing = play({
    looks: [{ probe: LOADING }],
    signal: abort.signal,
  }, host);
  abort.abort();
  const { text, steps } = await playing;
  assertEquals(text, "interrupted after 0: it was interrupted");
  assertEquals(steps, ["plan 7000", "start", "stop"]);
});
