/** Fills a daemon log. Arguments: its path, how many lines. */
import { openDaemonLog } from "../../src/host/daemon_log.ts";

const log = await openDaemonLog(Deno.args[0] ?? "");
for (let line = 0; line < Number(Deno.args[1]); line++) {
  log.info(`line ${line} of many`, {
    token: "SECRET",
    padding: "x".repeat(900),
  });
}
await log.close();
