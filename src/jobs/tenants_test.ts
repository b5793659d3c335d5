import { assert, assertEquals, assertRejects } from "@std/assert";
import { notedTenants } from "#support/noted_tenants.ts";
import { createMemoryBackend } from "./memory_backend.ts";
import { QueueNotReadyError } from "./readiness.ts";
import { TenantRuntimes } from "./tenants.ts";

Deno.test("start() starts a tenant and nobody else, stop() stops it alone", async () => {
  const { tenants, calls } = notedTenants();
  const a = await tenants.start("a");
  assertEquals(a.tenant, "a");
  assertEquals(calls, ["start a", "started a"]);
  await tenants.start("b");
  calls.length = 0;
  assertEquals((await tenants.stop("a"))?.finished, 0);
  assertEquals([calls, tenants.open], [["stop a"], ["b"]]);
});

Deno.test.each([{ tenant: undefined }, { tenant: "" }, { tenant: "_default" }])(
  "start() of $tenant means whoever has no tenant",
  async ({ tenant }) => {
    const { tenants } = notedTenants();
    assertEquals((await tenants.start(tenant)).tenant, "_default");
    await tenants.stop(tenant);
    assertEquals(tenants.open, []);
  },
);

Deno.test.each([{ tenant: "A" }, { tenant: "../a" }, { tenant: "-a" }])(
  "no tenant is called $tenant",
  async ({ tenant }) => {
    const { tenants, calls } = notedTenants();
    const message = "Cannot use the tenant";
    await assertRejects(() => tenants.start(tenant), Error, message);
    await assertRejects(() => tenants.stop(tenant), Error, message);
    const use = () => tenants.use(tenant, () => Promise.resolve());
    await assertRejects(use, Error, message);
    assertEquals(calls, []);
  },
);

Deno.test("each call for a tenant gets the same backend", async () => {
  const { tenants, calls } = notedTenants();
  const [one, other] = await Promise.all([tenants.get("a"), tenants.get("a")]);
  const third = await tenants.start("a");
  const lent = await tenants.use("a", (backend) => Promise.resolve(backend));
  assert(one === other && other === third && third === lent);
  assertEquals(calls, ["start a", "started a"]);
});

Deno.test("use() gives what was done, also when it fails", async () => {
  const { tenants } = notedTenants();
  const { id } = await tenants.use(
    "a",
    (backend) => backend.enqueue("mail", { to: "ada" }),
  );
  const job = await tenants.use("a", (backend) => backend.get("mail", id));
  assertEquals(job?.data, { to: "ada" });
  const fail = () => Promise.reject(new Error("no"));
  await assertRejects(() => tenants.use("a", fail), Error, "no");
  assertEquals(tenants.open, ["a"]);
});

Deno.test("what one tenant has added is not another's", async () => {
  const { tenants } = notedTenants();
  const [a, b] = [await tenants.get("a"), await tenants.get("b")];
  const { id } = await a.enqueue("mail", 1);
  assertEquals(await b.get("mail", id), undefined);
  assertEquals(await b.stats(), []);
});

Deno.test("start() refuses the backend of another tenant", async () => {
  const { host } = notedTenants();
  const tenants = new TenantRuntimes(host, {
    open: () => Promise.resolve(createMemoryBackend(host, { tenant: "b" })),
    slots: 1,
  });
  await assertRejects(() => tenants.start("a"), TypeError, "it is that of b");
  assertEquals(tenants.open, []);
});

Deno.test("a policy is asked for each tenant before its start, and may refuse one", async () => {
  const asked: string[] = [];
  const { tenants, calls } = notedTenants({
    policy: (tenant) => {
      asked.push(tenant);
      if (tenant === "a") throw new Error("no master key");
    },
  });
  const error = await assertRejects(
    () => tenants.start("a"),
    QueueNotReadyError,
    "of the tenant a: its policy does not allow it: no master key",
  );
  assertEquals([error.reason, calls, tenants.open], ["QUEUE_POLICY", [], []]);
  await tenants.start("b");
  assertEquals(asked, ["a", "b"]);
});

Deno.test("a start that fails leaves nothing open and can be tried again", async () => {
  const { tenants, calls, hooks } = notedTenants();
  hooks.onStart = () => Promise.reject(new Error("no memory"));
  await assertRejects(() => tenants.start("a"), QueueNotReadyError, "memory");
  assertEquals(calls, ["start a", "stop a"]);
  assertEquals(tenants.open, []);
  hooks.onStart = () => {};
  await tenants.start("a");
  assertEquals(tenants.open, ["a"]);
});

Deno.test("start() passes test mode on", async () => {
  const readiness = () => Promise.reject(new Error("nobody asked"));
  const { tenants } = notedTenants({ readiness, isTest: true });
  await tenants.start("a");
  assertEquals(tenants.open, ["a"]);
});

Deno.test("starts and stops of one tenant take effect in their order", async () => {
  const { tenants, calls, hooks, host } = notedTenants();
  hooks.onStart = () => host.clock.sleep(30);
  hooks.onStop = () => host.clock.sleep(30);
  const reports = await Promise.all([
    tenants.start("a"),
    tenants.stop("a"),
    tenants.start("a"),
    tenants.start("b"),
  ]);
  const once = ["start a", "started a"];
  const ofA = calls.filter((call) => call.endsWith("a"));
  assertEquals(ofA, [...once, "stop a", ...once]);
  assert(reports[0] !== reports[2]);
  assertEquals(tenants.open, ["a", "b"]);
});

Deno.test("a stop during a start leaves nothing open, whatever comes first", async () => {
  const { tenants, hooks, host } = notedTenants({ maxOpen: 1 });
  hooks.onStart = () => host.clock.sleep(30);
  await Promise.all([tenants.start("a"), tenants.stop("a")]);
  assertEquals(tenants.open, []);
  await tenants.get("a");
  await tenants.get("b");
  // It is not kept open by the start before the stop.
  assertEquals(tenants.open, ["b"]);
});

Deno.test("one tenant that takes long to start keeps no other waiting", async () => {
  const { tenants, hooks, host, calls } = notedTenants();
  hooks.onStart = (tenant) =>
    tenant === "slow" ? host.clock.sleep(60_000) : undefined;
  const slow = tenants.start("slow");
  await tenants.start("fast");
  assertEquals(calls.at(-1), "started fast");
  await slow;
});

Deno.test("stop() ends waiting for a queue to be ready", async () => {
  const readiness = () =>
    Promise.resolve({ ok: false, checks: [], latencyMs: 0 });
  const { tenants, host } = notedTenants({
    readiness,
    require: { waitMs: 600_000 },
  });
  const began = host.clock.elapsed();
  const started = assertRejects(() => tenants.start("a"), QueueNotReadyError);
  await host.clock.sleep(1000);
  assertEquals(await tenants.stop("a"), undefined);
  await started;
  assertEquals(host.clock.elapsed() - began, 1000);
});

Deno.test("stop() of a tenant that is not open does nothing", async () => {
  const { tenants, calls } = notedTenants();
  assertEquals(await tenants.stop("a"), undefined);
  await tenants.start("a");
  await tenants.stop("a");
  assertEquals(await tenants.stop("a"), undefined);
  assertEquals(calls, ["start a", "started a", "stop a"]);
});

Deno.test("stopAll() stops all and tells what each has ended", async () => {
  const { tenants } = notedTenants();
  await tenants.start("a");
  await tenants.get("b");
  const reports = await tenants.stopAll({ deadlineMs: 10 });
  assertEquals([...reports.keys()].sort(), ["a", "b"]);
  assertEquals(tenants.open, []);
  assertEquals((await tenants.stopAll()).size, 0);
});

Deno.test("stopAll() stops the others when one cannot stop", async () => {
  const { tenants, hooks } = notedTenants();
  await tenants.start("a");
  await tenants.start("b");
  hooks.onStop = (tenant) => {
    if (tenant === "a") throw new Error("busy");
  };
  const error = await assertRejects(() => tenants.stopAll(), AggregateError);
  assertEquals(error.errors.map(String), ["Error: busy"]);
  assertEquals(tenants.open, ["a"]);
  hooks.onStop = () => {};
  await tenants.stopAll();
  assertEquals(tenants.open, []);
});
