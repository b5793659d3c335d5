/**
 * Opens what stays open for the life of a process: the C library and the watch
 * over children. Opened by this import, it is no resource that the first test
 * to need it appears to leak.
 *
 * @module
 */

import { openChildWatch } from "../../src/host/platform/child_watch.ts";
import { freeBytes } from "../../src/host/platform/file_system.ts";
import { openPidfd } from "../../src/host/platform/pidfd.ts";
import { reap } from "../../src/host/platform/posix_spawn.ts";
import { readListenRows } from "../../src/host/platform/sock_diag.ts";

/** No process has this id. */
const NOBODY = 2 ** 30;

if (Deno.build.os === "linux") {
  openPidfd(NOBODY);
  freeBytes("/");
  readListenRows();
  reap(NOBODY);
  openChildWatch();
}
