/**
 * What whoever imports the library loads by that: a program that only records
 * events must not pay for the backends and the metrics of a job queue.
 */

import { assert, assertEquals } from "@std/assert";

const PROJECT = new URL("../..", import.meta.url).pathname;
const HEAVY =
  /^npm:\/?(?:bullmq|ioredis|@opentelemetry\/)|\/src\/jobs\/(?:sqlite|redis|memory|metrics)/;

interface Module {
  readonly specifier: string;
  readonly dependencies?: readonly {
    readonly code?: { readonly specifier: string };
    readonly isDynamic?: boolean;
  }[];
}

/** Every module that `mod.ts` loads. */
async function loaded(
  { withLazy }: { readonly withLazy: boolean },
): Promise<readonly string[]> {
  const { stdout } = await new Deno.Command(Deno.execPath(), {
    args: ["info", "--json", "mod.ts"],
    cwd: PROJECT,
    stderr: "inherit",
  }).output();
  const { roots, modules }: {
    readonly roots: readonly string[];
    readonly modules: readonly Module[];
  } = JSON.parse(new TextDecoder().decode(stdout));
  const known = new Map(modules.map((one) => [one.specifier, one]));
  const found = new Set(roots);
  for (const specifier of found) {
    for (const one of known.get(specifier)?.dependencies ?? []) {
      const isMeant = withLazy || one.isDynamic !== true;
      if (isMeant && one.code !== undefined) found.add(one.code.specifier);
    }
  }
  return [...found];
}

Deno.test("importing the library loads no backend of the job queue and no metrics", async () => {
  const all = await loaded({ withLazy: false });
  assert(all.some((one) => one.endsWith("/src/jobs/tenants.ts")));
  assertEquals(all.filter((one) => HEAVY.test(one)), []);
});

Deno.test("the library can load backends later, so the list above is one of something", async () => {
  const all = await loaded({ withLazy: true });
  const heavy = all.filter((one) => HEAVY.test(one));
  for (
    const part of ["bullmq", "ioredis", "sqlite_backend", "memory_backend"]
  ) {
    assert(heavy.some((one) => one.includes(part)), `${part} in ${heavy}`);
  }
});
