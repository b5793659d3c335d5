import { assert, assertEquals } from "@std/assert";
import fc from "fast-check";
import {
  failedCheck,
  notReady,
  readinessWarning,
  redactText,
  redactUrl,
} from "./not_ready_text.ts";

const REDIS = {
  kind: "redis",
  place: "redis://127.0.0.1:6379/0",
  tenant: "_default",
} as const;
const FILE = {
  kind: "sqlite",
  place: "/home/ada/.reeve/queue/acme.db",
  tenant: "acme",
} as const;

Deno.test.each([
  { url: "redis://127.0.0.1:6379/0", text: "redis://127.0.0.1:6379/0" },
  { url: "rediss://[::1]:6379", text: "rediss://[::1]:6379" },
  { url: "redis://ada:S3CRET@h:1/2", text: "redis://***@h:1/2" },
  { url: "redis://S3CRET@h", text: "redis://***@h" },
  { url: "redis://:S3CRET@h:1", text: "redis://***@h:1" },
  { url: "redis://h:1/0?password=S3CRET", text: "redis://h:1/0?***" },
  { url: "redis://h:1#S3CRET", text: "redis://h:1?***" },
  { url: "redis://a:S3C/RET@h", text: "redis://***" },
  { url: "redis://a:S3C@RET@h", text: "redis://***@h" },
  { url: "redis://a:S3C?RET#x@h", text: "redis://***" },
  { url: "redis://h?password=a@S3CRET", text: "redis://***" },
  { url: "redis://a:S3CRET", text: "redis://***" },
  { url: "redis://a:S3CRET/x", text: "redis://***" },
  { url: "ada:S3CRET@h:6379", text: "***@h:6379" },
  { url: "h:6379", text: "h:6379" },
  { url: "/home/ada/queue.db", text: "/home/ada/queue.db" },
])("redactUrl() makes $text of $url", ({ url, text }) => {
  assertEquals(redactUrl(url), text);
});

Deno.test("redactUrl() never repeats a user, a password or a query", () => {
  const secret = fc.string({ minLength: 1, maxLength: 12 })
    .map((text) => `S3CRET${text}S3CRET`);
  fc.assert(
    fc.property(secret, secret, secret, (user, password, query) => {
      const urls = [
        `redis://${user}:${password}@localhost:6379/1`,
        `redis://:${encodeURIComponent(password)}@localhost:6379?q=1`,
        `redis://localhost:6379/1?password=${query}`,
      ];
      for (const url of urls) {
        assert(!redactUrl(url).includes("S3CRET"), redactUrl(url));
      }
    }),
  );
});

Deno.test("redactText() finds addresses in a sentence", () => {
  const text =
    'No answer from "redis://ada:S3CRET@h:1/0", nor from rediss://:S3CRET@g.';
  assertEquals(
    redactText(text),
    'No answer from "redis://***@h:1/0", nor from rediss://***@g.',
  );
});

Deno.test("notReady() tells of Redis: what, where, which check, how long, two ways on", () => {
  const error = notReady(REDIS, {
    code: "QUEUE_REDIS_UNREACHABLE",
    check: "reachable",
    detail: "connection refused.",
  }, 5.4);
  assertEquals(
    error.message,
    "Cannot start the job queue: it needs Redis at redis://127.0.0.1:6379/0, " +
      'and "reachable" failed after 5 ms: connection refused',
  );
  assertEquals(
    error.hint,
    "Start Redis, or correct queue.redis_url. Where one machine is enough, " +
      "do without Redis: reeve config set queue.backend sqlite",
  );
  const { name, code, reason, backend, endpoint, check } = error;
  assertEquals({ name, code, reason, backend, endpoint, check }, {
    name: "QueueNotReadyError",
    code: "not_ready",
    reason: "QUEUE_REDIS_UNREACHABLE",
    backend: "redis",
    endpoint: "redis://127.0.0.1:6379/0",
    check: "reachable",
  });
});

Deno.test("notReady() tells of a file of a tenant, and does not advise what is so already", () => {
  const cause = new Error("why");
  const error = notReady(FILE, {
    code: "QUEUE_STORE_LOCKED",
    check: "writable",
    detail: "another process holds it",
    cause,
  }, 1000);
  assertEquals(
    error.message,
    "Cannot start the job queue of the tenant acme: it needs the file " +
      '/home/ada/.reeve/queue/acme.db, and "writable" failed after 1000 ms: ' +
      "another process holds it",
  );
  assertEquals(
    error.hint,
    "Make the file usable, or set REEVE_HOME to a directory that is.",
  );
  assertEquals(error.cause, cause);
});

Deno.test.each(
  [
    {
      backend: REDIS,
      code: "QUEUE_REDIS_AUTH",
      hint:
        "Set the password. Where one machine is enough, do without Redis: " +
        "reeve config set queue.backend sqlite",
    },
    { backend: FILE, code: "QUEUE_STORE_NEWER", hint: "Set the password." },
    { backend: REDIS, code: "QUEUE_POLICY", hint: "Set the password." },
  ] as const,
)("notReady() repeats the hint of a check for $code", (row) => {
  const error = notReady(row.backend, {
    code: row.code,
    check: "any",
    detail: "no",
    hint: "Set the password.",
  }, 1);
  assertEquals(error.hint, row.hint);
});

Deno.test("notReady() speaks of the policy alone when that refuses", () => {
  const failure = { code: "QUEUE_POLICY", check: "policy" } as const;
  const { message, hint } = notReady(
    REDIS,
    { ...failure, detail: "no key" },
    1,
  );
  assertEquals([message, hint], [
    "Cannot start the job queue: its policy does not allow it: no key",
    "Do what the policy asks for, then start again.",
  ]);
});

Deno.test("notReady() says no secret, wherever one is planted", () => {
  const url = "redis://S3CRET:S3CRET@h:6379/0?password=S3CRET";
  const error = notReady({ ...REDIS, place: url }, {
    code: "QUEUE_REDIS_AUTH",
    check: "authenticated",
    detail: `${url} refuses`,
    hint: `Look at ${url}.`,
  }, 1);
  const { message, hint, endpoint } = error;
  const shown = JSON.stringify({ ...error, message, hint });
  assert(!shown.includes("S3CRET"), shown);
  assertEquals(endpoint, "redis://***@h:6379/0?***");
});

Deno.test("failedCheck() gives the first failure", () => {
  const ok = { check: "reachable", level: "ok", detail: "yes" } as const;
  const fail = {
    check: "version",
    level: "fail",
    code: "QUEUE_REDIS_VERSION",
    detail: "it is 5.0",
    hint: "Update it.",
  } as const;
  const readiness = { ok: false, checks: [ok, fail, fail], latencyMs: 1 };
  const { level: _level, ...rest } = fail;
  assertEquals(failedCheck(REDIS, readiness), rest);
});

Deno.test("failedCheck() gives nothing when all is well", () => {
  const warn = { check: "disk", level: "warn", detail: "low" } as const;
  const readiness = { ok: true, checks: [warn], latencyMs: 1 };
  assertEquals(failedCheck(FILE, readiness), undefined);
});

Deno.test.each([
  { backend: REDIS, code: "QUEUE_REDIS_UNREACHABLE" },
  { backend: FILE, code: "QUEUE_STORE_UNUSABLE" },
])("failedCheck() believes a $code without a check", ({ backend, code }) => {
  const readiness = { ok: false, checks: [], latencyMs: 1 };
  const failure = failedCheck(backend, readiness);
  assertEquals([failure?.code, failure?.check], [code, "readiness"]);
});

Deno.test("readinessWarning() is one line with the advice", () => {
  const hint = "Free some space.";
  assertEquals(
    readinessWarning({ detail: "40 MiB are left.", hint }),
    "The job queue: 40 MiB are left (Free some space)",
  );
  assertEquals(
    readinessWarning({ detail: "redis://:S3CRET@h has no file" }),
    "The job queue: redis://***@h has no file",
  );
});
