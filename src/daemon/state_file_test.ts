import { assert, assertEquals } from "@std/assert";
import { formatState, isComplete, parseState } from "./state_file.ts";

const TOKEN = "36aeeaca1c580397e4a535a311ab974f";
const URL_LINE = "http://localhost:9400";

Deno.test.each([
  {
    name: "four lines",
    text: `${URL_LINE}\n9400\n${TOKEN}\n21328\n`,
    port: 9400,
    token: TOKEN,
    pid: 21328,
  },
  {
    name: "no token",
    text: `${URL_LINE}\n9400\n21328\n`,
    port: 9400,
    token: undefined,
    pid: 21328,
  },
  {
    name: "no pid",
    text: `${URL_LINE}\n9400\n${TOKEN}\n`,
    port: 9400,
    token: TOKEN,
    pid: undefined,
  },
  {
    name: "no port",
    text: `${URL_LINE}\nx\n${TOKEN}\n21328\n`,
    port: undefined,
    token: TOKEN,
    pid: 21328,
  },
  {
    name: "blank lines and CRLF",
    text: `\n${URL_LINE}\r\n\r\n9400\r\n${TOKEN}\r\n21328`,
    port: 9400,
    token: TOKEN,
    pid: 21328,
  },
  {
    name: "extra lines",
    text: `${URL_LINE}\n9400\n${TOKEN}\n21328\n99\n`,
    port: 9400,
    token: TOKEN,
    pid: 21328,
  },
  {
    name: "a token of digits only",
    text: `${URL_LINE}\n9400\n${"1".repeat(32)}\n`,
    port: 9400,
    token: "1".repeat(32),
    pid: undefined,
  },
])("parseState() reads $name", ({ text, port, token, pid }) => {
  const read = parseState(text);
  const state = read.kind === "found" ? read.state : undefined;
  assertEquals([state?.port, state?.token, state?.pid], [port, token, pid]);
});

Deno.test.each([
  { name: "an empty file", text: " \n" },
  { name: "binary", text: "\0\0\0" },
  { name: "another host", text: "http://evil.example:9400\n9400\n" },
])("parseState() calls $name damaged", ({ text }) => {
  assertEquals(parseState(text).kind, "damaged");
});

Deno.test("formatState() is read back by parseState()", () => {
  const state = { url: URL_LINE, port: 9400, token: TOKEN, pid: 5 };
  const read = parseState(formatState(state));
  assertEquals(read, { kind: "found", state });
  assert(isComplete(state));
});
