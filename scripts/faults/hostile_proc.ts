/**
 * Processes that choose their names and arguments to mislead whoever reads
 * `/proc`.
 *
 * @module
 */

import "#support/c_library.ts";
import { assertEquals } from "@std/assert";
import { waitUntil } from "#support/wait_until.ts";
import { denoHost } from "../../src/host/deno_host.ts";
import { parseCommandLine, parseUid } from "../../src/host/platform/linux.ts";
import { parseStat } from "../../src/host/platform/linux_stat.ts";
import { parseEnviron } from "../../src/host/platform/linux_table.ts";
import { parseListenRows } from "../../src/host/platform/listen_row.ts";
import { parseMessages } from "../../src/host/platform/sock_diag.ts";
import type { ProcessFacts } from "../../src/host/processes.ts";
import { type Fault, numbersFrom, Tally, wantedOf } from "./fault.ts";

const FRAGMENTS = [
  ")",
  "(",
  ") R 1",
  ") Z 1 1 1",
  " ",
  "\n",
  "\t",
  "\u001b[2J",
  "\u202e",
  "é",
  "�",
  "0",
  "-1",
  "S",
  "Uid:\t0",
  "\nREEVE_UNIT=",
  "REEVE_UNIT=",
  "=",
  "daemon",
  "run",
  "--reeve-daemon-root=/",
  "'",
  '"',
  "\\",
  "$(id)",
  "..",
  "%s",
  "\r",
];

/** A process has at most so many bytes of name; a kernel thread has more. */
const NAME_BYTES = 15;

type Next = (limit: number) => number;

function hostile(next: Next, parts: number): string {
  return Array.from(
    { length: next(parts + 1) },
    () => FRAGMENTS[next(FRAGMENTS.length)],
  ).join("");
}

function hostileName(next: Next): string {
  const bytes = new TextEncoder().encode(hostile(next, 6));
  return new TextDecoder().decode(bytes.slice(0, NAME_BYTES));
}

function checkStat(next: Next): void {
  const facts = {
    state: "RSDZTtXI"[next(8)] ?? "R",
    parentPid: next(4_194_304),
    processGroup: next(4_194_304),
    sessionId: next(4_194_304),
    startTicks: String(next(4_000_000_000)),
  };
  const { state, parentPid, processGroup, sessionId, startTicks } = facts;
  const between = Array.from({ length: 15 }, () => next(100_000)).join(" ");
  const after = Array.from({ length: 30 }, () => next(100_000)).join(" ");
  const text = `${next(4_194_304)} (${hostileName(next)}) ${state} ` +
    `${parentPid} ${processGroup} ${sessionId} ${between} ${startTicks} ` +
    `${after}\n`;
  assertEquals(parseStat(text), facts);
  // A text that was cut says nothing, or the same.
  const part = parseStat(text.slice(0, next(text.length)));
  if (part !== undefined) assertEquals(part, facts);
}

function checkCommandLine(next: Next): void {
  const argv = Array.from({ length: 1 + next(6) }, () => hostile(next, 5));
  assertEquals(parseCommandLine(`${argv.join("\0")}\0`), argv);
}

function checkStatus(next: Next): void {
  const uid = next(4_294_967_295);
  // The kernel itself spells newlines and backslashes of a name here.
  const name = hostileName(next).replaceAll("\\", "\\\\")
    .replaceAll("\n", "\\n");
  const status = `Name:\t${name}\nUmask:\t0022\nState:\tS (sleeping)\n` +
    `Uid:\t${uid}\t0\t0\t0\nGid:\t0\t0\t0\t0\n`;
  assertEquals(parseUid(status), uid);
}

function checkEnvironment(next: Next): void {
  const value = hostile(next, 4).replaceAll("\0", "");
  const has = next(2) === 0;
  const others = Array.from(
    { length: next(4) },
    (_, at) => `X${at}=${hostile(next, 4)}`,
  );
  const all = [...others, ...(has ? [`REEVE_UNIT=${value}`] : []), "LAST="];
  const found = parseEnviron(`${all.join("\0")}\0`, "REEVE_UNIT");
  assertEquals(found, has ? value : undefined);
}

function checkListeners(next: Next): void {
  const hex = (value: number, width: number) =>
    value.toString(16).toUpperCase().padStart(width, "0");
  const rows = Array.from({ length: 1 + next(3) }, () => ({
    port: next(65_536),
    uid: next(70_000),
    inode: String(next(4_000_000_000)),
    isListening: next(3) > 0,
  }));
  const lines = rows.map(({ port, uid, inode, isListening }, at) =>
    `  ${at}: 0100007F:${hex(port, 4)} 00000000:0000 ` +
    `${isListening ? "0A" : "01"} 00000000:00000000 00:00000000 00000000 ` +
    ` ${uid}        0 ${inode} 1 0000000000000000 100 0 0 10 0`
  );
  const wanted = rows.filter(({ isListening }) => isListening)
    .map(({ port, uid, inode }) => ({
      address: "127.0.0.1",
      port,
      uid,
      inode,
    }));
  const text = `  sl  local_address ${hostileName(next)}`.replace("\n", " ");
  assertEquals(parseListenRows([text, ...lines, ""].join("\n")), wanted);
}

function checkNetlink(next: Next): void {
  const bytes = Uint8Array.from({ length: next(160) }, () => next(256));
  // Lengths that lead out of the message, or nowhere.
  if (bytes.length > 4) bytes.set([next(160), 0, 0, 0]);
  const parsed = parseMessages(bytes);
  if (parsed !== undefined) assertEquals(typeof parsed.isDone, "boolean");
}

const CHECKS: readonly (readonly [string, (next: Next) => void])[] = [
  ["stat", checkStat],
  ["cmdline", checkCommandLine],
  ["status", checkStatus],
  ["environ", checkEnvironment],
  ["net/tcp", checkListeners],
  ["netlink", checkNetlink],
];

/** A process that is just being replaced by its program has no arguments. */
async function inspectSoon(pid: number): Promise<ProcessFacts | undefined> {
  let facts: ProcessFacts | undefined;
  await waitUntil(`process ${pid} runs its program`, async () => {
    const now = (await denoHost.processes.inspect([pid])).get(pid);
    facts = now?.kind === "found" ? now.facts : undefined;
    return facts?.argv !== undefined;
  });
  return facts;
}

/** Reads real processes whose names and arguments are hostile. */
async function checkReal(tally: Tally, count: number): Promise<void> {
  const next = numbersFrom(count);
  const directory = await Deno.makeTempDir({ prefix: "reeve-faults-" });
  try {
    for (let at = 0; at < count; at++) {
      const name = hostileName(next).replaceAll(/[/\0]/g, "_") || "x";
      const path = `${directory}/${at} ${name}`;
      await Deno.copyFile("/bin/sleep", path);
      await tally.attempt(`real process ${at}`, async () => {
        const argv = [path, "30"];
        const child = new Deno.Command(path, { args: argv.slice(1) }).spawn();
        try {
          const facts = await inspectSoon(child.pid);
          assertEquals(facts?.argv, argv);
          assertEquals([facts?.parentPid, facts?.uid], [Deno.pid, Deno.uid()]);
          tally.see("real processes read");
        } finally {
          child.kill("SIGKILL");
          await child.status;
        }
      });
    }
  } finally {
    await Deno.remove(directory, { recursive: true });
  }
}

const PORTION = 1000;

/** Hostile names, arguments and tables. */
export const hostileProc: Fault = {
  id: "F16",
  title: "processes choose hostile names and arguments",
  promise: "no line of `/proc` is read as something that it does not say",
  how:
    "Lines of `stat`, `cmdline`, `status`, `environ` and `net/tcp` are written " +
    "from known facts with brackets, newlines, escape codes and words of ours " +
    "in every place that a process may choose, whole and cut off, and read " +
    "back; kernel messages are random. Some real processes have such names.",
  atLeast: { short: 60_000, long: 1_000_000 },
  unavailable: () =>
    Promise.resolve(Deno.build.os === "linux" ? undefined : "needs Linux"),
  async run(options) {
    const tally = new Tally();
    const wanted = wantedOf(this, options);
    await checkReal(tally, options.isLong ? 200 : 30);
    const next = numbersFrom(options.isLong ? Date.now() : 16);
    while (tally.tried < wanted) {
      for (const [name, check] of CHECKS) {
        for (let count = 0; count < PORTION; count++) {
          try {
            check(next);
          } catch (error) {
            tally.problem(`${name}: ${error}`);
          }
        }
        tally.tried += PORTION;
        tally.see(`lines of ${name}`, PORTION);
      }
      options.onProgress(tally.tried, wanted);
      await new Promise((resolve) => setTimeout(resolve, 0));
    }
    return tally.result(wanted);
  },
};
