import { assertEquals } from "@std/assert";
import type { Inspection, ProcessFacts } from "../processes.ts";
import {
  parseBootSession,
  parseBootTime,
  parseLsofOutput,
  parsePsOutput,
} from "./darwin.ts";
import { decodePsText, splitCommandText } from "./darwin_command.ts";

const RANGE = { first: 9400, end: 9450 };
const START = "Fri Nov 20 23:15:24 2026";
const STARTED_AT = Date.UTC(2026, 10, 20, 23, 15, 24);

const PS = `\
  812     1   501 Ss   ${START}     /opt/homebrew/bin/deno run /Users/ada/reeve/mod.ts --reeve-daemon-root=/Users/ada/My Project
 4711   812   501 Z    Tue Dec  1 07:05:09 2026     (deno)
99998     1    -2 T+   ${START}     sshd: ada [priv]
  405     1     0 U<s  ${START}     /usr/libexec/logd
`;

function inspect(text: string, pid: number): Inspection | undefined {
  return parsePsOutput(text, [812, 4711, 99998, 405]).get(pid);
}

function found(text: string, pid: number): ProcessFacts | undefined {
  const inspection = inspect(text, pid);
  return inspection?.kind === "found" ? inspection.facts : undefined;
}

function row(command: string): string {
  return `  812     1   501 S    ${START}     ${command}\n`;
}

Deno.test("a row gives all facts of a process", () => {
  assertEquals(found(PS, 812), {
    pid: 812,
    parentPid: 1,
    uid: 501,
    startStamp: START,
    startedAt: STARTED_AT,
    state: "running",
    argv: [
      "/opt/homebrew/bin/deno",
      "run",
      "/Users/ada/reeve/mod.ts",
      "--reeve-daemon-root=/Users/ada/My Project",
    ],
    executable: "/opt/homebrew/bin/deno",
  });
});

Deno.test("a zombie has no arguments and its padded day is read", () => {
  assertEquals(found(PS, 4711), {
    pid: 4711,
    parentPid: 812,
    uid: 501,
    startStamp: "Tue Dec 1 07:05:09 2026",
    startedAt: Date.UTC(2026, 11, 1, 7, 5, 9),
    state: "zombie",
    argv: undefined,
    executable: undefined,
  });
});

Deno.test("a stopped process of nobody has an unsigned user id", () => {
  const facts = found(PS, 99998);
  assertEquals(facts?.state, "stopped");
  assertEquals(facts?.uid, 4294967294);
  assertEquals(facts?.argv, ["sshd:", "ada", "[priv]"]);
  assertEquals(facts?.executable, undefined);
});

Deno.test("another user's process is found", () => {
  assertEquals(found(PS, 405)?.uid, 0);
  assertEquals(found(PS, 405)?.state, "running");
});

Deno.test("a pid without a row is gone", () => {
  assertEquals(parsePsOutput(PS, [812, 5000]).get(5000), { kind: "gone" });
  assertEquals(inspect("", 812), { kind: "gone" });
});

Deno.test("a pid that was not asked for has no answer", () => {
  assertEquals([...parsePsOutput(PS, [812]).keys()], [812]);
});

Deno.test("raw newlines in a command continue its row", () => {
  const script = "import os\n\n  7 * 6\n99 bottles";
  const text = row(`/usr/bin/python3 -c ${script}`) + PS.split("\n")[1] + "\n";
  assertEquals(found(text, 812)?.argv, ["/usr/bin/python3", "-c", script]);
  assertEquals(found(text, 4711)?.state, "zombie");
});

Deno.test.each([
  { why: "there is no start", text: " 812 1 501 S - deno\n" },
  { why: "it ends early", text: " 812 1 501\n" },
  { why: "fields are words", text: " 812 one me S nothing at all\n" },
  { why: "the year is missing", text: " 812 1 501 S Fri Nov 20 23:15:24 d\n" },
  { why: "there are two rows", text: row("deno") + row("sleep 9") },
])("a process is unknown when $why", ({ text }) => {
  assertEquals(inspect(text, 812)?.kind, "unknown");
});

Deno.test("text before the first row makes absent pids unknown", () => {
  const text = `ps: something new\n${row("deno")}`;
  assertEquals(inspect(text, 405)?.kind, "unknown");
  assertEquals(inspect(text, 812)?.kind, "found");
});

Deno.test("a month that does not exist leaves only the stamp", () => {
  const facts = found(row("deno").replace("Nov", "Nvo"), 812);
  assertEquals(facts?.startedAt, undefined);
  assertEquals(facts?.startStamp, "Fri Nvo 20 23:15:24 2026");
});

Deno.test.each([
  { command: "(deno)" },
  { command: "(Google Chrome He)" },
  { command: "[kernel_task]" },
  { command: "<defunct>" },
  { command: "" },
])("the command '$command' has no arguments", ({ command }) => {
  assertEquals(found(row(command), 812)?.argv, undefined);
});

Deno.test("a command of half brackets has arguments", () => {
  assertEquals(found(row("(a) b"), 812)?.argv, ["(a)", "b"]);
});

Deno.test("letters beyond ASCII are restored after splitting", () => {
  const command = "/opt/d --reeve-daemon-root=/Users/JosM-CM-)/M-C\\240 b";
  assertEquals(found(row(command), 812)?.argv, [
    "/opt/d",
    "--reeve-daemon-root=/Users/José/à b",
  ]);
});

const PYTHON = "/usr/bin/python3";
const SCRIPT = "from os import path; run(1, 'a  b')";

Deno.test.each([
  { text: "", parts: [""] },
  { text: "deno", parts: ["deno"] },
  { text: "a  b ", parts: ["a", "", "b", ""] },
  { text: `say "two words"`, parts: ["say", `"two`, `words"`] },
  {
    text: "d --reeve-daemon-root=/a b/c  d",
    parts: ["d", "--reeve-daemon-root=/a b/c  d"],
  },
  {
    text: "d --spec-kitty-daemon-root=/a b --spec-kitty-daemon-exec=/p y/q",
    parts: [
      "d",
      "--spec-kitty-daemon-root=/a b",
      "--spec-kitty-daemon-exec=/p y/q",
    ],
  },
  {
    text: "d --spec-kitty-daemon-exec=/p --spec-kitty-daemon-root=/a",
    parts: ["d", "--spec-kitty-daemon-exec=/p --spec-kitty-daemon-root=/a"],
  },
  {
    text: "d --reeve-daemon-root=/a --verbose",
    parts: ["d", "--reeve-daemon-root=/a --verbose"],
  },
  {
    text: "d x--reeve-daemon-root=/a b",
    parts: ["d", "x--reeve-daemon-root=/a", "b"],
  },
  { text: `${PYTHON} -c ${SCRIPT}`, parts: [PYTHON, "-c", SCRIPT] },
  {
    text: `${PYTHON} -c ${SCRIPT} --spec-kitty-daemon-root=/a b`,
    parts: [PYTHON, "-c", SCRIPT, "--spec-kitty-daemon-root=/a b"],
  },
  {
    text: `${PYTHON} -c a\nb --spec-kitty-daemon-exec=/p`,
    parts: [PYTHON, "-c", "a\nb", "--spec-kitty-daemon-exec=/p"],
  },
  {
    text: `${PYTHON} -c  --spec-kitty-daemon-root=/a`,
    parts: [PYTHON, "-c", "", "--spec-kitty-daemon-root=/a"],
  },
  {
    text: "sh -c deno --reeve-daemon-root=/a",
    parts: ["sh", "-c", "deno --reeve-daemon-root=/a"],
  },
  { text: "-c a b", parts: ["-c", "a", "b"] },
  { text: "sh -c", parts: ["sh", "-c"] },
])("'$text' splits into its arguments", ({ text, parts }) => {
  assertEquals(splitCommandText(text), parts);
});

Deno.test.each([
  { text: "plain", decoded: "plain" },
  { text: "caM-CM-1on", decoded: "cañon" },
  { text: "M-bM^@M-&x", decoded: "…x" },
  { text: "M-pM^_M^PM^H", decoded: "🐈" },
  { text: "M-C\\240", decoded: "à" },
  { text: "M-4 Max", decoded: "M-4 Max" },
  { text: "M-CM-C", decoded: "M-CM-C" },
  { text: "M^?", decoded: "M^?" },
  { text: "a\\012b^A\\", decoded: "a\\012b^A\\" },
  { text: "já raw", decoded: "já raw" },
])("'$text' is decoded as '$decoded'", ({ text, decoded }) => {
  assertEquals(decodePsText(text), decoded);
});

Deno.test("listeners of both families are read", () => {
  const text = [
    "p812",
    "u501",
    "f12",
    "tIPv4",
    "n127.0.0.1:9400",
    "f13",
    "tIPv6",
    "n[::1]:9401",
    "f14",
    "tIPv4",
    "n*:9402",
    "p4711",
    "u502",
    "f3",
    "tIPv6",
    "n*:9402",
    "f4",
    "tIPv6",
    "n[::]:9403",
    "f5",
    "tIPv6",
    "n[fe80:1::1%lo0]:9404",
    "",
  ].join("\n");
  assertEquals(parseLsofOutput(text, RANGE), [
    { port: 9400, address: "127.0.0.1", pids: [812], uid: 501 },
    { port: 9401, address: "::1", pids: [812], uid: 501 },
    { port: 9402, address: "0.0.0.0", pids: [812], uid: 501 },
    { port: 9402, address: "::", pids: [4711], uid: 502 },
    { port: 9403, address: "::", pids: [4711], uid: 502 },
    { port: 9404, address: "fe80:1::1%lo0", pids: [4711], uid: 502 },
  ]);
});

Deno.test("a socket that several processes hold is one listener", () => {
  const socket = "f3\ntIPv4\nn*:9410\nf4\ntIPv4\nn*:9410\n";
  const text = `p1000\nu501\n${socket}p99\nu501\n${socket}`;
  assertEquals(parseLsofOutput(text, RANGE), [
    { port: 9410, address: "0.0.0.0", pids: [99, 1000], uid: 501 },
  ]);
});

Deno.test("a socket that two users hold has no user", () => {
  const socket = "f3\ntIPv4\nn*:9410\n";
  const text = `p7\nu0\n${socket}p8\nu501\n${socket}`;
  assertEquals(parseLsofOutput(text, RANGE), [
    { port: 9410, address: "0.0.0.0", pids: [7, 8], uid: undefined },
  ]);
});

Deno.test("a holder that cannot be read is not the one before", () => {
  const text = "p7\nu501\nf3\nn*:9401\np??\nf3\nn*:9402\n";
  assertEquals(parseLsofOutput(text, RANGE), [
    { port: 9401, address: "0.0.0.0", pids: [7], uid: 501 },
    { port: 9402, address: "0.0.0.0", pids: [], uid: undefined },
  ]);
});

Deno.test.each([
  { what: "nothing", text: "" },
  { what: "a port before the range", text: "p1\nf3\nn*:9399\n" },
  { what: "a port after the range", text: "p1\nf3\nn*:9450\n" },
  { what: "a connection", text: "p1\nf3\nn[::1]:9400->[::1]:50123\n" },
  { what: "a named port", text: "p1\nf3\nn*:http\n" },
  { what: "garbage", text: "lsof: WARNING\n\u0000\nn\np\n" },
])("$what gives no listener", ({ text }) => {
  assertEquals(parseLsofOutput(text, RANGE), []);
});

Deno.test("the boot session is a UUID", () => {
  const uuid = "6A1B2C3D-0E4F-4A5B-8C6D-7E8F90A1B2C3";
  assertEquals(parseBootSession(`${uuid}\n`), uuid);
  assertEquals(parseBootSession(""), undefined);
  assertEquals(parseBootSession("sysctl: unknown oid"), undefined);
});

Deno.test("the boot time is its seconds", () => {
  const text = "{ sec = 1795212924, usec = 81234 } Fri Nov 20 23:15:24 2026\n";
  assertEquals(parseBootTime(text), "1795212924");
  assertEquals(parseBootTime("{ usec = 81234 }"), undefined);
});
