import { assert, assertEquals } from "@std/assert";
import {
  identityOf,
  pathsBelow,
  runIdOf,
  runOf,
  SCOPE,
  serviceOf,
} from "#support/environment_runs.ts";
import { FakeWorld } from "#support/fake_host.ts";
import {
  environmentPaths,
  latestPath,
  scopeOf,
} from "../state/environment_paths.ts";
import { formatDocument } from "./document_codec.ts";
import { takeLease } from "./lifecycle_lease.ts";
import { findServersInside } from "./orphan_place.ts";
import { isRepositoryThere, knownUnits, readHistory } from "./orphan_scope.ts";
import { encodeRun } from "./run_codec.ts";
import { readIndexCopies, requireIndex } from "./run_index_file.ts";
import { retireRun, saveRun } from "./run_repository.ts";

const ROOT = "/home/ada/.reeve";
const PATHS = pathsBelow(ROOT);

function runWith(pid: number) {
  const identity = identityOf(pid);
  const services = [serviceOf("Main", "api", { identity })];
  return { ...runOf(1), services, dependencies: [] };
}

const intent = (pid: number) => ({
  intent: {
    intentId: `i${pid}`,
    runId: runIdOf(1),
    project: "Main",
    unit: "web",
    port: undefined,
    marker: identityOf(pid).marker,
    argvHash: "",
  },
  at: 0,
  identity: undefined,
});

Deno.test("a unit that is up is neither a leftover nor an intent", () => {
  const books = {
    runs: [runWith(10)],
    history: [runWith(10), runWith(11), runWith(12)],
    intents: [intent(10), intent(11)],
    isBusy: false,
  };
  const seen = (more: Partial<typeof books> = {}) =>
    knownUnits({ ...books, ...more }).map(({ name, knowledge, marker }) =>
      `${marker.split(".").at(-1)} ${name} ${knowledge}`
    );
  const others = ["10 Main api active", "12 Main api stale"];
  assertEquals(seen().toSorted(), [
    others[0],
    "11 Main web intended",
    others[1],
  ]);
  assertEquals(seen({ isBusy: true }).toSorted(), [
    others[0],
    "11 Main web starting",
    others[1],
  ]);
});

Deno.test("history is what was saved of runs that are over, and before", async () => {
  const world = new FakeWorld();
  const host = world.host();
  using lease = await takeLease(host, PATHS, "reeve start");
  await saveRun(host, PATHS, lease, runWith(10));
  await world.advance(1000);
  await saveRun(host, PATHS, lease, runWith(11));
  const read = async () => {
    const { index } = requireIndex(PATHS, await readIndexCopies(host, PATHS));
    return (await readHistory(host, PATHS, index))
      .flatMap(({ services }) => services.map((one) => one.identity?.pid));
  };
  assertEquals(await read(), [10]);
  await retireRun(host, PATHS, lease, runIdOf(1));
  assertEquals(await read(), [11, 10]);
  for (const path of Object.keys(world.disk.texts())) {
    if (path.includes("/revisions/")) world.disk.put(path, "spoilt");
  }
  assertEquals(await read(), []);
});

Deno.test("a repository is gone only when its own path is", async () => {
  const world = new FakeWorld();
  const host = world.host();
  const is = (scope: string) => isRepositoryThere(host, ROOT, scope);
  const scope = await scopeOf("/shop");
  assert(await is(scope));
  const put = (text: string) => {
    const paths = environmentPaths({ root: ROOT }, scope);
    world.disk.put(latestPath(paths, "run_state"), text);
  };
  put("spoilt");
  assert(await is(scope));
  // A worktree is below the root that the scope is named after.
  put(formatDocument(encodeRun(scope, runOf(1, ["trees/a"]))));
  assert(!await is(scope));
  world.disk.put("/shop/README.md", "");
  assert(await is(scope));
  const other = environmentPaths({ root: ROOT }, SCOPE);
  put("");
  world.disk.put(
    latestPath(other, "run_state"),
    formatDocument(encodeRun(SCOPE, runOf(1))),
  );
  assert(await is(SCOPE));
});

Deno.test("a server inside is one that listens and works there", async () => {
  const world = new FakeWorld();
  const host = world.host({ pid: 900 });
  const at = (pid: number, cwd: string, spec = {}) => {
    world.addProcess({ pid, ...spec });
    world.disk.putLink(`/proc/${pid}/cwd`, cwd);
  };
  for (const path of ["/shop/api", "/shopping", "/home/ada/code"]) {
    world.disk.put(`${path}/file`, "");
  }
  at(100, "/shop", { ports: [3000] });
  at(101, "/shop/api", { ports: [3001] });
  at(102, "/shopping", { ports: [3002] });
  at(103, "/shop");
  at(104, "/shop", { ports: [3004], uid: 33 });
  world.addProcess({ pid: 105, ports: [3005] });
  at(106, "/home/ada/code", { ports: [3006] });
  const find = async (...directories: readonly string[]) => {
    const listing = await host.processes.table();
    const rows = listing.kind === "table" ? listing.rows : [];
    return [...await findServersInside(host, rows, directories)].sort();
  };
  assertEquals(await find("/shop"), [100, 101]);
  assertEquals(await find("/shop/api", "/home/ada/code"), [101, 106]);
  // Whoever keeps the whole home in a repository would lose everything.
  assertEquals(await find("/home/ada", "/home", "/"), []);
  assertEquals(await find(), []);
});
