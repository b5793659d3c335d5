/**
 * Every fault of the suite, in order.
 *
 * @module
 */

import type { Fault } from "./fault.ts";
import { growingLogs, jumpingClocks } from "./clocks_and_logs.ts";
import { damagedState } from "./damaged_state.ts";
import { fastSoak } from "./fast_soak.ts";
import { forkStorm } from "./fork_storm.ts";
import { hostileProc } from "./hostile_proc.ts";
import { killedAnywhere } from "./killed_anywhere.ts";
import { manyOrphans } from "./many_orphans.ts";
import { networkHistories } from "./network_histories.ts";
import { containers, otherPlaces } from "./other_places.ts";
import { pidReuse } from "./pid_reuse.ts";
import { powerLoss } from "./power_loss.ts";
import { refusedCalls } from "./refused_calls.ts";
import { strangersOnPorts, stuckDaemons } from "./strangers.ts";

/** Every fault of the suite, in order. */
export const FAULTS: readonly Fault[] = [
  killedAnywhere,
  pidReuse,
  stuckDaemons,
  manyOrphans,
  strangersOnPorts,
  damagedState,
  refusedCalls,
  powerLoss,
  jumpingClocks,
  forkStorm,
  otherPlaces,
  containers,
  networkHistories,
  growingLogs,
  fastSoak,
  hostileProc,
];
