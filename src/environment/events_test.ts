import { assertEquals, assertMatch } from "@std/assert";
import { pathsBelow } from "#support/environment_runs.ts";
import { createFakeHost } from "#support/fake_host.ts";
import { HostError } from "../host/host.ts";
import { readEvents } from "./event_file.ts";
import { openEvents } from "./events.ts";

const PATHS = pathsBelow("/home/ada/.reeve");

Deno.test("events carry the run as soon as it is known", async () => {
  const host = createFakeHost();
  const log = openEvents(host, PATHS, "start");
  log.note("startup.phase", { phase: "state", at_ms: 0 });
  log.trace("run-1");
  log.note("startup.phase", { phase: "plan", at_ms: 2 });
  await log.flush();
  const { events } = readEvents(host, PATHS);
  assertEquals(
    events.map((event) => [event["trace_id"], event["phase"], event["at_ms"]]),
    [["trace-start", "state", 0], ["run-1", "plan", 2]],
  );
  assertEquals(log.problem, undefined);
});

Deno.test("a disk that takes no events is told of and ends nothing", async () => {
  const host = createFakeHost();
  const files = {
    ...host.files,
    append: () => Promise.reject(new HostError("no_space", PATHS.events)),
  };
  const log = openEvents({ ...host, files }, PATHS, "start");
  log.note("startup.phase", { phase: "state", at_ms: 0 });
  await log.flush();
  assertMatch(log.problem ?? "", /no space/);
});
