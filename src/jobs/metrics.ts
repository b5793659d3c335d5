/**
 * What happens in a queue, for OpenTelemetry. Deno sends it by itself where
 * `OTEL_DENO` is `true`; elsewhere nobody takes it, and nothing is counted.
 *
 * It is the queue that is counted, as far as this process hears of it. From
 * Redis every process hears everything: what several of them count there is the
 * same jobs and must not be added up.
 *
 * Whoever runs workers loads this module; the library does not.
 *
 * @module
 */

import {
  type Attributes,
  type BatchObservableResult,
  createNoopMeter,
  type Meter,
  metrics,
} from "@opentelemetry/api";
import type { Host } from "../host/host.ts";
import type { JobEvent, QueueBackend } from "./backend.ts";
import { JOB_STATES } from "./job.ts";

/** A backend as far as counting its jobs goes. */
export type ObservedBackend = Pick<
  QueueBackend,
  "kind" | "stats" | "subscribe" | "tenant"
>;

/** Which counter an event adds to, and what that counts. */
const COUNTERS = {
  enqueued: ["enqueued", "Jobs that were added"],
  started: ["started", "Attempts that were begun"],
  completed: ["completed", "Jobs that were done"],
  retried: ["failed", "Attempts that failed, with another one to come"],
  dead: ["dead", "Jobs that failed for good"],
  stalled: ["stalled", "Attempts whose worker vanished"],
} as const satisfies Partial<
  Record<JobEvent["kind"], readonly [name: string, description: string]>
>;

function isCounted(kind: JobEvent["kind"]): kind is keyof typeof COUNTERS {
  return Object.hasOwn(COUNTERS, kind);
}

/**
 * Counts what happens in a backend that is started, until it is disposed of.
 *
 * @param meter where to count. @default the one of this process
 */
export function observeBackend(
  { clock }: Pick<Host, "clock">,
  backend: ObservedBackend,
  meter: Meter = metrics.getMeter("reeve.jobs"),
): Disposable {
  if (meter === createNoopMeter()) return { [Symbol.dispose]: () => {} };
  const { kind: name, tenant } = backend;
  const attributesOf = (queue: string): Attributes => {
    return { queue, tenant, backend: name };
  };
  const counterOf = (kind: keyof typeof COUNTERS) => {
    const [word, description] = COUNTERS[kind];
    return meter.createCounter(`reeve.jobs.${word}`, {
      description,
      unit: "{job}",
    });
  };
  const counters = {
    enqueued: counterOf("enqueued"),
    started: counterOf("started"),
    completed: counterOf("completed"),
    retried: counterOf("retried"),
    dead: counterOf("dead"),
    stalled: counterOf("stalled"),
  };
  const subscription = backend.subscribe(({ kind, queue }) => {
    if (isCounted(kind)) counters[kind].add(1, attributesOf(queue));
  });

  const depth = meter.createObservableGauge("reeve.jobs.depth", {
    description: "Jobs by state",
    unit: "{job}",
  });
  const age = meter.createObservableGauge("reeve.jobs.oldest_ready_age", {
    description: "How long the oldest ready job could have run already",
    unit: "s",
  });
  const gauges = [depth, age];
  const look = async (result: BatchObservableResult): Promise<void> => {
    // A queue that cannot be looked at now has no depth; it tells why itself.
    const all = await backend.stats().catch(() => []);
    for (const { queue, counts, oldestReadyAt } of all) {
      const attributes = attributesOf(queue);
      for (const state of JOB_STATES) {
        result.observe(depth, counts[state], { ...attributes, state });
      }
      const ms = clock.now() - (oldestReadyAt ?? clock.now());
      result.observe(age, Math.max(0, ms) / 1000, attributes);
    }
  };
  meter.addBatchObservableCallback(look, gauges);
  return {
    [Symbol.dispose]: () => {
      meter.removeBatchObservableCallback(look, gauges);
      subscription[Symbol.dispose]();
    },
  };
}
