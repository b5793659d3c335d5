import { assert, assertEquals } from "@std/assert";
import fc from "fast-check";
import { createFakeHost } from "#support/fake_host.ts";
import {
  capLog,
  cleanLine,
  findErrors,
  followLog,
  lastWords,
  looksLikeError,
  readTail,
  rotateLog,
} from "./service_log.ts";

const LOG = "/logs/unit.log";

function open(text?: string) {
  const host = createFakeHost();
  const { disk } = host.world;
  disk.putDirectory("/logs");
  if (text !== undefined) disk.put(LOG, text);
  return { host, disk };
}

Deno.test.each([
  { text: undefined, count: 3, lines: [] },
  { text: "", count: 3, lines: [] },
  { text: "a\nb\nc\nd\n", count: 2, lines: ["c", "d"] },
  { text: "a\nb", count: 2, lines: ["a", "b"] },
  { text: "a\r\nb\r\n", count: 5, lines: ["a", "b"] },
  { text: "a\n\n\n", count: 2, lines: ["", ""] },
  { text: "a\nb\n", count: 0, lines: [] },
])("readTail() of $text gives $lines", ({ text, count, lines }) => {
  const { host } = open(text);
  assertEquals(readTail(host, LOG, count), { lines, isCut: false });
});

Deno.test("readTail() is the end of all lines, however long they are", () => {
  const line = fc.string({ maxLength: 40 })
    .map((text) => text.replaceAll(/[\r\n\uFEFF\p{Surrogate}]/gu, ""));
  const limit = fc.integer({ min: 0, max: 20 });
  fc.assert(fc.property(fc.array(line), limit, (lines, count) => {
    const { host } = open(lines.map((one) => `${one}\n`).join(""));
    const expected = count === 0 ? [] : lines.slice(-count);
    assertEquals(readTail(host, LOG, count).lines, expected);
  }));
});

Deno.test("readTail() gives a line that begins before the part it read", () => {
  const lines = ["x".repeat(70_000), "last"];
  const { host } = open(`first\n${lines.join("\n")}\n`);
  assertEquals(readTail(host, LOG, 2).lines, lines);
});

Deno.test("readTail() reads no more than it may", () => {
  const long = "x".repeat(100_000);
  const { host } = open(`first\n${long}\nlast\n`);
  assertEquals(readTail(host, LOG, 3, 70_000), {
    lines: ["last"],
    isCut: true,
  });
  assertEquals(readTail(host, LOG, 1, 70_000), {
    lines: ["last"],
    isCut: false,
  });
  assertEquals(readTail(host, LOG, 3).lines, ["first", long, "last"]);
});

Deno.test("followLog() gives whole lines once", () => {
  const { host, disk } = open("old\nnew");
  const follower = followLog(host, LOG, 4);
  assertEquals(follower.read(), []);
  disk.put(LOG, "old\nnew line\nhalf");
  assertEquals(follower.read(), ["new line"]);
  assertEquals(follower.read(), []);
  disk.put(LOG, "again\n");
  assertEquals(follower.read(), ["again"]);
});

Deno.test("followLog() waits for a log that is not there yet", () => {
  const { host, disk } = open();
  const follower = followLog(host, LOG, 0);
  assertEquals(follower.read(), []);
  disk.put(LOG, "first\n");
  assertEquals(follower.read(), ["first"]);
});

Deno.test.each([
  { line: "ModuleNotFoundError: flask", is: true },
  { line: "[ERROR] nothing works", is: true },
  { line: "listen EADDRINUSE: address in use: Error", is: true },
  { line: "Cannot open the database", is: true },
  { line: "sh: 1: nope: not found", is: true },
  { line: "compiled with 0 errors", is: false },
  { line: "no failures", is: false },
  { line: "listening on 3000", is: false },
])("an error in “$line”: $is", ({ line, is }) => {
  assertEquals(looksLikeError(line), is);
});

Deno.test("the last words are the last error, else the last line", () => {
  const { host } = open(
    "start\nError: old\n\u001b[31mError: new\u001b[0m\nbye\n",
  );
  assertEquals(lastWords(host, LOG), "Error: new");
  assertEquals(lastWords(host, LOG, 17), "Error: new");
  assertEquals(lastWords(host, LOG, 36), "bye");
  assertEquals(findErrors(host, LOG, 5), ["Error: old", "Error: new"]);
  assertEquals(findErrors(host, LOG, 1), ["Error: new"]);
  assertEquals(lastWords(open("").host, LOG), undefined);
});

Deno.test("a line is shown without anything that moves a cursor", () => {
  assertEquals(
    cleanLine("\u001b[1;31mred\u001b[0m\u001b]0;title\u0007\tend\r"),
    "red end",
  );
  assertEquals(cleanLine("x".repeat(900)).length, 500);
});

const LIMITS = { maxBytes: 10, kept: 3 };

Deno.test("a large log is put aside before a start, and three are kept", () => {
  const { host, disk } = open();
  for (const word of ["one", "two", "three", "four"]) {
    disk.put(LOG, word.repeat(4));
    rotateLog(host, LOG, LIMITS);
    assertEquals(disk.textOf(LOG), undefined);
  }
  assertEquals(disk.textOf(`${LOG}.1`), "four".repeat(4));
  assertEquals(disk.textOf(`${LOG}.3`), "two".repeat(4));
  assertEquals(disk.textOf(`${LOG}.4`), undefined);
});

Deno.test("a small or missing log stays", () => {
  const { host, disk } = open("small");
  rotateLog(host, LOG, LIMITS);
  assert(!capLog(host, LOG, LIMITS));
  assertEquals(disk.textOf(LOG), "small");
  rotateLog(open().host, LOG, LIMITS);
});

Deno.test("a log in use is emptied, and its end is kept", () => {
  const { host, disk } = open("begin and the end");
  assert(capLog(host, LOG, LIMITS));
  assertEquals(disk.textOf(LOG), "");
  assertEquals(disk.textOf(`${LOG}.1`), "nd the end");
});
