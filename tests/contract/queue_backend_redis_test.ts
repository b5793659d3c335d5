import { openBackends, testBackend } from "#support/backend_suite.ts";
import { type RedisServer, startRedis } from "#support/redis_server.ts";
import { denoHost } from "../../src/host/deno_host.ts";
import { createRedisBackend } from "../../src/jobs/redis_backend.ts";

let server: RedisServer | undefined;
let tenants = 0;

Deno.test.beforeAll(async () => {
  server = await startRedis();
});

Deno.test.afterAll(async () => {
  await server?.[Symbol.asyncDispose]();
});

testBackend("redis", (options) => {
  if (server === undefined) throw new Error("Redis is not running");
  const { url } = server;
  const tenant = `tenant-${++tenants}`;
  return openBackends(() =>
    createRedisBackend(denoHost, { ...options, url, tenant })
  );
});
