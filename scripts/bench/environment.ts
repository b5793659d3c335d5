/** What bringing services up, looking at them and ending them costs. */

import { makeSandbox, type Sandbox } from "#support/sandbox.ts";
import { type Figure, median } from "./figure.ts";
import { makeListener } from "./listener.ts";
import { GRACE_MS, makePlace, type Place } from "./service_place.ts";

const RUNS = 9;
const LOG_BYTES = 1024 ** 3;

/** What a line took, and an empty program right before it; both in ms. */
interface Run {
  readonly took: number;
  readonly floor: number;
}

type Times = Readonly<Record<string, readonly Run[]>>;

/** Runs lines in turn, each right after an empty program. */
async function timeAll(
  place: Place,
  lines: readonly string[],
  runs = RUNS,
): Promise<Times> {
  const times: Record<string, Run[]> = {};
  for (let run = 0; run <= runs; run++) {
    for (const line of lines) {
      const floor = await place.idle();
      const took = await place.run(line);
      if (run > 0) (times[line] ??= []).push({ took, floor });
    }
  }
  return times;
}

function summaryOf(runs: readonly Run[] = []) {
  return {
    took: median(runs.map(({ took }) => took)),
    floor: median(runs.map(({ floor }) => floor)),
    ratio: median(runs.map(({ floor, took }) => took / floor)),
  };
}

/** What an empty program took, in ms, where the limits in ms were set. */
const USUAL_FLOOR_MS = 21;

/**
 * A time beside its limit. Where an empty program takes longer than where the
 * limit was set, so may everything else: a machine that is half as fast today
 * says nothing about us.
 */
function figure(name: string, limitMs: number, line: string, times: Times) {
  const runs = times[line] ?? [];
  const { floor, ratio, took } = summaryOf(runs);
  // The speed of a machine may change from one second to the next.
  const share = median(
    runs.map((run) =>
      run.took / (limitMs * Math.max(1, run.floor / USUAL_FLOOR_MS))
    ),
  );
  return {
    name,
    value: took,
    limit: Math.round(took / share),
    unit: "ms",
    note: `${ratio.toFixed(1)} × an empty program (${floor.toFixed(1)} ms); ` +
      `${limitMs} where that takes ${USUAL_FLOOR_MS}`,
  };
}

/** Starts and stops, and what looking at services costs meanwhile. */
async function benchMany(
  main: string,
  sandbox: Sandbox,
  [count, startMs, stopMs]: readonly [number, number, number],
  listener: string,
): Promise<readonly Figure[]> {
  const commands = Array.from({ length: count }, () => `${listener} {port}`);
  const place = await makePlace(main, sandbox, `many${count}`, commands);
  const times = await timeAll(place, [
    "start",
    "resume",
    "status --json",
    "health --json",
    "stop",
  ]);
  const all = `${count} services`;
  const looks = count < 50 ? [] : [
    figure(`status of ${all}`, 60, "status --json", times),
    figure(`health of ${all}`, 60, "health --json", times),
  ];
  return [
    figure(`start of ${all} until all listen`, startMs, "start", times),
    figure(`resume of ${all}, nothing to do`, 100, "resume", times),
    ...looks,
    figure(`stop of ${all}`, stopMs, "stop", times),
  ];
}

/** Commands that change nothing, beside an empty program. */
async function benchInspection(
  main: string,
  sandbox: Sandbox,
  listener: string,
): Promise<readonly Figure[]> {
  const commands = Array.from({ length: 5 }, () => `${listener} {port}`);
  const place = await makePlace(main, sandbox, "looks", commands);
  const lines = [
    "list-commands",
    "show-config",
    "list-targets",
    "explain-startup",
    "status",
    "health",
    "endpoints",
    "show-state",
  ];
  await place.run("start");
  const times = await timeAll(place, lines);
  await place.run("stop");
  return lines.map((line) => {
    const { floor, ratio, took } = summaryOf(times[line]);
    return {
      name: line,
      value: ratio,
      limit: 3,
      unit: "× an empty program",
      note: `${took.toFixed(1)} ms against ${floor.toFixed(1)} ms`,
    };
  });
}

/** How much longer than their grace stubborn services take. */
async function benchStubborn(
  main: string,
  sandbox: Sandbox,
  listener: string,
): Promise<Figure> {
  const commands = Array.from(
    { length: 18 },
    (_, at) => `${listener} {port}${at < 6 ? " stubborn" : ""}`,
  );
  const place = await makePlace(main, sandbox, "stubborn", commands);
  const polite = await makePlace(
    main,
    sandbox,
    "polite",
    commands.map(() => `${listener} {port}`),
  );
  const times: number[] = [];
  const floors: number[] = [];
  for (let run = 0; run < 5; run++) {
    await place.run("start");
    times.push(await place.run("stop") - GRACE_MS);
    await polite.run("start");
    floors.push(await polite.run("stop"));
  }
  const floor = median(floors);
  return {
    name: "stop of 18 services, 6 of them stubborn, over the grace",
    value: median(times) - floor,
    limit: 30,
    unit: "ms",
    note: `more than the ${floor.toFixed(1)} ms that 18 polite ones take`,
  };
}

/** Milliseconds from the moment a service listens until that is seen. */
async function benchReady(
  main: string,
  sandbox: Sandbox,
  listener: string,
): Promise<Figure> {
  const stamp = `${sandbox.directory}/stamp`;
  const place = await makePlace(main, sandbox, "ready", [
    `${listener} {port} ${stamp}`,
  ]);
  const late: number[] = [];
  for (let run = 0; run < RUNS; run++) {
    await place.run("start");
    const truth = Number(await Deno.readTextFile(stamp));
    late.push(await readReady(sandbox) - truth);
    await place.run("stop");
  }
  return {
    name: "a service that listens is seen after",
    value: median(late),
    limit: 10,
    unit: "ms",
  };
}

/** Epoch milliseconds of the last `service.ready`. */
async function readReady(sandbox: Sandbox): Promise<number> {
  const home = sandbox.env["REEVE_HOME"] ?? "";
  let last = 0;
  for await (const { name } of Deno.readDir(`${home}/environments`)) {
    const path = `${home}/environments/${name}/events.jsonl`;
    const text = await Deno.readTextFile(path).catch(() => "");
    for (const line of text.split("\n")) {
      if (!line.includes('"service.ready"')) continue;
      last = Math.max(last, Date.parse(JSON.parse(line).timestamp));
    }
  }
  return last;
}

/** Reading the end of a log of a gigabyte. */
async function benchLog(
  main: string,
  sandbox: Sandbox,
  listener: string,
): Promise<Figure> {
  const place = await makePlace(main, sandbox, "log", [`${listener} {port}`]);
  await place.run("start");
  const log = await findLog(`${sandbox.env["REEVE_HOME"]}/environments`);
  await Deno.truncate(log, LOG_BYTES);
  const lines = Array.from({ length: 200 }, (_, at) => `\nline ${at}`);
  await Deno.writeTextFile(log, `${lines.join("")}\n`, { append: true });
  const times = await timeAll(place, ["logs --tail 20"]);
  await place.run("stop");
  return figure("logs --tail 20 of 1 GiB", 100, "logs --tail 20", times);
}

async function findLog(directory: string): Promise<string> {
  for await (const { name, isDirectory } of Deno.readDir(directory)) {
    const path = `${directory}/${name}`;
    if (name.endsWith("_s0.log") && path.includes("/logs/")) return path;
    const found = isDirectory ? await findLog(path) : "";
    if (found !== "" && (await Deno.stat(found)).size === 0) return found;
  }
  return "";
}

/** Measures the part that keeps a repository's services. */
export async function benchEnvironment(
  main: string,
): Promise<readonly Figure[]> {
  await using sandbox = await makeSandbox();
  const listener = await makeListener(sandbox.directory);
  return [
    ...await benchInspection(main, sandbox, listener),
    ...await benchMany(main, sandbox, [10, 120, 80], listener),
    ...await benchMany(main, sandbox, [50, 250, 200], listener),
    await benchStubborn(main, sandbox, listener),
    await benchReady(main, sandbox, listener),
    await benchLog(main, sandbox, listener),
  ];
}
