import { assertEquals } from "@std/assert";
import { isLargerThan, parseFrame } from "./live_frames.ts";

Deno.test.each([
  { text: '{"type":"snapshot","cursor":"1"}', frame: { kind: "snapshot" } },
  { text: '{"type":"pong"}', frame: { kind: "pong" } },
  {
    text: '{"type":"ping","timestamp":"t"}',
    frame: { kind: "ping", timestamp: "t" },
  },
  { text: '{"type":"ping"}', frame: { kind: "ping", timestamp: null } },
  {
    text: `{"type":"ping","timestamp":"${"x".repeat(65)}"}`,
    frame: { kind: "ping", timestamp: null },
  },
  {
    text: '{"type":"ack","event_id":"E1","status":"accepted"}',
    frame: { kind: "ack", eventId: "E1", verdict: { kind: "delivered" } },
  },
  { text: '{"type":"ack","status":"accepted"}', frame: { kind: "unknown" } },
  { text: '{"type":"event","event":1}', frame: { kind: "event", event: 1 } },
  {
    text: '{"type":"error","code":"unauthorized"}',
    frame: { kind: "error", code: "unauthorized", meaning: "unauthorized" },
  },
  {
    text: '{"type":"error","code":"session_invalid"}',
    frame: { kind: "error", code: "session_invalid", meaning: "unauthorized" },
  },
  {
    text: '{"type":"error","code":"not_admitted"}',
    frame: { kind: "error", code: "not_admitted", meaning: "denied" },
  },
  {
    text: '{"type":"error","code":"protocol_mismatch"}',
    frame: { kind: "error", code: "protocol_mismatch", meaning: "denied" },
  },
  {
    text: '{"type":"error","code":"schema_mismatch"}',
    frame: { kind: "error", code: "schema_mismatch", meaning: "noted" },
  },
  {
    text: '{"type":"error","code":"Click here!"}',
    frame: { kind: "error", code: "unknown", meaning: "noted" },
  },
  { text: '{"type":"news"}', frame: { kind: "unknown" } },
  { text: "{", frame: { kind: "unknown" } },
  { text: "null", frame: { kind: "unknown" } },
  { text: "[]", frame: { kind: "unknown" } },
  { text: "7", frame: { kind: "unknown" } },
])("parseFrame() understands $text", ({ text, frame }) => {
  assertEquals<unknown>(parseFrame(text), frame);
});

Deno.test.each([
  { text: "aaa", limit: 3, isLarger: false },
  { text: "aaaa", limit: 3, isLarger: true },
  { text: "ö", limit: 2, isLarger: false },
  { text: "öö", limit: 3, isLarger: true },
  { text: "€", limit: 2, isLarger: true },
])("isLargerThan() calls $text over $limit bytes: $isLarger", (row) => {
  assertEquals(isLargerThan(row.limit, row.text), row.isLarger);
});
