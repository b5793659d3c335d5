// deno-lint-ignore-file no-console -- a program talks to its test
/** Works off a job and lets OpenTelemetry see it. */

import { denoHost } from "../../src/host/deno_host.ts";
import { createMemoryBackend } from "../../src/jobs/memory_backend.ts";
import { observeBackend } from "../../src/jobs/metrics.ts";

const backend = createMemoryBackend(denoHost, { tenant: "acme" });
await backend.start();
const { subscribe } = backend;
let isObserved = false;
backend.subscribe = (listener) => {
  isObserved = true;
  return subscribe.call(backend, listener);
};
const observed = observeBackend(denoHost, backend);
console.log(`observed: ${isObserved}`);
const done = Promise.withResolvers<void>();
backend.process("mail", () => done.resolve());
await backend.enqueue("mail", 1);
await done.promise;
// Long enough for several exports, of which the gauges are a part.
await denoHost.clock.sleep(isObserved ? 500 : 0);
observed[Symbol.dispose]();
await backend.stop();
