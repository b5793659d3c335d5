import { assert, assertEquals } from "@std/assert";
import fc from "fast-check";
import { parseCommandLine, parseUid } from "./linux.ts";
import { parseStat } from "./linux_stat.ts";
import {
  formatAddress,
  parseHexAddress,
  parseListenRows,
} from "./listen_row.ts";

/** What follows the command name; the start is field 22. */
const TAIL = "S 4321 78 79 0 -1 4194560 1018 0 0 0 3 1 0 0 20 0 7 0 " +
  "3141592 1135611904 11403 18446744073709551615 1 1 0 0 0 0 0 4096 1088 0 " +
  "0 0 17 1 0 0 0 0 0\n";
const FACTS = {
  state: "S",
  parentPid: 4321,
  processGroup: 78,
  sessionId: 79,
  startTicks: "3141592",
};

/** Any letter, those that end a name or a field more often than others. */
const letter = fc.oneof(
  fc.constantFrom(..."()\n\t R17-"),
  fc.nat({ max: 0xffff }).map((code) => String.fromCharCode(code)),
);

Deno.test.each([
  { name: "a plain name", comm: "deno" },
  { name: "no name", comm: "" },
  { name: "a name with spaces", comm: "tmux: server" },
  { name: "a name with brackets", comm: "(sd-pam)" },
  { name: "a name that ends like a name", comm: "x) R 1" },
  { name: "a name that looks like fields", comm: ") Z 1 2 3 4 5 6 7 8 9" },
  { name: "a name with newlines", comm: "one\n) R 1\n" },
  { name: "a name that is not UTF-8", comm: "\uFFFD\uFFFD" },
])("parseStat() reads the fields after $name", ({ comm }) => {
  assertEquals(parseStat(`77 (${comm}) ${TAIL}`), FACTS);
});

Deno.test("parseStat() is not misled by any name of a process", () => {
  const name = fc.string({ unit: letter, maxLength: 16 });
  const state = fc.constantFrom(..."RSDZTtXxKWPI");
  const parentPid = fc.nat();
  const start = fc.bigInt({ min: 0n, max: 2n ** 64n - 1n });
  fc.assert(fc.property(
    fc.record({ name, state, parentPid, start }),
    ({ name, state, parentPid, start }) => {
      const tail = TAIL.replace("S 4321", `${state} ${parentPid}`)
        .replace("3141592", String(start));
      const startTicks = String(start);
      assertEquals<unknown>(
        parseStat(`77 (${name}) ${tail}`),
        { ...FACTS, state, parentPid, startTicks },
      );
    },
  ));
});

Deno.test.each([
  { name: "nothing", text: "" },
  { name: "no command name", text: "77 deno S 4321" },
  { name: "an open command name", text: "77 (deno" },
  { name: "no state", text: `77 (deno) ${TAIL.slice(2)}` },
  { name: "a long state", text: `77 (deno) S${TAIL}` },
  { name: "a negative parent", text: `77 (x) ${TAIL.replace("43", "-43")}` },
  { name: "a start that is none", text: `77 (x) ${TAIL.replace("314", "3.")}` },
])("parseStat() refuses $name", ({ text }) => {
  assertEquals(parseStat(text), undefined);
});

Deno.test("parseStat() refuses a text that ends before the start", () => {
  const text = `77 (de) no) ${TAIL}`;
  const end = text.indexOf(FACTS.startTicks);
  for (let length = 0; length <= end; length++) {
    assertEquals(parseStat(text.slice(0, length)), undefined);
  }
});

Deno.test.each([
  { name: "a kernel thread", text: "", argv: undefined },
  { name: "one argument", text: "deno\0", argv: ["deno"] },
  {
    name: "several arguments",
    text: "a\0b c\0\nd\0",
    argv: ["a", "b c", "\nd"],
  },
  { name: "empty arguments", text: "a\0\0b\0\0", argv: ["a", "", "b", ""] },
  { name: "one empty argument", text: "\0", argv: [""] },
  {
    name: "a title of its own",
    text: "nginx: worker",
    argv: ["nginx: worker"],
  },
])("parseCommandLine() splits $name", ({ text, argv }) => {
  assertEquals<unknown>(parseCommandLine(text), argv);
});

Deno.test("parseCommandLine() gives every argument vector back", () => {
  const argument = fc.string({ unit: letter })
    .map((text) => text.replaceAll("\0", ""));
  const argv = fc.array(argument, { minLength: 1 });
  fc.assert(fc.property(argv, (argv) => {
    const text = argv.map((argument) => `${argument}\0`).join("");
    assertEquals<unknown>(parseCommandLine(text), argv);
  }));
});

Deno.test.each([
  {
    name: "the real user",
    text:
      "Name:\tdeno\nUmask:\t0022\nUid:\t1000\t1001\t1002\t1003\nGid:\t5\t5\n",
    uid: 1000,
  },
  { name: "root", text: "Uid:\t0\t0\t0\t0\n", uid: 0 },
  { name: "nobody", text: "Uid:\t4294967294\t0\t0\t0\n", uid: 4294967294 },
  { name: "no line", text: "Name:\tUid:\t7\nGid:\t5\t5\n", uid: undefined },
  { name: "no number", text: "Uid:\t\n", uid: undefined },
  { name: "nothing", text: "", uid: undefined },
  {
    name: "the line of the kernel behind a name with a carriage return",
    text: "Name:\tx\rUid:\t0\nUmask:\t0022\nUid:\t1000\t0\t0\t0\n",
    uid: 1000,
  },
])("parseUid() finds $name", ({ text, uid }) => {
  assertEquals(parseUid(text), uid);
});

const HEAD = "  sl  local_address rem_address   st tx_queue rx_queue tr " +
  "tm->when retrnsmt   uid  timeout inode\n";
const V4_REST = "00000000:0000 0A 00000000:00000000 00:00000000 00000000";
const V6_REST = `${"0".repeat(24)}${V4_REST}`;

function rowsOf(...lines: readonly string[]) {
  return parseListenRows(HEAD + lines.map((line) => `${line}\n`).join(""));
}

Deno.test.each([
  { name: "127.0.0.1", local: "0100007F:24B8", rest: V4_REST, port: 9400 },
  { name: "0.0.0.0", local: "00000000:0016", rest: V4_REST, port: 22 },
  { name: "192.168.1.20", local: "1401A8C0:FFFF", rest: V4_REST, port: 65535 },
  {
    name: "::",
    local: "00000000000000000000000000000000:1F90",
    rest: V6_REST,
    port: 8080,
  },
  {
    name: "::1",
    local: "00000000000000000000000001000000:24B8",
    rest: V6_REST,
    port: 9400,
  },
  {
    name: "::ffff:127.0.0.1",
    local: "0000000000000000FFFF00000100007F:24B8",
    rest: V6_REST,
    port: 9400,
  },
  {
    name: "fe80::a00:27ff:fe4e:66a1",
    local: "000080FE00000000FF27000AA1664EFE:01BB",
    rest: V6_REST,
    port: 443,
  },
])("parseListenRows() reads a listener on $name", (row) => {
  const line = `   0: ${row.local} ${row.rest}  1000        0 54321 1 0 100 0`;
  assertEquals<unknown>(rowsOf(line), [
    { address: row.name, port: row.port, uid: 1000, inode: "54321" },
  ]);
});

Deno.test("parseListenRows() keeps the order and several sockets", () => {
  const line = (inode: number) =>
    `   0: 0100007F:24B8 ${V4_REST}     0        0 ${inode} 1 0 100 0 0 10 0`;
  const inodes = rowsOf(line(2), line(1), line(2)).map((row) => row.inode);
  assertEquals(inodes, ["2", "1", "2"]);
});

Deno.test.each(["01", "02", "04", "06", "07", "08", "0B", "0a", "A"])(
  "parseListenRows() leaves the state %s out",
  (state) => {
    const rest = V4_REST.replace("0A", state);
    const line = `   0: 0100007F:24B8 ${rest}  1000        0 54321 1`;
    assertEquals(rowsOf(line), []);
  },
);

Deno.test.each([
  { name: "no text", text: "" },
  { name: "the head only", text: HEAD },
  { name: "an empty line", text: `${HEAD}\n\n` },
  {
    name: "a line cut off",
    text: `${HEAD}   0: 0100007F:24B8 00000000:0000 0A`,
  },
  {
    name: "a line without a port",
    text: `${HEAD}   0: 0100007F ${V4_REST} 1 0 2`,
  },
  { name: "another text", text: `${HEAD}lorem ipsum dolor 0A sit amet\n` },
])("parseListenRows() finds nothing in $name", ({ text }) => {
  assertEquals(parseListenRows(text), []);
});

Deno.test("parseListenRows() survives any text", () => {
  const word = fc.oneof(
    fc.constantFrom("0A", "0100007F:24B8", "0:", "00000000:0000", "1000"),
    fc.string({ maxLength: 12 }),
  );
  const line = fc.array(word).map((words) => words.join(" "));
  fc.assert(fc.property(fc.array(line), (lines) => {
    assert(Array.isArray(rowsOf(...lines)));
  }));
});

Deno.test.each([
  { hex: "0100007F", text: "127.0.0.1" },
  { hex: "00000000", text: "0.0.0.0" },
  { hex: "FFFFFFFF", text: "255.255.255.255" },
  { hex: "00000000000000000000000000000000", text: "::" },
  { hex: "00000000000000000000000001000000", text: "::1" },
  { hex: "0000000000000000FFFF00000100007F", text: "::ffff:127.0.0.1" },
  { hex: "0000000000000000FFFF000000000000", text: "::ffff:0.0.0.0" },
  { hex: "000080FE000000000000000001000000", text: "fe80::1" },
  { hex: "000080FE00000000FF27000AA1664EFE", text: "fe80::a00:27ff:fe4e:66a1" },
  { hex: "B80D0120000000000000000000000000", text: "2001:db8::" },
  { hex: "B80D0120030002000500040007000600", text: "2001:db8:2:3:4:5:6:7" },
  { hex: "B80D0120030002000500000007000600", text: "2001:db8:2:3:0:5:6:7" },
])("formatAddress() writes $hex as $text", ({ hex, text }) => {
  assertEquals(formatAddress(parseHexAddress(hex)), text);
});

Deno.test("formatAddress() writes no other address than it was given", () => {
  const byte = fc.oneof(fc.constant(0), fc.nat(255));
  const address = fc.array(byte, { minLength: 16, maxLength: 16 });
  fc.assert(fc.property(address, (bytes) => {
    assertEquals(canonical(formatAddress(bytes)), canonical(longForm(bytes)));
  }));
});

function canonical(address: string): string {
  return new URL(`http://[${address}]/`).hostname;
}

function longForm(bytes: readonly number[]): string {
  const view = new DataView(Uint8Array.from(bytes).buffer);
  return [0, 2, 4, 6, 8, 10, 12, 14]
    .map((at) => view.getUint16(at).toString(16)).join(":");
}
