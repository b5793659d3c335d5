import { assert, assertEquals } from "@std/assert";
import { BATCH_PATH, createRequestLog, shownHeaders } from "./request_log.ts";

Deno.test("a log remembers the newest requests", () => {
  const log = createRequestLog(3);
  for (let at = 1; at <= 20; at++) log.add(at, "GET", "/");
  const times = log.all().map(({ at }) => at);
  assertEquals(times.slice(-3), [18, 19, 20]);
  assert(times.length <= 6);
  log.clear();
  assertEquals(log.all(), []);
});

Deno.test("batches() leaves other requests out", () => {
  const log = createRequestLog(10);
  log.add(1, "POST", BATCH_PATH).status = 200;
  log.add(2, "GET", "/api/v1/me");
  assertEquals(log.batches().map(({ at, status }) => [at, status]), [[1, 200]]);
});

Deno.test("shownHeaders() hides what proves who asks", () => {
  const headers = new Headers({
    "Authorization": "Bearer secret",
    "Cookie": "secret",
    "X-Request-Id": "1",
  });
  assertEquals(shownHeaders(headers), { "x-request-id": "1" });
});
