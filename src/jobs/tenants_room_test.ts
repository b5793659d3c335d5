import { assert, assertEquals, assertRejects } from "@std/assert";
import { notedTenants } from "#support/noted_tenants.ts";
import type { TenantRuntimes } from "./tenants.ts";

Deno.test.each([
  { text: "started", open: (all: TenantRuntimes) => all.start("a") },
  {
    text: "given a worker",
    open: (all: TenantRuntimes) => all.process("a", "mail", () => {}),
  },
])(
  "a queue that was $text and stopped may be closed for another",
  async ({ open }) => {
    const { tenants } = notedTenants({ maxOpen: 1 });
    await Promise.all([open(tenants), tenants.stop("a"), tenants.get("a")]);
    assertEquals(tenants.open, ["a"]);
    await tenants.get("b");
    assertEquals(tenants.open, ["b"]);
  },
);

Deno.test("the queue that was unused for longest is closed for another", async () => {
  const { tenants, calls } = notedTenants({ maxOpen: 2 });
  await tenants.get("a");
  await tenants.get("b");
  await tenants.get("a");
  calls.length = 0;
  await tenants.get("c");
  assertEquals(calls, ["stop b", "start c", "started c"]);
  assertEquals(tenants.open, ["a", "c"]);
});

Deno.test("queues that are opened at the same time leave no more open", async () => {
  const { tenants, calls } = notedTenants({ maxOpen: 2 });
  await tenants.get("a");
  await tenants.get("b");
  await Promise.all([tenants.get("c"), tenants.get("d")]);
  assertEquals(tenants.open, ["c", "d"]);
  assertEquals(calls.filter((call) => call.startsWith("stop")).length, 2);
});

Deno.test("no queue is closed for another that is started, used, or has a worker", async () => {
  const { tenants, calls } = notedTenants({ maxOpen: 1 });
  await tenants.start("started");
  const worker = await tenants.process("working", "mail", () => {});
  const used = Promise.withResolvers<void>();
  const using = tenants.use("used", () => used.promise);
  await tenants.get("other");
  assert(!calls.some((call) => call.startsWith("stop")));
  assertEquals(tenants.open.length, 4);

  used.resolve();
  await using;
  await worker.stop();
  await tenants.get("another");
  assertEquals(tenants.open, ["started", "another"]);
  await tenants.stopAll();
});

Deno.test("a queue that cannot be closed for another is told of and stays", async () => {
  const warnings: string[] = [];
  const { tenants, hooks } = notedTenants({
    maxOpen: 1,
    onWarning: (text) => warnings.push(text),
  });
  await tenants.get("a");
  hooks.onStop = () => Promise.reject(new Error("busy"));
  await tenants.get("b");
  assertEquals(tenants.open, ["a", "b"]);
  assertEquals(warnings, ["Cannot close the queue of a: busy"]);
});

Deno.test("a queue that was closed for another is opened again when asked for", async () => {
  const { tenants } = notedTenants({ maxOpen: 1 });
  const first = await tenants.get("a");
  await tenants.get("b");
  const again = await tenants.get("a");
  assert(first !== again);
  await again.enqueue("mail", 1);
});

Deno.test("process() runs the jobs of a tenant and stops with it", async () => {
  const { tenants, host } = notedTenants();
  const done: unknown[] = [];
  const worker = await tenants.process(
    "a",
    "mail",
    ({ data, tenant }) => done.push([tenant, data]),
    { concurrency: 2 },
  );
  const backend = await tenants.get("a");
  for (const data of [1, 2, 3]) await backend.enqueue("mail", data);
  await host.clock.sleep(5000);
  assertEquals(done, [["a", 1], ["a", 2], ["a", 3]]);
  assertEquals([worker.counts.completed, worker.running], [3, 0]);
  await tenants.stop("a");
  assertEquals(tenants.open, []);
});

Deno.test("workers share the slots by the limits of their tenants", async () => {
  const { tenants, host } = notedTenants({
    slots: 5,
    limits: (tenant) => ({ max: tenant === "a" ? 1 : 9 }),
  });
  const ended = Promise.withResolvers<void>();
  const workers = await Promise.all(["a", "b"].map(async (tenant) => {
    const drafts = Array.from({ length: 9 }, (_, data) => ({ data }));
    await tenants.use(tenant, (one) => one.enqueueMany("mail", drafts));
    const handler = () => ended.promise;
    return tenants.process(tenant, "mail", handler, { concurrency: 9 });
  }));
  await host.clock.sleep(1000);
  assertEquals(workers.map(({ running }) => running), [1, 4]);
  ended.resolve();
  await host.clock.sleep(1000);
  assertEquals(workers.map(({ counts }) => counts.completed), [9, 9]);
  await tenants.stopAll();
});

Deno.test("no slot stays with a tenant that has nothing to do", async () => {
  const { tenants, host } = notedTenants({ slots: 1 });
  const names = ["a", "b", "c"];
  const workers = await Promise.all(
    names.map((tenant) =>
      tenants.process(tenant, "mail", () => host.clock.sleep(3), {
        concurrency: 4,
      })
    ),
  );
  const add = (tenant: string, count: number) => {
    const drafts = Array.from({ length: count }, (_, data) => ({ data }));
    return tenants.use(tenant, (one) => one.enqueueMany("mail", drafts));
  };
  // Each of them runs empty while others wait, and again.
  for (let turn = 1; turn <= 5; turn++) {
    await Promise.all(names.map((name, index) => add(name, index * turn + 1)));
    await host.clock.sleep(turn);
    await add("a", turn);
  }
  await host.clock.sleep(60_000);
  assertEquals(workers.map(({ counts }) => counts.completed), [20, 20, 35]);
  await tenants.stopAll();
});

Deno.test("a queue is observed while it is open", async () => {
  const seen: string[] = [];
  const { tenants } = notedTenants({
    observe: ({ tenant }) => {
      seen.push(`open ${tenant}`);
      return { [Symbol.dispose]: () => void seen.push(`close ${tenant}`) };
    },
  });
  await tenants.start("a");
  await tenants.get("a");
  await tenants.stop("a");
  assertEquals(seen, ["open a", "close a"]);
});

Deno.test("a queue that cannot be observed is not left open", async () => {
  const { tenants, calls } = notedTenants({
    observe: () => {
      throw new Error("no meter");
    },
  });
  await assertRejects(() => tenants.start("a"), Error, "no meter");
  assertEquals(calls, ["start a", "started a", "stop a"]);
  assertEquals(tenants.open, []);
});
