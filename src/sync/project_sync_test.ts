import { assert, assertEquals, assertThrows } from "@std/assert";
import { createFakeHost, type FakeHost } from "#support/fake_host.ts";
import { queueHostOf } from "#support/fake_queue.ts";
import { draftOf, PROJECT_ID, ROOT } from "#support/tasks.ts";
import { ProjectSink } from "../queue/sink.ts";
import { UnassignedSink } from "../queue/unassigned_sink.ts";
import {
  findPlace,
  hasQueue,
  openQueue,
  originOf,
  sinkFor,
} from "./project_sync.ts";

const FILE = "/home/ada/code/.reeve";
const COMMIT = "0123456789abcdef0123456789abcdef01234567";

function hostWith(files: Readonly<Record<string, string>>): FakeHost {
  const host = createFakeHost();
  for (const [path, text] of Object.entries(files)) {
    host.world.disk.put(path, text);
  }
  return host;
}

const PROJECT = { [FILE]: `REEVE_PROJECT_ID=${PROJECT_ID}\n` };

Deno.test("findPlace() looks at a project without a change", () => {
  const host = hostWith(PROJECT);
  const place = findPlace(host);
  assertEquals(place.project?.id, PROJECT_ID);
  assertEquals(
    place.projectPaths?.queue,
    `${ROOT}/projects/${PROJECT_ID}/queue.db`,
  );
  assertEquals(host.world.writes, []);
});

Deno.test("findPlace() has a file for events of a directory without identity", () => {
  const bare = findPlace(hostWith({}));
  assertEquals([bare.project, bare.projectPaths], [undefined, undefined]);
  const checkout = findPlace(hostWith({ "/home/ada/code/.git/HEAD": "" }));
  assertEquals(checkout.projectPaths, undefined);
  assert(bare.unassigned.startsWith(`${ROOT}/projects/_unassigned/`));
  assertEquals(bare.unassigned, checkout.unassigned);
});

Deno.test("sinkFor() keeps events of no project apart", async () => {
  const host = hostWith({});
  const sink = sinkFor(await queueHostOf(host), findPlace(host));
  assert(sink instanceof UnassignedSink);
  const [outcome] = sink.capture([draftOf()]);
  assertEquals(outcome?.kind, "spilled");
  sink.close();
  assert(!hasQueue(host, findPlace(host)));
});

Deno.test("sinkFor() writes down whether the background may deliver", async () => {
  for (const [word, allowed] of [["false", 0], ["true", 1]] as const) {
    const host = hostWith({
      [FILE]: `${PROJECT[FILE]}REEVE_SYNC_AUTO_START=${word}\n`,
    });
    const queueHost = await queueHostOf(host);
    const place = findPlace(host);
    const sink = sinkFor(queueHost, place);
    assert(sink instanceof ProjectSink);
    assertEquals(sink.capture([draftOf()])[0]?.kind, "captured");
    sink.close();
    const { db } = openQueue(queueHost, place);
    const row = db.get("SELECT allows_background AS n FROM meta");
    assertEquals(row?.["n"], allowed);
  }
});

Deno.test("openQueue() opens the queue of a project, and only that", async () => {
  const host = hostWith(PROJECT);
  const queueHost = await queueHostOf(host);
  const place = findPlace(host);
  assert(!hasQueue(host, place));
  assertEquals(openQueue(queueHost, place).projectId, PROJECT_ID);
  assert(hasQueue(host, place));
  const nowhere = findPlace(hostWith({}));
  assertThrows(() => openQueue(queueHost, nowhere), TypeError);
  const heal = host.world.failFiles(
    place.projectPaths?.queue ?? "",
    "permission_denied",
    { operation: "openDatabase" },
  );
  assertThrows(() => openQueue(queueHost, place), Error, "cannot be opened");
  heal();
});

Deno.test("originOf() tells only what the person allows", () => {
  const files = {
    ...PROJECT,
    "/home/ada/code/.git/HEAD": "ref: refs/heads/main\n",
    "/home/ada/code/.git/refs/heads/main": `${COMMIT}\n`,
  };
  const include = (...words: string[]) => ({
    [`${ROOT}/config.json`]: JSON.stringify({
      "schema_version": 1,
      sync: { privacy: { include: words } },
    }),
  });
  const originWith = (...words: string[]) => {
    const host = hostWith({ ...files, ...include(...words) });
    return originOf(host, findPlace(host))();
  };
  const nothing = originWith();
  assertEquals(
    [nothing.gitBranch, nothing.headCommitSha, nothing.repoSlug],
    [null, null, null],
  );
  assertEquals(nothing.projectId, PROJECT_ID);
  assertEquals(originWith("branch").gitBranch, "main");
  assertEquals(originWith("branch").headCommitSha, null);
  assertEquals(originWith("commit").headCommitSha, COMMIT);
  assertEquals(originWith("repo").repoSlug, "code");
});

Deno.test("originOf() looks at the commit once in two seconds", async () => {
  const host = hostWith({
    ...PROJECT,
    "/home/ada/code/.git/HEAD": "ref: refs/heads/main\n",
    "/home/ada/code/.git/refs/heads/main": `${COMMIT}\n`,
  });
  const origin = originOf(host, findPlace(host));
  assertEquals(origin().headCommitSha, COMMIT);
  const next = COMMIT.replace("0", "f");
  host.world.disk.put("/home/ada/code/.git/refs/heads/main", `${next}\n`);
  await host.world.advance(1999);
  assertEquals(origin().headCommitSha, COMMIT);
  await host.world.advance(1);
  assertEquals(origin().headCommitSha, next);
});
