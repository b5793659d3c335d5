import { assert, assertMatch } from "@std/assert";
import { createFakeHost } from "#support/fake_host.ts";
import { DEPENDENCIES, localEndpoint } from "./dependency_registry.ts";
import { probeDependency } from "./dependency_probe.ts";
import { waitUntilReady } from "./provision_wait.ts";
import type { ProvisionedUnit } from "./provisioners/provisioner.ts";

const DEFINITION = DEPENDENCIES.redis;

const UNIT: ProvisionedUnit = {
  kind: "process",
  name: "Main redis",
  endpoint: localEndpoint(DEFINITION, { primary: 7000 }, undefined),
  identity: {
    pid: 7,
    startStamp: "1",
    bootId: "b",
    pidNamespace: "n",
    marker: "m",
  },
};

Deno.test.each([
  { text: "has ended", endsAt: 100, atMost: 200, reason: /somebody else/ },
  { text: "is interrupted", abortAt: 70, atMost: 90, reason: /interrupted/ },
  { text: "lives on", atMost: 5000, reason: /it is not ready/ },
])("a silent port is left when the process $text", async (row) => {
  const { abortAt, atMost, endsAt = Infinity, reason } = row;
  const host = createFakeHost();
  host.world.addProcess().listen(7000);
  const abort = new AbortController();
  if (abortAt !== undefined) {
    host.clock.sleep(abortAt).then(() => abort.abort());
  }
  const isAlive = () => host.clock.elapsed() < endsAt;
  const setback = waitUntilReady(host, {
    context: { definition: DEFINITION, logPath: "/log" },
    timeoutMs: 2000,
    signal: abort.signal,
    owner: {
      ownerOf: () => Promise.resolve(isAlive() ? "unknown" : "stranger"),
    },
    provisioner: {
      isAlive: () => Promise.resolve(isAlive()),
      probe: ({ endpoint }, signal) =>
        probeDependency(host, DEFINITION, endpoint, { signal }),
    },
  }, UNIT).then((found) => ({ found, at: host.clock.elapsed() }));
  await host.world.advance(20_000);
  const { at, found } = await setback;
  assertMatch(found?.reason ?? "", reason);
  assert(at <= atMost, `${at} ms`);
});
