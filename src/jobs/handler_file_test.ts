import { assert, assertEquals, assertRejects, assertThrows } from "@std/assert";
import * as z from "zod/mini";
import { KnownError } from "../errors.ts";
import type { JsonValue } from "../state/json_value.ts";
import { createFakeHost } from "#support/fake_host.ts";
import type { RunningJob } from "./handler.ts";
import { loadHandlers, loadHint, readHandlers } from "./handler_file.ts";

class GivenUp extends Error {}

function jobWith(data: JsonValue): RunningJob {
  return {
    id: "a",
    queue: "q",
    tenant: "_default",
    data,
    attempt: 1,
    maxAttempts: 5,
    idempotencyKey: "k",
    signal: new AbortController().signal,
    progress: () => Promise.resolve(),
    log: () => {},
    giveUp: (why) => {
      throw new GivenUp(why);
    },
  };
}

const run = ({ data }: RunningJob) => data;

Deno.test("readHandlers() takes the file's name for the queue's", () => {
  const [found] = readHandlers("/a/thumbnails.ts", { run });
  assertEquals(found?.queue, "thumbnails");
  assertEquals(found?.handler(jobWith(7)), 7);
});

Deno.test("readHandlers() reads queue, concurrency and lease", () => {
  const [found] = readHandlers("/a/x.ts", {
    queue: "mail",
    default: run,
    concurrency: 3,
    leaseMs: 5000,
  });
  assertEquals(
    [found?.queue, found?.concurrency, found?.leaseMs],
    ["mail", 3, 5000],
  );
});

Deno.test("readHandlers() reads a list of handlers", () => {
  const found = readHandlers("/a/x.ts", {
    handlers: [{ queue: "a", run }, { queue: "b", run }],
  });
  assertEquals(found.map(({ queue }) => queue), ["a", "b"]);
});

Deno.test.each([
  { exported: {}, is: "/a/x.ts: it exports no function run(job)" },
  { exported: { run: 5 }, is: "it must have a function run(job)" },
  { exported: { queue: "A b", run }, is: 'queue is "A b"' },
  { exported: { queue: 5, run }, is: "queue is a number" },
  { exported: { run, payload: {} }, is: "payload must be a schema" },
  { exported: { run, concurrency: 0 }, is: "concurrency must be a whole" },
  { exported: { run, concurrency: 1.5 }, is: "concurrency must be a whole" },
  { exported: { run, leaseMs: 999 }, is: "leaseMs must be a whole number" },
  { exported: { handlers: [] }, is: "handlers must be a list" },
  { exported: { handlers: [null] }, is: "handlers[0] must be" },
  { exported: { handlers: [{ run }] }, is: "handlers[0].queue is missing" },
  {
    exported: { handlers: [{ queue: "a" }] },
    is: "handlers[0].run must be a function",
  },
])("readHandlers() refuses a file: $is", ({ exported, is }) => {
  const error = assertThrows(
    () => readHandlers("/a/x.ts", exported),
    KnownError,
    is,
  );
  assertEquals(error.code, "unusable");
  assert(error.hint?.includes("export const queue"));
});

const schema = z.object({
  pages: z.array(z.object({ title: z.string() })),
  size: z._default(z.number(), 3),
});
const standard = { "~standard": schema["~standard"] };
const old = {
  safeParse: (data: unknown) => schema.safeParse(data),
};

Deno.test.each([
  { name: "~standard.validate", payload: standard },
  { name: "safeParse", payload: old },
  { name: "zod", payload: schema },
])(
  "a payload by $name reaches the handler as the schema gives it",
  async (row) => {
    const [found] = readHandlers("/a/x.ts", { run, payload: row.payload });
    const data = { pages: [{ title: "a" }] };
    assertEquals(await found?.handler(jobWith(data)), { ...data, size: 3 });
  },
);

Deno.test.each([
  { name: "~standard.validate", payload: standard },
  { name: "safeParse", payload: old },
])(
  "a payload that does not fit by $name is given up with its place",
  async (row) => {
    const [found] = readHandlers("/a/x.ts", { run, payload: row.payload });
    await assertRejects(
      async () => await found?.handler(jobWith({ pages: [{ title: 5 }] })),
      GivenUp,
      "The payload does not fit: data.pages[0].title: ",
    );
  },
);

Deno.test("a payload with many faults tells some and how many more", async () => {
  const payload = {
    "~standard": {
      validate: () => ({
        issues: Array.from({ length: 5 }, (_, at) => ({
          message: "no",
          path: [{ key: at }],
        })),
      }),
    },
  };
  const [found] = readHandlers("/a/x.ts", { run, payload });
  await assertRejects(
    async () => await found?.handler(jobWith({})),
    GivenUp,
    "does not fit: data[0]: no; data[1]: no; data[2]: no; and 2 more",
  );
});

Deno.test("loadHandlers() counts relative paths from the working directory", async () => {
  const host = createFakeHost({ cwd: "/srv" });
  host.world.modules.put("/srv/jobs/mail.ts", { run });
  const [found] = await loadHandlers(host, ["./jobs/mail.ts"]);
  assertEquals([found?.file, found?.queue], ["/srv/jobs/mail.ts", "mail"]);
});

Deno.test("loadHandlers() refuses two handlers of one queue", async () => {
  const host = createFakeHost();
  host.world.modules.put("/a/mail.ts", { run });
  host.world.modules.put("/b/mail.ts", { run });
  await assertRejects(
    () => loadHandlers(host, ["/a/mail.ts", "/b/mail.ts"]),
    KnownError,
    "Cannot use /b/mail.ts: /a/mail.ts handles the queue mail already",
  );
});

Deno.test("loadHandlers() names a file that cannot be loaded", async () => {
  const host = createFakeHost();
  const error = await assertRejects(
    () => loadHandlers(host, ["/a/mail.ts"]),
    KnownError,
    "Cannot load the handler file /a/mail.ts: Module not found",
  );
  assert(error.hint?.startsWith("Check the path"));
});

Deno.test.each([
  { message: "The lockfile is out of date.", is: "deno task build" },
  { message: 'Import "zod" not a dependency', is: "npm:NAME@VERSION" },
  {
    message: "npm specifiers were requested; but --no-npm is specified",
    is: "dist/bin/reeve",
  },
  { message: 'Module not found "file:///a/b.ts".', is: "Check the path" },
  { message: 'Module not found "file:///a/c.ts".', is: "deno check /a/b.ts" },
  { message: "Unexpected token", is: "deno check /a/b.ts" },
])("loadHint() after '$message' says $is", ({ message, is }) => {
  assert(loadHint("/a/b.ts", message).includes(is));
});
