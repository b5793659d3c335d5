import { assert, assertEquals } from "@std/assert";
import { type FakeDelivery, fakeDelivery } from "#support/fake_delivery.ts";
import { webReply } from "#support/fake_host.ts";
import { SERVER } from "#support/fake_receiver.ts";
import type { ClaimedEvent } from "../queue/claim.ts";
import type { Settlement, Verdict } from "../queue/settle.ts";
import type { LivePublisher } from "./drain_options.ts";

const TARGET = { url: SERVER, workspace: "acme", account: "ada" };

/** A connection that a test plays. */
class FakeLive implements LivePublisher {
  isOpen = true;
  target: LivePublisher["target"] = TARGET;
  /** Ids of every call. */
  readonly calls: (readonly string[])[] = [];
  verdict: (event: ClaimedEvent) => Verdict = () => ({ kind: "delivered" });
  /** Called before a call is settled. */
  before: () => void = () => {};

  publish(events: readonly ClaimedEvent[]): Promise<readonly Settlement[]> {
    this.calls.push(events.map(({ eventId }) => eventId));
    this.before();
    return Promise.resolve(
      events.map((event) => ({ event, verdict: this.verdict(event) })),
    );
  }
}

const UNSENT: Verdict = { kind: "unsent" };

function sentByHttp({ server }: FakeDelivery): readonly string[] {
  return server.batches.flatMap(({ ids }) => ids);
}

Deno.test("an open connection takes few events, 32 at a time", async () => {
  const delivery = await fakeDelivery();
  const live = new FakeLive();
  const ids = delivery.emit(40);
  const report = await delivery.drainBehind({ live });
  assertEquals(live.calls, [ids.slice(0, 32), ids.slice(32)]);
  assertEquals([report.accepted, report.requests], [40, 0]);
  assertEquals(sentByHttp(delivery), []);
  assertEquals(delivery.states(), { delivered: 40 });
  assert(!delivery.isMarked);
});

Deno.test("many events go by HTTP in spite of a connection", async () => {
  const delivery = await fakeDelivery();
  const live = new FakeLive();
  delivery.emit(201);
  await delivery.drainBehind({ live });
  assertEquals([live.calls, sentByHttp(delivery).length], [[], 201]);
});

Deno.test.each([
  { name: "closed", change: { isOpen: false } },
  { name: "not connected to anybody", change: { target: undefined } },
  {
    name: "for another person",
    change: { target: { ...TARGET, account: "bob" } },
  },
  {
    name: "for another workspace",
    change: { target: { ...TARGET, workspace: "other" } },
  },
  {
    name: "for no workspace",
    change: { target: { ...TARGET, workspace: null } },
  },
  {
    name: "to another server",
    change: { target: { ...TARGET, url: "http://127.0.0.1:1" } },
  },
])("a connection that is $name is left alone", async ({ change }) => {
  const delivery = await fakeDelivery();
  const live = Object.assign(new FakeLive(), change);
  delivery.emit(2);
  await delivery.drainBehind({ live });
  assertEquals([live.calls, sentByHttp(delivery).length], [[], 2]);
});

Deno.test("what was not acknowledged goes by HTTP in the same pass", async () => {
  const delivery = await fakeDelivery();
  const live = new FakeLive();
  const ids = delivery.emit(5);
  live.verdict = ({ eventId }) =>
    ids.indexOf(eventId) < 2 ? { kind: "delivered" } : UNSENT;
  const report = await delivery.drainBehind({ live });
  assertEquals(live.calls.length, 1);
  assertEquals(sentByHttp(delivery), ids.slice(2));
  assertEquals([report.accepted, report.stoppedBecause], [5, "done"]);
});

Deno.test("a connection that takes nothing does not end the work", async () => {
  const delivery = await fakeDelivery();
  const live = new FakeLive();
  live.verdict = () => UNSENT;
  const ids = delivery.emit(3);
  const report = await delivery.drainBehind({ live, maxEvents: 3 });
  assertEquals([live.calls.length, sentByHttp(delivery)], [1, ids]);
  assertEquals(report.accepted, 3);
});

Deno.test.each(
  [
    { verdict: { kind: "retry", reason: "schema_mismatch" }, state: "retry" },
    { verdict: { kind: "parked", reason: "forbidden" }, state: "parked" },
    { verdict: { kind: "dead", reason: "refused" }, state: "dead" },
    { verdict: { kind: "pending" }, state: "pending_remote" },
  ] as const,
)("a $state over the connection counts as by HTTP", async (row) => {
  const delivery = await fakeDelivery();
  const live = new FakeLive();
  live.verdict = () => row.verdict;
  delivery.emit(1);
  await delivery.drainBehind({ live });
  assertEquals(delivery.states(), { [row.state]: 1 });
  assertEquals(sentByHttp(delivery), []);
});

/** A delivery whose server has failed three times and may be tried. */
async function failed(): Promise<FakeDelivery> {
  const delivery = await fakeDelivery();
  delivery.emit(1);
  await delivery.drain();
  delivery.changeTarget({
    circuit: "open",
    failures: 3,
    "last_error_code": "transport",
    "next_attempt_at": 1,
  });
  delivery.server.batches.length = 0;
  return delivery;
}

Deno.test("the first try after failures is one event over the connection", async () => {
  const delivery = await failed();
  const live = new FakeLive();
  delivery.emit(4);
  await delivery.drainBehind({ live });
  assertEquals(live.calls.map(({ length }) => length), [1, 3]);
  assertEquals(delivery.target.circuit, "closed");
});

Deno.test("a connection that takes nothing proves nothing of the server", async () => {
  const delivery = await failed();
  const live = new FakeLive();
  live.verdict = () => UNSENT;
  delivery.server.answer = () => webReply(502);
  delivery.emit(4);
  const report = await delivery.drainBehind({ live });
  assertEquals(delivery.server.batches.map(({ ids }) => ids.length), [1]);
  assertEquals(report.stoppedBecause, "gateway");
  assertEquals([delivery.target.circuit, delivery.target.failures], [
    "open",
    4,
  ]);
});

Deno.test("a circuit that is open keeps the connection quiet too", async () => {
  const delivery = await failed();
  delivery.changeTarget({
    "next_attempt_at": delivery.host.clock.now() + 60_000,
  });
  const live = new FakeLive();
  delivery.emit(4);
  const report = await delivery.drainBehind({ live });
  assertEquals<unknown>([report.stoppedBecause, live.calls], ["transport", []]);
});

Deno.test("without consent nothing goes over the connection", async () => {
  const delivery = await fakeDelivery({ hasConsent: false });
  const live = new FakeLive();
  delivery.emit(2);
  const report = await delivery.drainBehind({ live });
  assertEquals<unknown>([report.stoppedBecause, live.calls], [
    "no_consent",
    [],
  ]);
});

Deno.test("who lost the lease writes nothing of a connection either", async () => {
  const delivery = await fakeDelivery();
  const live = new FakeLive();
  live.before = () => void delivery.queue.takeLease();
  delivery.emit(2);
  const report = await delivery.drainBehind({ live });
  assertEquals(report.stoppedBecause, "lease_lost");
  assertEquals(delivery.states(), { inflight: 2 });
});
