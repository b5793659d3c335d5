// deno-lint-ignore-file no-console -- its test reads what it prints
/**
 * Runs the jobs of a queue in Redis until it is told to end, and prints the id
 * of each job that it begins and ends.
 */

import { denoHost } from "../../src/host/deno_host.ts";
import { createRedisBackend } from "../../src/jobs/redis_backend.ts";

const [url = "", queue = ""] = Deno.args;
const backend = createRedisBackend(denoHost, { url, tenant: "acme" });
await backend.start();
backend.process(queue, async ({ id, data }) => {
  console.log(`began ${id}`);
  await new Promise((resolve) => setTimeout(resolve, Number(data)));
  console.log(`ended ${id}`);
}, { concurrency: 4, leaseMs: 1_000 });
console.log("ready");
Deno.addSignalListener("SIGTERM", async () => {
  await backend.stop();
  Deno.exit();
});
