/**
 * Prints each key that is pressed as JSON, until q is. With the argument `line`
 * it reads a line then; with `throws` it ends with an error while it has the
 * keyboard.
 */

import { denoHost } from "../../src/host/deno_host.ts";

const { terminal } = denoHost;
const [way] = Deno.args;
const keys = await terminal.openKeys({ enter: "<enter>", leave: "<leave>" });
terminal.out("ready\n");
if (way === "throws") throw new Error("on purpose");
for (;;) {
  const key = await keys.next();
  terminal.out(`key ${JSON.stringify(key)}\n`);
  if (key === undefined || key === "q") break;
}
keys.close();
keys.close();
if (way === "line") {
  terminal.out(`line ${await terminal.readLine("line? ")}\n`);
}
