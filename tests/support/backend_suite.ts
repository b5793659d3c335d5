/**
 * What every backend of the job queue promises, as tests on the real clock.
 *
 * @module
 */

import { bulkSuite } from "./backend_suite_bulk.ts";
import { claimSuite } from "./backend_suite_claim.ts";
import { dedupeSuite } from "./backend_suite_dedupe.ts";
import { deadSuite } from "./backend_suite_dead.ts";
import { eventSuite } from "./backend_suite_events.ts";
import { enqueueSuite } from "./backend_suite_enqueue.ts";
import { historySuite } from "./backend_suite_history.ts";
import { leaseSuite } from "./backend_suite_lease.ts";
import { lifeSuite } from "./backend_suite_life.ts";
import { limitSuite } from "./backend_suite_limits.ts";
import { lookSuite } from "./backend_suite_look.ts";
import { moveSuite } from "./backend_suite_move.ts";
import { orderSuite } from "./backend_suite_order.ts";
import { processSuite } from "./backend_suite_process.ts";
import { settleSuite } from "./backend_suite_settle.ts";
import { stopSuite } from "./backend_suite_stop.ts";
import { waitSuite } from "./backend_suite_wait.ts";
import {
  BackendWorld,
  type CheckBackend,
  type OpenBackend,
  type OpenedBackend,
} from "./backend_world.ts";

export { openBackends } from "./backend_world.ts";
export type { OpenBackend, OpenedBackend } from "./backend_world.ts";

/** Registers every test for one kind of backend. */
export function testBackend(name: string, open: OpenBackend): void {
  const check: CheckBackend = (text, test, options) => {
    Deno.test(`${name}: ${text}`, async () => {
      const opened: OpenedBackend[] = [];
      const openOne = async () => {
        const one = await open(options);
        opened.push(one);
        return one;
      };
      try {
        const elsewhere = async () => (await openOne()).backend;
        await test(new BackendWorld(await openOne(), elsewhere));
      } finally {
        for (const one of opened) await one.dispose();
      }
    });
  };
  for (const suite of SUITES) suite(check);
}

const SUITES: readonly ((check: CheckBackend) => void)[] = [
  enqueueSuite,
  limitSuite,
  orderSuite,
  dedupeSuite,
  bulkSuite,
  claimSuite,
  leaseSuite,
  settleSuite,
  lookSuite,
  historySuite,
  deadSuite,
  eventSuite,
  waitSuite,
  processSuite,
  stopSuite,
  moveSuite,
  lifeSuite,
];
