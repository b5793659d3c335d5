/** Ports of many commands at once, on a real disk and a real network. */

import { assert, assertEquals } from "@std/assert";
import { findFreeBlock } from "#support/sandbox.ts";
import {
  previewPorts,
  reservePorts,
  viewPorts,
} from "../../src/environment/port_ledger.ts";
import { denoHost } from "../../src/host/deno_host.ts";

async function makeRoot() {
  const directory = await Deno.realPath(
    await Deno.makeTempDir({ prefix: "reeve-ports-" }),
  );
  return {
    root: `${directory}/root`,
    directory,
    [Symbol.asyncDispose]: () => Deno.remove(directory, { recursive: true }),
  };
}

const PROCESSES = 8;
const ROUNDS = 20;

Deno.test("commands of many repositories never share a port", async () => {
  await using place = await makeRoot();
  const held = `${place.directory}/held`;
  await Deno.mkdir(held);
  const first = findFreeBlock(PROCESSES * 2);
  const outputs = await Promise.all(
    Array.from(
      { length: PROCESSES },
      (_, n) =>
        new Deno.Command(Deno.execPath(), {
          args: [
            "run",
            "--quiet",
            "--allow-all",
            new URL("../programs/reserves_ports.ts", import.meta.url).pathname,
            place.root,
            `repo-00000000000${n % 4}`,
            held,
            `${ROUNDS}`,
            `${first}`,
          ],
          stdin: "null",
        }).output(),
    ),
  );
  const ports = outputs.map(({ stdout, stderr, code }) => {
    assertEquals(code, 0, new TextDecoder().decode(stderr));
    return new TextDecoder().decode(stdout).trim().split("\n").map(Number);
  });
  assertEquals(ports.flat().length, PROCESSES * ROUNDS);
  // They were in each other's way, or nothing would be proved.
  assert(new Set(ports.flat()).size > 1);
  assertEquals((await viewPorts(denoHost, place)).entries, []);
});

Deno.test("twenty projects have ports that differ, stay and are foretold", async () => {
  await using place = await makeRoot();
  const first = findFreeBlock(500);
  const projects = Array.from({ length: 20 }, (_, n) => `feat-${n}`);
  const units = [{ unit: "api", base: first }, {
    unit: "web",
    base: first + 5,
  }];
  const request = (wanted: readonly string[]) => ({
    scope: "repo-0123456789ab",
    projects,
    units,
    wishes: wanted.flatMap((project) =>
      units.map(({ unit }) => ({ project, unit }))
    ),
  });
  const shown = await previewPorts(denoHost, place, request(projects));
  const plans = await Promise.all(
    projects.map((one) => reservePorts(denoHost, place, request([one]))),
  );
  assertEquals(plans.flat(), shown);
  const ports = shown.map(({ assigned }) => assigned);
  assertEquals(new Set(ports).size, 40);
});

Deno.test("a port is busy on either loopback address and on all", async () => {
  await using place = await makeRoot();
  const port = findFreeBlock(4);
  const request = {
    scope: "repo-0123456789ab",
    projects: [],
    units: [{ unit: "api", base: port }],
    wishes: [{ project: "Main", unit: "api" }],
  };
  for (const hostname of ["127.0.0.1", "::1", "0.0.0.0", "::"]) {
    using _ = Deno.listen({ hostname, port });
    const [plan] = await previewPorts(denoHost, place, request);
    const { assigned, source, retries } = plan ?? {};
    assertEquals([assigned, source, retries], [port + 1, "retry", 1], hostname);
  }
  const [plan] = await previewPorts(denoHost, place, request);
  assertEquals(plan?.assigned, port);
});
