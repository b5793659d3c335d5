/**
 * Opens what stays open for the life of a process: the C library and the watch
 * over children. Opened by this import, it is no resource that the first test
 * to need it appears to leak.
 *
 * @module
 */

import { openChildWatch } from "../../src/host/platform/child_watch.ts";
import { loadLibc } from "../../src/host/platform/libc.ts";
import { reap } from "../../src/host/platform/posix_spawn.ts";

/** No process has this id. */
const NOBODY = 2 ** 30;

if (Deno.build.os === "linux") {
  loadLibc();
  reap(NOBODY);
  openChildWatch();
}
