import { assertEquals, assertMatch, assertStringIncludes } from "@std/assert";
import type { Inspection, ProcessFacts } from "../processes.ts";
import {
  parseCimProcesses,
  parseMoment,
  parseNetstat,
  processQuery,
  splitCommandLine,
} from "./windows.ts";

const RANGE = { first: 9400, end: 9450 };
const CREATED = "2026-11-20T22:15:24.1234560Z";

const DENO = {
  ProcessId: 812,
  ParentProcessId: 640,
  Created: CREATED,
  ExecutablePath: "C:\\Program Files\\deno\\deno.exe",
  CommandLine: '"C:\\Program Files\\deno\\deno.exe" run mod.ts ' +
    '"--reeve-daemon-root=C:\\Users\\Zoë\\My Project"',
};

const SERVICE = {
  ProcessId: 4294967292,
  ParentProcessId: 4,
  Created: CREATED,
  ExecutablePath: null,
  CommandLine: null,
};

function inspect(text: string, pid: number): Inspection | undefined {
  return parseCimProcesses(text, [812, 4294967292, 5000]).get(pid);
}

function found(text: string, pid: number): ProcessFacts | undefined {
  const inspection = inspect(text, pid);
  return inspection?.kind === "found" ? inspection.facts : undefined;
}

Deno.test("the query names every process", () => {
  const query = processQuery([1, 4294967292]);
  const filter = "-Filter 'ProcessId=1 OR ProcessId=4294967292' ";
  assertStringIncludes(query, filter);
  assertMatch(query, /^[^"]+$/);
});

Deno.test("one object gives all facts of a process", () => {
  assertEquals(found(JSON.stringify(DENO), 812), {
    pid: 812,
    parentPid: 640,
    uid: undefined,
    startStamp: CREATED,
    startedAt: Date.UTC(2026, 10, 20, 22, 15, 24, 123),
    state: "running",
    argv: [
      "C:\\Program Files\\deno\\deno.exe",
      "run",
      "mod.ts",
      "--reeve-daemon-root=C:\\Users\\Zoë\\My Project",
    ],
    executable: "C:\\Program Files\\deno\\deno.exe",
  });
});

Deno.test("an array gives several processes, after a byte order mark", () => {
  const text = `\uFEFF${JSON.stringify([DENO, SERVICE])}\r\n`;
  assertEquals(found(text, 812)?.parentPid, 640);
  assertEquals(found(text, 4294967292)?.parentPid, 4);
  assertEquals(inspect(text, 5000), { kind: "gone" });
});

Deno.test("another user's process has no arguments", () => {
  const facts = found(JSON.stringify(SERVICE), 4294967292);
  assertEquals(facts?.argv, undefined);
  assertEquals(facts?.executable, undefined);
});

Deno.test("no output means that all are gone", () => {
  assertEquals(inspect("", 812), { kind: "gone" });
  assertEquals(inspect("\uFEFF\r\n", 812), { kind: "gone" });
  assertEquals(inspect("[]", 812), { kind: "gone" });
});

Deno.test.each([
  { why: "the output is no JSON", text: "Get-CimInstance : Access denied" },
  { why: "the output is cut off", text: '[{"ProcessId":812' },
  { why: "the output is a word", text: '"812"' },
  { why: "an item is null", text: "[null]" },
  { why: "an item has no pid", text: '{"ParentProcessId":4}' },
  { why: "a pid is text", text: JSON.stringify({ ...DENO, ProcessId: "812" }) },
  {
    why: "the start is null",
    text: JSON.stringify({ ...DENO, Created: null }),
  },
  { why: "the start is local", text: '{"ProcessId":812,"Created":"1.2.2026"}' },
  { why: "there are two of it", text: JSON.stringify([DENO, DENO]) },
])("a process is unknown when $why", ({ text }) => {
  assertEquals(inspect(text, 812)?.kind, "unknown");
});

Deno.test("a parent that is no number is left out", () => {
  const text = JSON.stringify({ ...DENO, ParentProcessId: null });
  assertEquals(found(text, 812)?.parentPid, undefined);
});

Deno.test.each([
  { line: "", args: [] },
  { line: "a.exe", args: ["a.exe"] },
  { line: "a.exe  b\t c ", args: ["a.exe", "b", "c"] },
  { line: " a.exe b", args: ["", "a.exe", "b"] },
  { line: '"C:\\a b\\" c', args: ["C:\\a b\\", "c"] },
  { line: '"C:\\a b', args: ["C:\\a b"] },
  { line: '"a"b c', args: ["a", "b", "c"] },
  { line: 'a"b c"d', args: ['a"b', "cd"] },
  { line: "a.exe\u0001b c", args: ["a.exe", "b", "c"] },
  { line: '"" b', args: ["", "b"] },
  { line: 'x ""', args: ["x", ""] },
  { line: 'x "" "" y', args: ["x", "", "", "y"] },
  { line: 'x "a b"c', args: ["x", "a bc"] },
  { line: 'x "a\tb"', args: ["x", "a\tb"] },
  { line: "x a\\b\\\\c", args: ["x", "a\\b\\\\c"] },
  { line: 'x "a\\\\b"', args: ["x", "a\\\\b"] },
  { line: 'x "C:\\a b\\\\" c', args: ["x", "C:\\a b\\", "c"] },
  { line: 'x a\\"b', args: ["x", 'a"b'] },
  { line: 'x a\\\\"b c"', args: ["x", "a\\b c"] },
  { line: 'x a\\\\\\"b c', args: ["x", 'a\\"b', "c"] },
  { line: 'x "a\\\\\\" b"', args: ["x", 'a\\" b'] },
  { line: 'x "a""b c"', args: ["x", 'a"b', "c"] },
  { line: 'x "a"" b', args: ["x", 'a"', "b"] },
  { line: 'x """a b"""', args: ["x", '"a', 'b"'] },
  { line: 'x """"', args: ["x", '"'] },
  { line: 'x """ a', args: ["x", '"', "a"] },
  { line: "x a\\", args: ["x", "a\\"] },
  { line: 'x "a b', args: ["x", "a b"] },
  { line: "x a\nb", args: ["x", "a\nb"] },
])("'$line' splits as Windows does", ({ line, args }) => {
  assertEquals(splitCommandLine(line), args);
});

const NETSTAT = `\r
Active Connections\r
\r
  Proto  Local Address          Foreign Address        State           PID\r
  TCP    0.0.0.0:135            0.0.0.0:0              LISTENING       1044\r
  TCP    0.0.0.0:9402           0.0.0.0:0              LISTENING       4711\r
  TCP    127.0.0.1:9400         0.0.0.0:0              LISTENING       812\r
  TCP    127.0.0.1:9400         127.0.0.1:50123        ESTABLISHED     812\r
  TCP    127.0.0.1:9401         127.0.0.1:50120        TIME_WAIT       0\r
  TCP    127.0.0.1:9450         0.0.0.0:0              LISTENING       9\r
\r
Active Connections\r
\r
  Proto  Local Address          Foreign Address        State           PID\r
  TCP    [::]:9402              [::]:0                 LISTENING       4711\r
  TCP    [::1]:9403             [::]:0                 LISTENING       0\r
  TCP    [fe80::1%12]:9404      [::]:0                 LISTENING       4294967292\r
`;

Deno.test("listeners of both families are read", () => {
  assertEquals(parseNetstat(NETSTAT, RANGE), [
    { port: 9402, address: "0.0.0.0", pids: [4711], uid: undefined },
    { port: 9400, address: "127.0.0.1", pids: [812], uid: undefined },
    { port: 9402, address: "::", pids: [4711], uid: undefined },
    { port: 9403, address: "::1", pids: [], uid: undefined },
    {
      port: 9404,
      address: "fe80::1%12",
      pids: [4294967292],
      uid: undefined,
    },
  ]);
});

Deno.test.each([
  { state: "ABHÖREN" },
  { state: "ABH\uFFFDREN" },
  { state: "NASŁUCHIWANIE" },
  { state: "侦听" },
  { state: "À L'ÉCOUTE" },
])("a socket in the state $state listens", ({ state }) => {
  const line = `  TCP    127.0.0.1:9400  0.0.0.0:0  ${state}       812`;
  assertEquals(parseNetstat(line, RANGE), [
    { port: 9400, address: "127.0.0.1", pids: [812], uid: undefined },
  ]);
});

Deno.test("a socket that several processes hold is one listener", () => {
  const line = "  TCP    0.0.0.0:9400    0.0.0.0:0    LISTENING       ";
  const text = `${line}900\r\n${line}12\r\n${line}900\r\n`;
  assertEquals(parseNetstat(text, RANGE), [
    { port: 9400, address: "0.0.0.0", pids: [12, 900], uid: undefined },
  ]);
});

Deno.test.each([
  { what: "nothing", text: "" },
  { what: "a heading", text: "  Proto  Local Address  Foreign Address  PID" },
  { what: "UDP", text: "  UDP    0.0.0.0:9400    *:*    812" },
  { what: "a row without pid", text: "  TCP  0.0.0.0:9400  0.0.0.0:0  LISTEN" },
  { what: "garbage", text: "TCP TCP TCP\r\n\u0000:0 :0 0" },
])("$what gives no listener", ({ text }) => {
  assertEquals(parseNetstat(text, RANGE), []);
});

Deno.test("a moment is text in UTC and nothing else", () => {
  assertEquals(parseMoment(`\uFEFF${CREATED}\r\n`), CREATED);
  assertEquals(parseMoment("2026-11-20T22:15:24Z"), "2026-11-20T22:15:24Z");
  assertEquals(parseMoment("2026-11-20T22:15:24+01:00"), undefined);
  assertEquals(parseMoment("2026-13-40T22:15:24Z"), undefined);
  assertEquals(parseMoment(""), undefined);
});
