/** Every command line of the documents does what they say. */

import { assert, assertEquals } from "@std/assert";
import { REEVE, reeveCommand } from "#support/cli.ts";
import { providePostgres } from "#support/postgres_binaries.ts";
import { startRedis } from "#support/redis_server.ts";
import { makeSandbox, type Sandbox } from "#support/sandbox.ts";
import { endMarked } from "#support/unit_world.ts";
import { readDocBlocks } from "../../scripts/docs_commands.ts";
import {
  type DocPlace,
  followDocument,
} from "../../scripts/docs_commands_shell.ts";
import { denoHost } from "../../src/host/deno_host.ts";
import { MARKER_VARIABLE } from "../../src/environment/facts.ts";
// The C library stays open for the life of a process.
import "#support/c_library.ts";

const CHECKOUT = new URL("../../", import.meta.url).pathname;

/** Gives `reeve server run` a port that is free, and all that name it. */
function movePort(text: string, port: number): string {
  return text.replaceAll(":9700", `:${port}`)
    .replaceAll("reeve server run", `reeve server run --port ${port}`);
}

/** What the reader has on the PATH, besides what is installed. */
const PROGRAMS = {
  "reeve": `#!/bin/sh
exec ${[REEVE, ...reeveCommand([])].map((word) => `'${word}'`).join(" ")} "$@"
`,
  "npx": `#!/bin/sh
[ "$1 $2" = "-y deno@2.9.6" ] || exit 99
shift 2
exec deno "$@"
`,
  "xdg-open": `#!/bin/sh
exec deno run --allow-net --quiet "\${0%/*}/approve.js" "$1"
`,
  "approve.js": `const page = await (await fetch(Deno.args[0])).text();
const [, ticket] = /name="ticket" value="([0-9a-f]+)"/.exec(page);
const [, action] = /action="([^"]+)"/.exec(page);
const body = new URLSearchParams({ ticket, decision: "approve" });
await (await fetch(new URL(action, Deno.args[0]), { method: "POST", body }))
  .text();
`,
};

/** A checkout that the reader may change, and the programs. */
async function makePlace(
  sandbox: Sandbox,
  redis: { readonly url: string },
): Promise<DocPlace> {
  const { home, directory, env } = sandbox;
  const cwd = `${home}/reeve`;
  const bin = `${directory}/bin`;
  await Deno.mkdir(cwd);
  await Deno.mkdir(bin);
  for (const [name, text] of Object.entries(PROGRAMS)) {
    await Deno.writeTextFile(`${bin}/${name}`, text, { mode: 0o755 });
  }
  for await (const { name } of Deno.readDir(CHECKOUT)) {
    if (/^(?:\.|docs$|dist$)/.test(name)) continue;
    await Deno.symlink(`${CHECKOUT}${name}`, `${cwd}/${name}`);
  }
  const deno = Deno.execPath().replace(/\/[^/]*$/, "");
  const place = {
    cwd,
    env: {
      ...env,
      PATH: `${bin}:${deno}:${
        Deno.env.get("REEVE_TEST_READER_PATH") || Deno.env.get("PATH")
      }`,
      REEVE_QUEUE_REDIS_URL: redis.url,
      GIT_AUTHOR_NAME: "Ada",
      GIT_AUTHOR_EMAIL: "ada@localhost",
      GIT_COMMITTER_NAME: "Ada",
      GIT_COMMITTER_EMAIL: "ada@localhost",
    },
  };
  const sh = `cp -R '${CHECKOUT}docs' . && git init --quiet && git add docs &&
    git commit --quiet -m Reeve`;
  const made = await new Deno.Command("sh", { args: ["-c", sh], ...place })
    .output();
  assertEquals(new TextDecoder().decode(made.stderr), "");
  return place;
}

/** Scopes of all services that were ever started below a state root. */
async function scopesBelow(root: string): Promise<readonly string[]> {
  const names = await Array.fromAsync(
    Deno.readDir(`${root}/environments`),
    ({ name }) => name,
  ).catch(() => []);
  return names.filter((name) => name.startsWith("repo-"));
}

async function countRunning(scopes: readonly string[]): Promise<number> {
  const listing = await denoHost.processes.table();
  if (listing.kind === "unknown") throw new Error(listing.reason);
  const alive = listing.rows.filter(({ state }) => state !== "zombie");
  const pids = alive.map(({ pid }) => pid);
  const markers = await denoHost.processes.readVariable(MARKER_VARIABLE, pids);
  return [...markers.values()].filter((marker) =>
    scopes.some((scope) => marker.startsWith(scope))
  ).length;
}

/** Follows one document; what came of it is a step that says how much ran. */
async function follow(t: Deno.TestContext, name: string): Promise<void> {
  await providePostgres();
  await using redis = await startRedis({ requirepass: "secret" });
  await using sandbox = await makeSandbox();
  const place = await makePlace(sandbox, redis);
  const text = await Deno.readTextFile(CHECKOUT + name);
  const blocks = readDocBlocks(movePort(text, sandbox.firstPort - 1));
  const { ran, skipped, faults } = await followDocument(blocks, place);
  const scopes = await scopesBelow(sandbox.root);
  const left = await countRunning(scopes);
  for (const scope of scopes) await endMarked(scope);
  const reasons = skipped.map((one) => `; line ${one.line}: ${one.skipped}`);
  const counts = `${ran} ran, ${skipped.length} skipped${reasons.join("")}`;
  await t.step(counts, () => {
    assertEquals(faults.join("\n"), "");
    assertEquals(left, 0, "no service is left");
    assert(ran > 0);
  });
}

const DOCUMENTS = [
  "README.md",
  ...[...Deno.readDirSync(`${CHECKOUT}docs/guide`)]
    .map((file) => `docs/guide/${file.name}`).toSorted(),
];

for (const name of DOCUMENTS) {
  Deno.test({
    name: `every command line of ${name} does what it says`,
    // It is typed into a shell that is not there.
    ignore: Deno.build.os === "windows",
    fn: (t) => follow(t, name),
  });
}
