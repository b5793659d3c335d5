import { assertEquals } from "@std/assert";
import { judge, memoryText, type Sample } from "./soak_verdict.ts";

/** One sample a minute, with memory in MiB. */
function samplesOf(
  memory: readonly number[],
  more: Partial<Sample> = {},
): readonly Sample[] {
  return memory.map((mib, at) => ({
    minutes: at + 1,
    rssKib: mib * 1024,
    files: 20,
    processes: 1,
    rounds: at + 1,
    ...more,
  }));
}

Deno.test.each([
  { memory: [50, 60, 60, 60], trend: "flat", problems: 0 },
  { memory: [50, 60, 40, 41], trend: "flat", problems: 0 },
  { memory: [50, 60, 60, 62], trend: "flat", problems: 0 },
  { memory: [50, 60, 60, 62.1], trend: "grows", problems: 0 },
  { memory: [50, 60, 66, 69], trend: "levels off", problems: 0 },
  { memory: [50, 60, 66, 69.1], trend: "grows", problems: 1 },
  { memory: [50, 60, 62, 68], trend: "grows", problems: 0 },
  { memory: [50, 60, 62, 68.1], trend: "grows", problems: 1 },
  { memory: [50, 60, 76, 84], trend: "levels off", problems: 0 },
  { memory: [50, 60, 80, 88.1], trend: "levels off", problems: 1 },
  // What goes up and down between is the work of the collector.
  { memory: [9, 50, 60, 30, 60, 20, 10, 60], trend: "flat", problems: 0 },
  { memory: [50, 90, 50], trend: "flat", problems: 0 },
])("judge() of $memory MiB: $trend, $problems problems", (row) => {
  const { trend, problems } = judge(samplesOf(row.memory));
  assertEquals([trend, problems.length], [row.trend, row.problems]);
});

Deno.test("judge() says which way the memory goes and how fast", () => {
  const { rssSlope, peaksKib, problems } = judge(
    samplesOf([1, 2, 10, 10, 20, 25, 30, 35]),
  );
  assertEquals(Math.round(rssSlope), 5 * 1024);
  assertEquals(peaksKib, [2, 10, 25, 35].map((mib) => mib * 1024));
  assertEquals(problems, [
    "memory grows: at most 2, 10, 25, 35 MiB in each quarter",
  ]);
});

Deno.test.each([
  { files: [9, 9, 20, 22], problems: [] },
  { files: [9, 9, 20, 23], problems: ["3 more files are open"] },
])("judge() of $files open files", ({ files, problems }) => {
  const samples = samplesOf([1, 1, 1, 1])
    .map((sample, at) => ({ ...sample, files: files[at] ?? 0 }));
  const verdict = judge(samples);
  assertEquals(verdict.problems, problems);
  assertEquals(Math.round(verdict.fileSlope), (files[3] ?? 0) - 20);
});

Deno.test("judge() counts daemons, and needs no sample", () => {
  assertEquals(judge(samplesOf([1], { processes: 2 })).problems, [
    "2 daemons were there at once",
  ]);
  const { problems, peaksKib, trend } = judge([]);
  assertEquals(problems, []);
  assertEquals(memoryText(peaksKib, trend), "memory unknown: too few rounds");
});
