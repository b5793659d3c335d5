/** What a start cannot do: it says why and what to do, and leaves nothing. */

import { assert, assertEquals, assertMatch } from "@std/assert";
import { reeve } from "#support/cli.ts";
import { mountSmallDisk } from "#support/small_disk.ts";
import { denoHost } from "../../src/host/deno_host.ts";
import { scopeOf } from "../../src/state/environment_paths.ts";
import {
  type EnvironmentPlaceForTests,
  makeEnvironmentPlace,
  twoServices,
} from "./environment_place.ts";

const isPosix = Deno.build.os !== "windows";

/** Everything that carries a marker of the repository. */
async function runningIn(root: string): Promise<readonly number[]> {
  const scope = await scopeOf(await Deno.realPath(root));
  const listing = await denoHost.processes.table();
  assert(listing.kind === "table");
  const markers = await denoHost.processes.readVariable(
    "REEVE_UNIT",
    listing.rows.filter(({ state }) => state !== "zombie")
      .map(({ pid }) => pid),
  );
  return [...markers].filter(([, marker]) => marker.startsWith(scope))
    .map(([pid]) => pid);
}

async function assertRefused(
  place: EnvironmentPlaceForTests,
  { error, hint }: { readonly error: RegExp; readonly hint: RegExp },
): Promise<void> {
  const { code, stderr } = await place.run("start");
  assertEquals(code, 1, stderr);
  const lines = stderr.trim().split("\n");
  assertMatch(lines.at(-2) ?? "", error);
  assertMatch(lines.at(-1) ?? "", hint);
  const json = await place.json("start", 1);
  const told = json.error ?? { message: json.failure, hint: json.hint };
  assertMatch(`error: ${told.message}`, error);
  assertMatch(`hint: ${told.hint}`, hint);
  assertEquals(await runningIn(place.root), []);
}

const LAST_PORT = 65_000;

Deno.test({
  name: "reeve start refuses what cannot be started",
  ignore: !isPosix,
  async fn(t) {
    await using place = await makeEnvironmentPlace();
    const rows = [
      {
        name: "a cycle",
        lines: { SERVICE_API_DEPENDS_ON: "web" },
        error: /^error: .*\.reeve.*(?:api → web → api|web → api → web)/,
        hint: /^hint: ./,
      },
      {
        name: "a service that there is not",
        lines: { SERVICE_WEB_DEPENDS_ON: "apl" },
        error: /^error: .*\.reeve line \d+.*apl/,
        hint: /^hint: ./,
      },
      {
        name: "a program that there is not",
        lines: { SERVICE_WEB_CMD: "no-such-program {port}" },
        error: /^error: .*there is no program no-such-program/,
        hint: /^hint: Install it, or correct the command/,
      },
      {
        name: "a directory that there is not",
        lines: { SERVICE_WEB_DIR: "nowhere" },
        error: /^error: .*nowhere.*there is no such directory/,
        hint: /^hint: .*directory/,
      },
      {
        name: "a range of ports without a free one",
        lines: { SERVICE_WEB_PORT: String(LAST_PORT) },
        error: /^error: Cannot find a port for Main web: none from 65000 to/,
        hint: /^hint: Set a lower base port/,
      },
    ];
    for (const { lines, name, ...refusal } of rows) {
      await t.step(name, async () => {
        using _ = listenOn(LAST_PORT);
        await place.settings({ ...twoServices(place.port), ...lines });
        await assertRefused(place, refusal);
      });
    }
    await t.step("a port of the environment that somebody has", async () => {
      await place.settings(twoServices(place.port));
      const port = place.port + 2;
      using _ = Deno.listen({ hostname: "127.0.0.1", port });
      Deno.env.set("REEVE_SERVICE_API_PORT", String(port));
      try {
        await assertRefused(place, {
          error: new RegExp(
            `^error: Cannot give port ${port} to Main api: process ${Deno.pid} \\(deno\\) has it`,
          ),
          hint: /^hint: Free it, or set another port/,
        });
      } finally {
        Deno.env.delete("REEVE_SERVICE_API_PORT");
      }
    });
    await t.step("what is right again starts", async () => {
      await place.settings(twoServices(place.port));
      assertEquals((await place.json("start", 0)).outcome, "started");
    });
  },
});

/** Somebody on a port; whoever else has it does as well. */
function listenOn(port: number): Disposable {
  try {
    const listener = Deno.listen({ hostname: "127.0.0.1", port });
    return { [Symbol.dispose]: () => listener.close() };
  } catch (error) {
    if (!(error instanceof Deno.errors.AddrInUse)) throw error;
    return { [Symbol.dispose]() {} };
  }
}

Deno.test({
  name: "reeve start on a disk that takes no more says so",
  ignore: !isPosix,
  async fn(t) {
    await using disk = await mountSmallDisk(256);
    if (!disk.isMounted) return;
    await using place = await makeEnvironmentPlace();
    await place.settings(twoServices(place.port));
    const home = `${disk.path}/home`;
    await Deno.mkdir(home, { mode: 0o700 });
    const run = async (line: string) => {
      const env = { "REEVE_HOME": home };
      return await reeve({ env }, line.split(" "), {}, { cwd: place.root });
    };
    const refused = async (error: RegExp, hint: RegExp) => {
      const { code, stderr } = await run("start");
      assertEquals(code, 1, stderr);
      assertMatch(stderr, error);
      assertMatch(stderr, hint);
      assert(!stderr.includes("bug"), stderr);
      assertEquals(await runningIn(place.root), []);
    };
    for (const left of [0, 8, 24]) {
      await t.step(`${left} KiB are left`, async () => {
        const filler = `${disk.path}/filler`;
        using file = await Deno.open(filler, { write: true, create: true });
        const page = new Uint8Array(4096);
        try {
          while (true) await file.write(page);
        } catch (error) {
          assert(error instanceof Error);
        }
        const { size } = await file.stat();
        await file.truncate(Math.max(0, size - left * 1024));
        await refused(/\/home.*: no space/, /hint: Free some space/);
        await Deno.remove(filler);
      });
    }
    await t.step("with room it starts, and read-only it does not", async () => {
      const started = await run("start");
      assertEquals(started.code, 0, started.stderr);
      assertEquals((await runningIn(place.root)).length, 2);
      assertEquals((await run("stop")).code, 0);
      assertEquals(await runningIn(place.root), []);
      assert(await disk.remount("ro"));
      await refused(/read only/, /hint: Make it writable/);
      assert(await disk.remount("rw"));
    });
  },
});
