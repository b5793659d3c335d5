/**
 * A command that reserves a port again and again, listens on it for a moment
 * and gives it back. Whoever gets a port that another one still has cannot make
 * the file that stands for it.
 *
 * Arguments: state root, repository, directory of the files, rounds.
 *
 * @module
 */

import { denoHost } from "../../src/host/deno_host.ts";
import {
  handOverPorts,
  releasePorts,
  reservePorts,
} from "../../src/environment/port_ledger.ts";

const [root = "", scope = "", directory = "", rounds = "0"] = Deno.args;
const host = denoHost;
const UNITS = [{ unit: "api", base: Number(Deno.args[4]) }];

for (let round = 0; round < Number(rounds); round++) {
  const [plan] = await reservePorts(host, { root }, {
    scope,
    projects: ["Main"],
    units: UNITS,
    wishes: [{ project: "Main", unit: "api" }],
  });
  if (plan === undefined) throw new Error("no port");
  const port = plan.assigned;
  const held = `${directory}/${port}`;
  Deno.writeTextFileSync(held, `${Deno.pid}`, { createNew: true });
  const seen = await host.processes.inspect([Deno.pid]);
  const facts = seen.get(Deno.pid);
  if (facts?.kind !== "found") throw new Error("cannot see myself");
  const { bootId, pidNamespace } = await host.processes.machine();
  const { startStamp } = facts.facts;
  const identity = { pid: Deno.pid, startStamp, bootId, pidNamespace };
  const lease = { scope, project: "Main", unit: "api", port, identity };
  {
    using _ = Deno.listen({ hostname: "127.0.0.1", port });
    if (round % 2 === 0) await handOverPorts(host, { root }, [lease]);
  }
  Deno.removeSync(held);
  const mine = round % 2 === 0 ? lease : { ...lease, identity: undefined };
  await releasePorts(host, { root }, [mine]);
  denoHost.terminal.out(`${port}\n`);
}
