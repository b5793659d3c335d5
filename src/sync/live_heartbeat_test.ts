import { assertEquals } from "@std/assert";
import { decideBeat } from "./live_heartbeat.ts";

const NOW = 100_000;
const QUIET = { heardAt: NOW, saidAt: NOW, askedAt: NOW, unanswered: 0 };

Deno.test.each([
  { name: "just heard", facts: {}, beat: "wait 25000" },
  { name: "quiet for a while", facts: { heardAt: 90_000 }, beat: "wait 15000" },
  { name: "quiet for long", facts: { heardAt: 75_000 }, beat: "ping" },
  { name: "only listening", facts: { saidAt: 75_000 }, beat: "ping" },
  {
    name: "just asked",
    facts: { heardAt: 75_000, unanswered: 1 },
    beat: "wait 10000",
  },
  {
    name: "asked once in vain",
    facts: { heardAt: 65_000, askedAt: 90_000, unanswered: 1 },
    beat: "ping",
  },
  {
    name: "asked for the second time",
    facts: { heardAt: 65_000, askedAt: 90_001, unanswered: 2 },
    beat: "wait 1",
  },
  {
    name: "asked twice in vain",
    facts: { heardAt: 55_000, askedAt: 90_000, unanswered: 2 },
    beat: "silence",
  },
])("decideBeat() of a connection $name is $beat", ({ facts, beat }) => {
  const decided = decideBeat({ ...QUIET, ...facts }, NOW);
  const ms = decided.kind === "wait" ? ` ${decided.ms}` : "";
  assertEquals(decided.kind + ms, beat);
});
