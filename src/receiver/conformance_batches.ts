/**
 * Checks of what a server does with batches.
 *
 * @module
 */

import { isRecord } from "./canonical_json.ts";
import type { Check } from "./conformance_check.ts";
import { altered } from "./conformance_events.ts";
import {
  expect,
  get,
  isStored,
  listOf,
  lookUp,
  newEvents,
  PENDING,
  type Probe,
  resultsOf,
  send,
  store,
} from "./conformance_probe.ts";
import { hashText } from "./hash_text.ts";

const CODES = [
  "schema_mismatch",
  "historical_state",
  "refused",
  "oversized_event",
  "id_conflict",
  "not_admitted",
  "forbidden",
];

async function oneResultEach(probe: Probe): Promise<void> {
  const events = newEvents(probe).several(7);
  const ids = listOf(await send(probe, events)).map((one) => one["event_id"]);
  expect(ids.length === events.length, `${ids.length} results for 7 events`);
  const missing = events.filter(({ id }) => !ids.includes(id));
  expect(missing.length === 0, `${missing.length} events have no result`);
}

async function knownStatus(probe: Probe): Promise<void> {
  const [event] = newEvents(probe).several(1);
  const results = event === undefined ? [] : listOf(await send(probe, [event]));
  for (const { status } of results) {
    const word = String(status);
    const isKnown = isStored(word) || PENDING.includes(word);
    expect(isKnown, `The status of a new event is ${word}`);
  }
}

async function dedupe(probe: Probe): Promise<void> {
  const events = newEvents(probe).several(3);
  await store(probe, events);
  const results = resultsOf(await send(probe, events));
  for (const { id } of events) {
    const status = results.get(id)?.status;
    expect(status === "duplicate", `Sent again, an event is ${status}`);
  }
}

async function idConflict(probe: Probe): Promise<void> {
  const event = newEvents(probe).make();
  await store(probe, [event]);
  const result = resultsOf(await send(probe, [altered(event)])).get(event.id);
  const said = `${result?.status} ${result?.code}`;
  expect(said === "rejected id_conflict", `Other content is ${said}`);
}

async function halfConflict(probe: Probe): Promise<string> {
  const maker = newEvents(probe);
  const [known, fresh] = [maker.make(), maker.make()];
  await store(probe, [known]);
  const reply = await send(probe, [altered(known), fresh]);
  const results = resultsOf(reply);
  const conflict = results.get(known.id);
  expect(conflict?.code === "id_conflict", "The conflict is not named");
  const says = isStored(results.get(fresh.id)?.status);
  const found = await lookUp(probe, maker.project, [known.id, fresh.id]);
  const does = found.has(fresh.id);
  expect(says === does, `It says stored: ${says}, and stored is ${does}`);
  const hash = hashText(known.text);
  expect(found.get(known.id) === hash, "The first content is not kept");
  return does ? "The rest is stored" : "Nothing else is stored";
}

async function machineCodes(probe: Probe): Promise<string> {
  const maker = newEvents(probe);
  const broken = maker.make({ "lamport_clock": 0 });
  const result = resultsOf(await send(probe, [broken])).get(broken.id);
  expect(result?.status === "rejected", `A clock of 0 is ${result?.status}`);
  const code = result?.code ?? "none";
  expect(CODES.includes(code), `The code of a refusal is ${code}`);
  const found = await lookUp(probe, maker.project, [broken.id]);
  expect(found.size === 0, "What is rejected is stored");
  return code;
}

async function anyOrder(probe: Probe): Promise<void> {
  const events = newEvents(probe).several(6);
  const [first, second] = [events.slice(3).reverse(), events.slice(0, 3)];
  await store(probe, first);
  await store(probe, second);
}

async function maxLamport(probe: Probe): Promise<void> {
  const maker = newEvents(probe);
  const events = maker.several(4);
  for (const part of [events.slice(2), events.slice(0, 2)]) {
    const { json } = await store(probe, part);
    const marks = isRecord(json["max_lamport"]) ? json["max_lamport"] : {};
    const mark = marks[maker.node];
    expect(mark === 4, `max_lamport is ${mark} where 4 is stored`);
  }
}

async function lookup(probe: Probe): Promise<void> {
  const maker = newEvents(probe);
  const [stored, unknown] = [maker.make(), maker.make()];
  await store(probe, [stored]);
  const ids = [stored.id, unknown.id];
  const found = await lookUp(probe, maker.project, ids);
  expect(!found.has(unknown.id), "It finds what was never sent");
  const hash = found.get(stored.id) ?? "missing";
  expect(hash === hashText(stored.text), `The sha256 is ${hash}`);
  const elsewhere = await lookUp(probe, newEvents(probe).project, ids);
  expect(elsewhere.size === 0, "It finds events of another project");
}

async function watermark(probe: Probe): Promise<void> {
  const maker = newEvents(probe);
  const events = maker.several(3);
  await store(probe, events);
  await store(probe, events.slice(1));
  const path = `/api/v1/projects/${maker.project}/watermark/`;
  const { status, json } = await get(probe, path);
  const nodes = isRecord(json["nodes"]) ? json["nodes"] : {};
  const mark = nodes[maker.node];
  expect(isRecord(mark), `It is answered ${status} without the node`);
  const { max_lamport: max, event_count: count } = isRecord(mark) ? mark : {};
  const said = `max_lamport ${max}, event_count ${count}`;
  expect(max === 3 && count === 3, `After 3 events it is ${said}`);
}

async function encodings(probe: Probe): Promise<void> {
  const events = newEvents(probe).several(5);
  await store(probe, events, { packs: false });
  const results = resultsOf(await send(probe, events, { packs: true }));
  for (const { id } of events) {
    const status = results.get(id)?.status;
    expect(status === "duplicate", `Packed, the same event is ${status}`);
  }
}

/** The checks of batches, in the order of their running. */
export const BATCH_CHECKS: readonly Check[] = [
  {
    id: "one_result_each",
    title: "Each event has one result",
    run: oneResultEach,
  },
  {
    id: "known_status",
    title: "A new event has a status of the table",
    run: knownStatus,
  },
  { id: "dedupe", title: "An event is stored once", run: dedupe },
  {
    id: "id_conflict",
    title: "Other content under an id is refused",
    run: idConflict,
  },
  {
    id: "half_conflict",
    title: "A half refused batch tells the truth",
    run: halfConflict,
  },
  {
    id: "machine_codes",
    title: "A refusal has a code of the table",
    run: machineCodes,
  },
  { id: "any_order", title: "Aggregates come in any order", run: anyOrder },
  {
    id: "max_lamport",
    title: "max_lamport is the largest clock",
    run: maxLamport,
  },
  { id: "lookup", title: "A lookup finds events by id and hash", run: lookup },
  { id: "watermark", title: "The watermark counts each node", run: watermark },
  {
    id: "encodings",
    title: "gzip and plain bodies are the same",
    run: encodings,
  },
];
