/**
 * Modules that a daemon or a start loads only when it wants them. Loading takes
 * real time, and a fake world that is waited in would go on meanwhile: its
 * daemons would be over before the start that looks for them goes on.
 *
 * @module
 */

import "../../src/daemon/schema.ts";
import "../../src/daemon/snapshot_schema.ts";
import "../../src/daemon/start_cleaning.ts";
import "../../src/daemon/start_locked.ts";
