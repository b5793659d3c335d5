import { assert, assertEquals } from "@std/assert";
import {
  after,
  BROKEN,
  FAILED,
  HOUR,
  PAUSED,
  since,
  toward,
} from "#support/delivery_changes.ts";
import { FACTS } from "#support/sync_facts.ts";
import { STOP_REASONS } from "../sync/stop_text.ts";
import { deliveryFindings } from "./sync_delivery_findings.ts";
import type { SyncFacts } from "./sync_facts.ts";

Deno.test.each<
  { readonly change: Partial<SyncFacts>; readonly says: string }
>([
  {
    change: since(35 * 24 * HOUR, { ready: 320, pendingRemote: 1 }),
    says: "321 events wait, the oldest for 35 d.",
  },
  {
    change: since(25 * HOUR, { retry: 1 }),
    says: "1 event waits, the oldest for 1 d.",
  },
  {
    change: toward(PAUSED),
    says: "Delivery has been paused for 1 h: the server has not admitted the " +
      "project.",
  },
  {
    change: toward(BROKEN),
    says: "Delivery has failed 3 times since the last good pass 2 h ago: the " +
      "server is unavailable; your events are safe (HTTP 503); it is tried " +
      "again in 1 min.",
  },
  {
    change: toward({ ...BROKEN, failures: 1, "last_success_at": null }),
    says: "Delivery has failed once: the server is unavailable; your events " +
      "are safe (HTTP 503); it is tried again in 1 min.",
  },
])("deliveryFindings() says: $says", ({ change, says }) => {
  assertEquals(deliveryFindings({ ...FACTS, ...change })[0]?.summary, says);
});

Deno.test("deliveryFindings() never sends anybody back to the doctor", () => {
  for (const reason of STOP_REASONS) {
    const changes = [
      after({ ...FAILED, reason }),
      toward({ ...PAUSED, "paused_reason": reason }),
      toward({ ...BROKEN, "last_error_code": reason }),
    ];
    for (const change of changes) {
      for (const { remediation } of deliveryFindings({ ...FACTS, ...change })) {
        assert(!remediation.command?.startsWith("reeve sync doctor"), reason);
      }
    }
  }
});
