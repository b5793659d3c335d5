import { assert, assertEquals } from "@std/assert";
import type { Diagnosis } from "../queue/diagnose.ts";
import type { EventHistory, QuarantinedEvent } from "../queue/event_history.ts";
import { batchJson } from "./dead_text.ts";
import { eventJson } from "./event_json.ts";
import { entryJson } from "./quarantine_choice.ts";
import {
  diagnosisJson,
  diagnosisText,
  historyJson,
  historyText,
  invalidCount,
} from "./diagnosis_text.ts";

const AT = Date.UTC(2026, 0, 1);
const ID = "01ARZ3NDEKTSV4RRFFQ69G5FAV";

const clean: Diagnosis = {
  checked: 2,
  groups: [],
  unknownTypes: new Map(),
  quarantine: [],
};
const group = {
  type: "TaskChanged",
  field: "payload.n",
  rule: "must be there",
  count: 1200,
  examples: [ID],
};
const dirty: Diagnosis = {
  checked: 1300,
  groups: [group],
  unknownTypes: new Map([["Foo", 2], ["Bar", 1]]),
  quarantine: [{ ...group, count: 1, examples: ["7"] }],
};

Deno.test("diagnosisText() of sound events is one line", () => {
  assertEquals(
    diagnosisText(clean, 80),
    "Checked 2 events that the server does not have: all are valid.",
  );
  assertEquals(invalidCount(clean), 0);
});

Deno.test("diagnosisText() shows faults, strange types and the quarantine", () => {
  assertEquals(
    diagnosisText(dirty, 80),
    `Checked 1,300 events that the server does not have: 1200 are not valid.

COUNT  TYPE         FIELD      RULE           EVENT
 1200  TaskChanged  payload.n  must be there  ${ID}

Not checked, as their types are not known here: Foo 2, Bar 1.
Name the types with: reeve sync diagnose --types FILE

The quarantine holds 1 event, which will not be sent:

COUNT  TYPE         FIELD      RULE           NUMBER
    1  TaskChanged  payload.n  must be there  7

All about one of them: reeve sync diagnose --event ID`,
  );
  assertEquals(invalidCount(dirty), 1201);
});

Deno.test("diagnosisJson() holds all of it", () => {
  assertEquals(diagnosisJson(dirty), {
    "checked": 1300,
    "invalid": 1200,
    "problems": [group],
    "unknown_types": { Foo: 2, Bar: 1 },
    "quarantined": 1,
    "quarantine": dirty.quarantine,
  });
});

const history: EventHistory = {
  kind: "event",
  row: {
    seq: 3,
    "event_id": ID,
    type: "TaskChanged",
    class: "fact",
    lane: "Task:t1",
    state: "dead",
    "reason_code": "schema_mismatch",
    attempts: 5,
    "last_http": 200,
    error: "payload.n:\u001b[2J must be there",
    lamport: 3,
    "occurred_at": "2026-01-01T00:00:00Z",
    "captured_at": AT,
    "first_at": AT,
    "last_at": AT + 1000,
    bytes: 1234,
    sha256: "ab",
    "consent_epoch": 1,
    "batch_id": "b2",
    "is_live": 1,
    body: `{"a":1}`,
  },
  batches: [
    {
      "batch_id": "b2",
      "sent_at": AT,
      "ended_at": AT,
      outcome: "settled",
      http: 200,
      count: 1,
      url: "https://s",
    },
    {
      "batch_id": "b1",
      "sent_at": AT,
      "ended_at": null,
      outcome: null,
      http: null,
      count: 2,
      url: "https://s",
    },
  ],
};
const broken = { field: "payload.n", rule: "must be there" };

Deno.test("historyText() shows row, requests and body of an event", () => {
  assertEquals(
    historyText(history, { isKnown: true, problem: broken }),
    `Event        ${ID}
Type         TaskChanged, a fact
Lane         Task:t1
State        dead: schema mismatch
Captured     2026-01-01T00:00:00.000Z at place 3
Clock        3
Size         1,234 bytes
Hash         ab
First sent   2026-01-01T00:00:00.000Z
Last sent    2026-01-01T00:00:01.000Z
Refused      5 times
HTTP         200
Server said  payload.n:?[2J must be there
Valid        no: payload.n must be there

Requests
  2026-01-01T00:00:00.000Z  settled, HTTP 200, 1 event to https://s
  2026-01-01T00:00:00.000Z  under way, 2 events to https://s, perhaps

{
  "a": 1
}`,
  );
});

Deno.test.each([
  { isKnown: true, says: "yes" },
  {
    isKnown: false,
    says: "unknown: its type is not known here, name it with --types FILE",
  },
])("historyText() of a sound event says: $says", ({ isKnown, says }) => {
  const text = historyText(history, { isKnown, problem: undefined });
  assert(text.includes(`\nValid        ${says}\n`), text);
});

Deno.test("historyText() says when the body is gone", () => {
  const row = { ...history.row, body: null };
  const text = historyText({ ...history, row, batches: [] }, {
    isKnown: true,
    problem: undefined,
  });
  assert(text.endsWith("\n\nIts body is gone: the server has it."), text);
});

const quarantined: QuarantinedEvent = {
  kind: "quarantined",
  entry: {
    "q_id": 7,
    "event_id": null,
    type: "TaskChanged",
    reason: "damaged_line",
    field: "line",
    rule: "is torn or damaged",
    body: "torn\n{",
    at: AT,
  },
};

Deno.test("historyText() shows an entry of the quarantine", () => {
  const { entry } = quarantined;
  assertEquals(
    historyText(quarantined, { isKnown: true, problem: entry }),
    `Event      
Type       TaskChanged
State      in the quarantine as 7
Put apart  2026-01-01T00:00:00.000Z
Reason     damaged line
Valid      no: line is torn or damaged

torn?{`,
  );
});

Deno.test("historyJson() holds the event with its body", () => {
  const json = historyJson(history, { isKnown: true, problem: broken });
  const { row, batches } = history;
  assertEquals(json, {
    "is_checked": true,
    "problem": broken,
    "event": {
      ...eventJson(row),
      "first_attempt_at": "2026-01-01T00:00:00.000Z",
      "consent_epoch": 1,
      "batch_id": "b2",
    },
    "requests": batches.map(batchJson),
    "body": { a: 1 },
  });
});

Deno.test("historyJson() holds the entry of the quarantine as it is", () => {
  const { entry } = quarantined;
  assertEquals(
    historyJson(quarantined, { isKnown: true, problem: undefined }),
    {
      "is_checked": true,
      "problem": null,
      "quarantine": entryJson(entry),
      "body": entry.body,
    },
  );
});
