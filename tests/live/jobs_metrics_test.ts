/** Deno itself sends what is counted, to whoever collects it. */

import { assert } from "@std/assert";
import { waitUntil } from "#support/wait_until.ts";

const PROGRAM = new URL(
  "../programs/observes_jobs.ts",
  import.meta.url,
).pathname;

/** Runs the program with a collector at a port, and gives what it said. */
async function run(env: Readonly<Record<string, string>>): Promise<string> {
  const { code, stdout, stderr } = await new Deno.Command(Deno.execPath(), {
    args: ["run", "--allow-all", "--no-prompt", "--quiet", PROGRAM],
    env: { ...env },
  }).output();
  const decoder = new TextDecoder();
  assert(code === 0, decoder.decode(stderr));
  return decoder.decode(stdout);
}

Deno.test("with OTEL_DENO the counters and gauges of a queue reach a collector", async () => {
  const bodies: string[] = [];
  await using server = Deno.serve(
    { hostname: "127.0.0.1", port: 0, onListen: () => {} },
    async (request) => {
      const { pathname } = new URL(request.url);
      const body = new TextDecoder().decode(await request.arrayBuffer());
      if (pathname === "/v1/metrics") bodies.push(body);
      return new Response();
    },
  );
  const said = await run({
    OTEL_DENO: "true",
    OTEL_DENO_CONSOLE: "ignore",
    OTEL_EXPORTER_OTLP_ENDPOINT: `http://127.0.0.1:${server.addr.port}`,
    OTEL_METRIC_EXPORT_INTERVAL: "50",
  });
  assert(said.includes("observed: true"), said);
  // Names are plain text, also in the binary form.
  const all = () => bodies.join();
  await waitUntil(
    "metrics have come",
    () => all().includes("reeve.jobs.completed"),
  );
  for (const text of ["reeve.jobs.enqueued", "reeve.jobs.depth", "acme"]) {
    assert(all().includes(text), text);
  }
});

Deno.test("without OTEL_DENO nobody listens to the queue", async () => {
  const said = await run({ OTEL_DENO: "false" });
  assert(said.includes("observed: false"), said);
});
