import { assertEquals } from "@std/assert";
import type { GrantReply } from "./grant.ts";
import {
  chooseHeld,
  eventOf,
  nextStep,
  type RefreshEvent,
  type RefreshStep,
  type StoredView,
  viewStored,
} from "./refresh_step.ts";
import type { Session } from "./session.ts";

const VIEWS = [
  "not_newer",
  "newer",
  "other_sign_in",
  "missing",
  "unreadable",
] as const;

type Row = readonly [RefreshEvent, number, ...RefreshStep[]];

/** Event, questions so far, and the step for each of the views. */
const TABLE: readonly Row[] = [
  [
    "lock_busy",
    0,
    "lock_timeout_error",
    "lock_timeout_adopted",
    "lock_timeout_adopted",
    "lock_timeout_error",
    "lock_timeout_error",
  ],
  [
    "lock_held",
    0,
    "ask",
    "adopted_newer",
    "adopted_newer",
    "signed_out",
    "unreadable",
  ],
  ["tokens", 1, "save", "save", "save", "save", "save"],
  [
    "no_answer",
    1,
    "transient",
    "transient",
    "transient",
    "transient",
    "transient",
  ],
  [
    "benign_replay",
    1,
    "ask",
    "adopted_newer",
    "adopted_newer",
    "signed_out",
    "unreadable",
  ],
  [
    "benign_replay",
    2,
    "transient",
    "adopted_newer",
    "adopted_newer",
    "signed_out",
    "unreadable",
  ],
  [
    "grant_rejected",
    1,
    "clear",
    "stale_rejection_preserved",
    "stale_rejection_preserved",
    "signed_out",
    "unreadable",
  ],
  [
    "session_rejected",
    1,
    "clear",
    "clear",
    "stale_rejection_preserved",
    "signed_out",
    "unreadable",
  ],
];

const rows = TABLE.flatMap(([event, attempts, ...steps]) =>
  VIEWS.map((view, at) => ({ event, attempts, view, step: steps[at] }))
);

Deno.test.each(rows)(
  "nextStep() after $event ($attempts asked), stored $view: $step",
  ({ event, attempts, view, step }) => {
    assertEquals<string | undefined>(nextStep(event, view, attempts), step);
  },
);

Deno.test("nextStep() clears a session for two reasons only", () => {
  const clearing = rows.filter(({ step }) => step === "clear")
    .map(({ event }) => event);
  assertEquals([...new Set(clearing)], ["grant_rejected", "session_rejected"]);
});

const refused = (refusal?: "invalid_client" | "invalid_grant") =>
  ({ kind: "refused", refusal, reason: "r" }) as const;

Deno.test.each(
  [
    { reply: refused("invalid_grant"), is: "grant_rejected" },
    { reply: refused("invalid_client"), is: "no_answer" },
    { reply: refused(), is: "no_answer" },
    {
      reply: { kind: "refused", refusal: "session_invalid", reason: "r" },
      is: "session_rejected",
    },
    {
      reply: {
        kind: "refused",
        refusal: "refresh_replay_benign_retry",
        reason: "r",
      },
      is: "benign_replay",
    },
    { reply: { kind: "transient", reason: "r" }, is: "no_answer" },
    { reply: { kind: "aborted" }, is: "no_answer" },
  ] satisfies { reply: GrantReply; is: RefreshEvent }[],
)("eventOf() of $reply is $is", ({ reply, is }) => {
  assertEquals<string>(eventOf(reply), is);
});

const NOW = Date.UTC(2026, 0, 2);
const held: Session = {
  accessToken: "a1",
  accessExpiresAt: NOW,
  refreshToken: "r1",
  refreshExpiresAt: undefined,
  sessionId: "s1",
  userId: "u1",
  email: "",
  name: "",
  workspaces: [],
  workspace: "acme",
  server: "https://sync.example",
  method: "browser",
  issuedAt: 0,
  generation: 3,
};

function found(change: Partial<Session>) {
  return { kind: "found", session: { ...held, ...change } } as const;
}

Deno.test.each<{ change: Partial<Session>; is: StoredView }>([
  { change: {}, is: "not_newer" },
  { change: { generation: 2 }, is: "not_newer" },
  { change: { generation: 4 }, is: "newer" },
  { change: { sessionId: "s2", generation: 1 }, is: "other_sign_in" },
  { change: { issuedAt: 1 }, is: "other_sign_in" },
])("viewStored() of $change is $is", ({ change, is }) => {
  assertEquals<string>(viewStored(found(change), held), is);
});

Deno.test("viewStored() of no session says why", () => {
  assertEquals(viewStored({ kind: "missing" }, held), "missing");
});

Deno.test.each([
  { name: "the same", change: {}, takes: 3 },
  {
    name: "a newer one that is good",
    change: { generation: 4, accessExpiresAt: NOW + 60_000 },
    takes: 3,
  },
  { name: "a newer one that has run out", change: { generation: 4 }, takes: 4 },
  { name: "an older one", change: { generation: 2 }, takes: 3 },
])("chooseHeld() with $name refreshes generation $takes", (row) => {
  assertEquals(chooseHeld(found(row.change), held, NOW).generation, row.takes);
});
