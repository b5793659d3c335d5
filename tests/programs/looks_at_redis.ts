// deno-lint-ignore-file no-console -- its test reads what it prints
/** Prints what a look at a Redis server has found wanting. */

import { denoHost } from "../../src/host/deno_host.ts";
import { createRedisBackend } from "../../src/jobs/redis_backend.ts";

const backend = createRedisBackend(denoHost, {
  url: Deno.args[0] ?? "",
  password: Deno.env.get("REDIS_PASSWORD") ?? "",
  tenant: "acme",
});
const { checks } = await backend.checkReady({ timeoutMs: 10_000 });
const wanting = checks.filter(({ level }) => level !== "ok");
console.log(wanting.map(({ check }) => check).join(" "));
