import { assertEquals } from "@std/assert";
import fc from "fast-check";
import { webReply } from "#support/fake_host.ts";
import type { WebReply } from "../host/web.ts";
import type { ClaimedEvent } from "../queue/claim.ts";
import { claimedMany } from "#support/played_server.ts";
import { judgeReply } from "./reply_verdict.ts";

const NOW = Date.UTC(2026, 0, 2, 3, 4, 5);
const EVENTS = claimedMany(3);
const SOON = { "retry-after": "30" };
const ERROR = { error: { code: "busy", message: "Come back" } };
const OK = JSON.stringify({
  results: EVENTS.map(({ eventId }) => ({
    "event_id": eventId,
    status: "success",
  })),
});

/** A verdict in a line. */
function brief(reply: WebReply, events: readonly ClaimedEvent[] = EVENTS) {
  const verdict = judgeReply(reply, events, NOW);
  switch (verdict.kind) {
    case "settled": {
      const kinds = verdict.settlements.map(({ event, verdict: one }) =>
        `${event.eventId} ${one.kind}`
      );
      const rest = verdict.rest.map(({ eventId }) => `${eventId} rest`);
      return [...kinds, ...rest].join(", ");
    }
    case "later": {
      const { code, detail, http, retryAfterMs } = verdict;
      return ["later", code, detail, http, retryAfterMs]
        .filter((word) => word !== undefined).join(" ");
    }
    case "pause":
      return `pause ${verdict.reason}: ${verdict.detail} ${verdict.http}`;
    case "refused":
      return `refused ${verdict.code} ${verdict.http}`;
    default:
      return verdict.kind;
  }
}

const ALL = "E1 delivered, E2 delivered, E3 delivered";
const PENDING = "E1 pending, E2 pending, E3 pending";

Deno.test.each([
  { status: 200, body: OK, is: ALL },
  { status: 201, body: OK, is: ALL },
  { status: 207, body: OK, is: ALL },
  { status: 202, body: OK, is: ALL },
  { status: 202, body: "{}", is: PENDING },
  { status: 202, body: "[]", is: "later not_json HTTP 202 202" },
  { status: 200, body: "", is: "later not_json HTTP 200 200" },
  { status: 200, body: "[]", is: "later not_json HTTP 200 200" },
  { status: 200, body: "null", is: "later not_json HTTP 200 200" },
  { status: 200, body: "{}", is: "later not_json HTTP 200 200" },
  {
    status: 200,
    body: '{"results":{}}',
    is: "later not_json HTTP 200 200",
  },
  { status: 200, body: OK.slice(0, -1), is: "later not_json HTTP 200 200" },
  { status: 204, body: "", is: "later not_json HTTP 204 204" },
  {
    status: 200,
    body: "<!doctype html><p>Please sign in",
    is: "later not_json HTTP 200 200",
  },
  { status: 301, body: "", is: "pause redirected: HTTP 301 301" },
  { status: 302, body: OK, is: "pause redirected: HTTP 302 302" },
  { status: 304, body: "", is: "pause redirected: HTTP 304 304" },
  { status: 308, body: "", is: "pause redirected: HTTP 308 308" },
  { status: 400, body: "", is: "refused unknown 400" },
  { status: 400, body: "<p>Bad request", is: "refused unknown 400" },
  { status: 401, body: OK, is: "unauthorized" },
  { status: 403, body: "", is: "pause forbidden: HTTP 403 403" },
  { status: 404, body: OK, is: "pause endpoint_missing: HTTP 404 404" },
  { status: 408, body: "", is: "later timeout HTTP 408 408" },
  { status: 409, body: "{}", is: "refused unknown 409" },
  { status: 412, body: "", is: "pause protocol: HTTP 412 412" },
  { status: 413, body: OK, is: "too_large" },
  { status: 418, body: "", is: "refused unknown 418" },
  { status: 422, body: "{}", is: "refused unknown 422" },
  { status: 426, body: "", is: "pause protocol: HTTP 426 426" },
  { status: 429, body: "", is: "later throttled HTTP 429 429" },
  { status: 500, body: OK, is: "later server_error HTTP 500 500" },
  { status: 501, body: "", is: "later server_error HTTP 501 501" },
  { status: 502, body: "", is: "later gateway HTTP 502 502" },
  { status: 503, body: "", is: "later gateway HTTP 503 503" },
  { status: 504, body: "", is: "later gateway HTTP 504 504" },
  { status: 599, body: "", is: "later server_error HTTP 599 599" },
])("judgeReply() of $status with $body: $is", ({ status, body, is }) => {
  assertEquals(brief(webReply(status, body)), is);
});

Deno.test.each([
  { status: 412, is: "pause protocol: Come back 412" },
  { status: 426, is: "pause protocol: Come back 426" },
  { status: 404, is: "pause endpoint_missing: Come back 404" },
  { status: 403, is: "pause forbidden: Come back 403" },
  { status: 400, is: "refused busy 400" },
  { status: 409, is: "refused busy 409" },
  { status: 418, is: "refused busy 418" },
  { status: 408, is: "later timeout Come back 408 30000" },
  { status: 429, is: "later throttled Come back 429 30000" },
  { status: 500, is: "later server_error Come back 500 30000" },
  { status: 502, is: "later throttled Come back 502 30000" },
  { status: 503, is: "later throttled Come back 503 30000" },
  { status: 504, is: "later throttled Come back 504 30000" },
])("judgeReply() of $status with words and Retry-After: $is", (row) => {
  assertEquals(brief(webReply(row.status, ERROR, SOON)), row.is);
});

Deno.test.each([
  { code: "workspace_missing", reason: "workspace_missing" },
  { code: "not_admitted", reason: "not_admitted" },
  { code: "forbidden", reason: "forbidden" },
  { code: "refused", reason: "forbidden" },
  { code: 7, reason: "forbidden" },
])("judgeReply() of 403 with the code $code pauses: $reason", (row) => {
  const error = { code: row.code, message: "no" };
  const is = `pause ${row.reason}: no 403`;
  assertEquals(brief(webReply(403, { error })), is);
});

Deno.test("judgeReply() takes a code that stands alone, and short texts", () => {
  assertEquals(
    brief(webReply(400, { error: "refused" })),
    "refused refused 400",
  );
  const message = "x".repeat(10_000);
  const long = webReply(412, { error: { message } });
  assertEquals(brief(long), `pause protocol: ${"x".repeat(500)} 412`);
});

const REPLIES: readonly (readonly [WebReply, string])[] = [
  [{ kind: "aborted" }, "aborted"],
  [{ kind: "timeout" }, "later timeout no answer in time"],
  [{ kind: "unreachable", reason: "refused" }, "later transport refused"],
  [{ kind: "too_large" }, "later not_json the answer is too large"],
];

Deno.test.each(REPLIES.map(([reply, is]) => ({ reply, kind: reply.kind, is })))(
  "judgeReply() of a request that ends $kind: $is",
  ({ reply, is }) => {
    assertEquals(brief(reply), is);
  },
);

Deno.test("judgeReply() reads a date of Retry-After from now on", () => {
  const headers = { "retry-after": "Fri, 02 Jan 2026 03:05:05 GMT" };
  assertEquals(
    brief(webReply(429, "", headers)),
    "later throttled HTTP 429 429 60000",
  );
});

Deno.test.each([400, 409, 418, 422])(
  "judgeReply() of %i goes by the results, and leaves the rest",
  (status) => {
    const results = [
      { "event_id": "E3", status: "success" },
      { "event_id": "E1", status: "rejected", code: "refused" },
    ];
    const reply = webReply(status, { results });
    assertEquals(brief(reply), "E1 dead, E3 delivered, E2 rest");
    const none = webReply(status, { results: [] });
    assertEquals(brief(none), "E1 rest, E2 rest, E3 rest");
  },
);

Deno.test("judgeReply() gives every event one fate, whatever is answered", () => {
  const result = fc.record({
    "event_id": fc.constantFrom("E1", "E2", "E3", "E4", "", 5, null),
    status: fc.constantFrom("success", "duplicate", "rejected", "odd", 1),
    code: fc.constantFrom("refused", "forbidden", undefined, {}),
  });
  const body = fc.oneof(
    fc.record({ results: fc.array(fc.oneof(result, fc.jsonValue())) }),
    fc.jsonValue(),
  );
  const status = fc.integer({ min: 200, max: 599 });
  fc.assert(fc.property(status, body, (status, body) => {
    const reply = webReply(status, JSON.stringify(body));
    const verdict = judgeReply(reply, EVENTS, NOW);
    if (verdict.kind !== "settled") return;
    const settled = verdict.settlements.map(({ event }) => event);
    const all = [...settled, ...verdict.rest].toSorted((a, b) => a.seq - b.seq);
    assertEquals(all, EVENTS);
  }));
});
