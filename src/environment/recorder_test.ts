import { assert, assertEquals, assertThrows } from "@std/assert";
import { pathsBelow } from "#support/environment_runs.ts";
import { createFakeHost } from "#support/fake_host.ts";
import { KnownError } from "../errors.ts";
import { type Host, HostError } from "../host/host.ts";
import { baseName } from "../host/path.ts";
import { debugPaths } from "../state/environment_paths.ts";
import { openRecorder } from "./recorder.ts";
import {
  KEPT_MS,
  KEPT_SESSIONS,
  pruneSessions,
  readRecorded,
  SESSION_LINES,
  sessionPath,
} from "./recorder_file.ts";
import { recorderMode } from "./recorder_mode.ts";
import { isBurst, watchTerminal } from "./recorder_terminal.ts";

const PATHS = pathsBelow("/home/ada/.reeve");
const { directory: DIRECTORY } = debugPaths(PATHS);
const LINE = {
  command: "start",
  mode: "main",
  words: ["start", "--project=secret-words", "secret-word"],
};

Deno.test.each([
  { text: undefined, is: "off" },
  { text: "off", is: "off" },
  { text: " deep ", is: "deep" },
  { text: "standard", is: "standard" },
])("recorderMode() of $text is $is", ({ text, is }) => {
  assertEquals(recorderMode({ get: () => text }), is);
});

Deno.test("recorderMode() names the words that it takes", () => {
  assertThrows(
    () => recorderMode({ get: () => "verbose" }),
    KnownError,
    "Cannot use REEVE_DEBUG: it must be one of off, standard, deep",
  );
});

Deno.test("a recorded command has a begin and an end, and no words of its line", () => {
  const host = createFakeHost();
  const recorder = openRecorder(host, PATHS, "deep", LINE);
  host.world.clock.advance(5);
  recorder.end({ kind: "error", error: new KnownError("usage", "x") });
  const events = readRecorded(host, PATHS);
  assertEquals(events.map(({ event }) => event), [
    "command.begin",
    "command.end",
  ]);
  assertEquals(events[1]?.["outcome"], "usage");
  const text = JSON.stringify(events);
  assert(!text.includes("secret-word"), text);
  assert(text.includes("--project=<12 letters, "), text);
});

Deno.test("standard leaves the world as it is", () => {
  const host = createFakeHost();
  const recorder = openRecorder(host, PATHS, "standard", LINE);
  assert(recorder.host === host);
  recorder.end({ kind: "result", exit: 0 });
  const [begin] = readRecorded(host, PATHS);
  assert(begin !== undefined && !Object.hasOwn(begin, "words"));
});

Deno.test("what a command starts is recorded by its shape", async () => {
  const host = createFakeHost();
  const spawnService = () =>
    Promise.reject(new HostError("not_found", "/secret-word"));
  const processes: Host["processes"] = { ...host.processes, spawnService };
  const recorder = openRecorder(
    { ...host, processes },
    PATHS,
    "deep",
    LINE,
  );
  await recorder.host.processes.spawnService({
    command: ["/bin/node", "secret-word"],
    env: { A: "secret-word" },
    cwd: "/",
    logPath: "/log",
  }).catch(() => undefined);
  const launch = readRecorded(host, PATHS)[1] ?? {};
  assertEquals(
    [launch["program"], launch["words"], launch["variables"]],
    ["node", 2, 1],
  );
  assertEquals(launch["outcome"], "not_found");
  assert(!JSON.stringify(launch).includes("secret-word"));
});

Deno.test("a session has an end to its lines, and says so", async () => {
  const host = createFakeHost();
  const recorder = openRecorder(host, PATHS, "deep", LINE);
  for (let at = 0; at < SESSION_LINES; at++) {
    (await recorder.host.terminal.openKeys()).close();
  }
  recorder.end({ kind: "result", exit: 0 });
  const events = readRecorded(host, PATHS);
  assertEquals(events.length, SESSION_LINES);
  assertEquals(events.at(-2)?.["name"], "debug_limit_reached");
  assertEquals(events.at(-1)?.["event"], "command.end");
});

Deno.test("a disk that refuses ends no command", () => {
  const host = createFakeHost();
  const blocking: Host["blocking"] = {
    ...host.blocking,
    makeDirectory: () => {
      throw new HostError("read_only", DIRECTORY);
    },
  };
  const recorder = openRecorder({ ...host, blocking }, PATHS, "deep", LINE);
  recorder.end({ kind: "result", exit: 0 });
  assertEquals(readRecorded(host, PATHS), []);
});

Deno.test("old commands and those above the number go, the oldest first", () => {
  const host = createFakeHost({ startMs: 10 * KEPT_MS });
  const now = host.clock.now();
  const put = (at: number) =>
    host.world.disk.put(sessionPath(PATHS, at, "0".repeat(8)), "{}\n");
  put(now - KEPT_MS - 1);
  for (let at = 0; at < KEPT_SESSIONS + 3; at++) put(now - at);
  host.world.disk.put(`${DIRECTORY}/last_bundle.json`, "{}");
  pruneSessions(host, PATHS);
  const left = host.blocking.list(DIRECTORY);
  assertEquals(left.length, KEPT_SESSIONS + 1);
  assert(left.includes("last_bundle.json"));
  assert(
    left.includes(baseName(sessionPath(PATHS, now, "0".repeat(8)))),
    "the newest one stays",
  );
});

Deno.test("the keyboard is watched without its keys", async () => {
  const host = createFakeHost({ terminal: { keys: Array(8).fill("q") } });
  const seen: unknown[] = [];
  const terminal = watchTerminal(host, (event, fields) => {
    seen.push([event, fields["change"] ?? fields["name"], fields["keys"]]);
  });
  const keys = await terminal.openKeys();
  for (let at = 0; at < 8; at++) await keys.next();
  terminal.settle();
  keys.close();
  keys.close();
  assertEquals(terminal.columns, host.terminal.columns);
  assertEquals(seen, [
    ["terminal", "keys_begin", undefined],
    ["anomaly", "input_repeated_burst", undefined],
    ["anomaly", "keys_left_open", undefined],
    ["terminal", "keys_end", 8],
  ]);
});

Deno.test.each([
  { name: "eight at once", keys: "aaaaaaaa", gap: 1, is: "a burst" },
  { name: "six of eight", keys: "aaaaaabc", gap: 1, is: "a burst" },
  { name: "five of eight", keys: "aaaaabcd", gap: 1, is: "none" },
  { name: "seven", keys: "aaaaaaa", gap: 1, is: "none" },
  { name: "eight by a person", keys: "aaaaaaaa", gap: 200, is: "none" },
])("$name is $is", ({ keys, gap, is }) => {
  const pressed = [...keys].map((key, at) => ({ key, at: at * gap }));
  assertEquals(isBurst(pressed) ? "a burst" : "none", is);
});
