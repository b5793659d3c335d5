/** A full scan with every kind of listener that never answers properly. */

import { familiesOf } from "../../src/daemon/family.ts";
import { scan } from "../../src/daemon/scan.ts";
import { startDaemon, startProgram } from "#support/population.ts";
import { makeSandbox } from "#support/sandbox.ts";
import { sandboxHost } from "#support/sandbox_host.ts";
import { type Figure, quantile } from "./figure.ts";

/** Measures scans of a range full of bad listeners. */
export async function benchScan(): Promise<readonly Figure[]> {
  await using sandbox = await makeSandbox();
  await using stack = new AsyncDisposableStack();
  const bad = [
    "listens_but_never_answers",
    "drips_headers",
    "sends_endless_body",
  ];
  for (let count = 0; count < 6; count++) {
    stack.use(await startDaemon(sandbox, { version: "3.2.2" }));
  }
  for (let count = 0; count < 12; count++) {
    const name = bad[count % bad.length] ?? "drips_headers";
    const port = sandbox.firstPort + 20 + count;
    stack.use(await startProgram(sandbox, name, port));
  }
  for (let count = 0; count < 6; count++) {
    const wedged = await startDaemon(sandbox, { version: "3.2.3" });
    wedged.signal("SIGSTOP");
    stack.use(wedged);
  }
  const host = sandboxHost(sandbox);
  const families = familiesOf(host.env);
  const times: number[] = [];
  let found = 0;
  for (let run = 0; run < 7; run++) {
    const start = performance.now();
    found = (await scan(host, families)).candidates.length;
    times.push(performance.now() - start);
  }
  return [{
    name: "scan of 50 ports, 6 live, 6 stopped, 12 wedged or dripping",
    value: Math.round(quantile(times, 1)),
    limit: 600,
    unit: "ms at worst",
    note: `${found} listeners found`,
  }];
}
