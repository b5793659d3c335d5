/**
 * Tells of dropped telemetry once there is room again: one event with how many
 * and since when.
 *
 * @module
 */

import { DROP_AT, fillOf, type QueueLimits } from "./capacity.ts";
import { captureDraft, type Placed } from "./capture.ts";
import { draftEvent } from "./envelope.ts";
import { createRegistry } from "./registry.ts";
import type { QueueHost, Store } from "./store.ts";
import { createUlids } from "../state/ulid.ts";

/** Captures the marker when it is due; call it inside a transaction. */
export function takeDropMarker(
  store: Store,
  last: Placed,
  { limits, nowMs, host }: {
    readonly limits: QueueLimits;
    readonly nowMs: number;
    readonly host: Pick<QueueHost, "random">;
  },
): void {
  if (fillOf(last.fill, limits) >= DROP_AT) return;
  const meta = store.db.get<{ since: number; until: number }>(
    "SELECT dropped_since AS since, lamport AS until FROM meta",
  );
  const type = createRegistry().get("TelemetryDropped");
  if (meta === undefined || type === undefined) return;
  const payload = {
    count: last.droppedPending,
    "since_lamport": meta.since,
    "until_lamport": meta.until,
  };
  const args = { aggregateId: store.buildId, payload };
  const draft = draftEvent(type, args, {
    eventId: createUlids((bytes) => host.random.hex(bytes))(nowMs),
    nowMs,
    payload,
    origin: {
      projectId: store.projectId,
      projectSlug: null,
      gitBranch: null,
      headCommitSha: null,
      repoSlug: null,
    },
  });
  const { kind } = captureDraft(store, draft, { limits, nowMs });
  // Without room for it, the next event brings it up again.
  if (kind !== "captured") return;
  store.db.run("UPDATE meta SET dropped_pending = 0");
}
