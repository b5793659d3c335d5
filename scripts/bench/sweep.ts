/** How long a sweep takes, and whether what it says is true. */

import { daemonContext } from "../../src/daemon/context.ts";
import { openJournal } from "../../src/daemon/journal.ts";
import { scan } from "../../src/daemon/scan.ts";
import { sweep } from "../../src/daemon/sweep.ts";
import { planSweep } from "../../src/daemon/sweep_plan.ts";
import {
  reeveHealth,
  reeveShape,
  startDaemon,
  type Started,
  startShaped,
} from "#support/population.ts";
import { makeSandbox, type Sandbox } from "#support/sandbox.ts";
import { sandboxHost } from "#support/sandbox_host.ts";
import type { Figure } from "./figure.ts";

const GRACE_MS = 1000;

async function sweepAll(sandbox: Sandbox, agrees: boolean) {
  const host = sandboxHost(sandbox);
  const context = await daemonContext(host);
  const found = await scan(host, context.families);
  const plan = planSweep(found.candidates, found.viewpoint, {
    agreesTo: () => agrees,
    families: context.families,
  });
  const start = performance.now();
  const result = await sweep(host, plan, {
    journal: openJournal(host, context.paths.journal, "bench"),
    machine: found.machine,
    ownVersion: context.version,
    graceMs: GRACE_MS,
  });
  return { result, took: performance.now() - start };
}

async function countFalse(
  started: readonly Started[],
  swept: readonly { readonly pid: number }[],
): Promise<number> {
  // The exit of our own child reaches us a moment after its death.
  await new Promise((resolve) => setTimeout(resolve, 50));
  return started.filter((one) =>
    one.isAlive() && swept.some(({ pid }) => pid === one.pid)
  ).length;
}

/** Measures sweeps of 18 daemons. */
export async function benchSweep(): Promise<readonly Figure[]> {
  const AGREES = true;
  const figures: Figure[] = [];
  {
    await using sandbox = await makeSandbox();
    await using stack = new AsyncDisposableStack();
    const started: Started[] = [];
    for (let count = 0; count < 18; count++) {
      started.push(stack.use(await startDaemon(sandbox, { version: "3.2.2" })));
    }
    const { result, took } = await sweepAll(sandbox, !AGREES);
    const wrong = await countFalse(started, result.swept);
    figures.push({
      name: "sweep of 18 polite orphans",
      value: Math.round(took),
      limit: 250,
      unit: "ms",
      note: `${result.swept.length} swept, ${wrong} of them falsely`,
    });
  }
  await using sandbox = await makeSandbox();
  await using stack = new AsyncDisposableStack();
  const started: Started[] = [];
  for (let count = 0; count < 12; count++) {
    started.push(stack.use(await startDaemon(sandbox, { version: "3.2.2" })));
  }
  for (let count = 0; count < 3; count++) {
    const port = sandbox.firstPort + 30 + count;
    const stubborn = await startShaped(sandbox, {
      port,
      health: reeveHealth(sandbox.root, "3.2.3"),
      ignoresSigterm: true,
    }, reeveShape(sandbox.root));
    started.push(stack.use(stubborn));
    const wedged = stack.use(await startDaemon(sandbox, { version: "3.2.4" }));
    wedged.signal("SIGSTOP");
    started.push(wedged);
  }
  const { result, took } = await sweepAll(sandbox, AGREES);
  const wrong = await countFalse(started, result.swept);
  figures.push({
    name: "sweep of 18, 3 ignore SIGTERM and 3 are stopped: over the grace",
    value: Math.round((took - GRACE_MS) * 10) / 10,
    limit: 30,
    unit: "ms",
    note: `${result.swept.length} swept`,
  }, {
    name: "entries falsely reported swept",
    value: wrong,
    limit: 0,
    unit: "entries",
  });
  return figures;
}
