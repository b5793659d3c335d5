import { openBackends, testBackend } from "#support/backend_suite.ts";
import { denoHost } from "../../src/host/deno_host.ts";
import { createMemoryBackend } from "../../src/jobs/memory_backend.ts";
import { MemoryStore } from "../../src/jobs/memory_store.ts";

testBackend("memory", (options) => {
  const store = new MemoryStore();
  return openBackends(() =>
    createMemoryBackend(denoHost, { ...options, store })
  );
});
