import { assert, assertEquals } from "@std/assert";
import { explainTrouble, isOutOfMemory } from "./redis_trouble.ts";

function answer(message: string): Error {
  return Object.assign(new Error(message), { name: "ReplyError" });
}

function network(code: string): Error {
  return Object.assign(new Error(`connect ${code} planted`), { code });
}

Deno.test.each([
  { message: "WRONGPASS invalid username-password pair", is: "AUTH" },
  { message: "NOAUTH Authentication required.", is: "AUTH" },
  { message: "NOPERM this user has no permissions", is: "AUTH" },
  { message: "ERR DB index is out of range", is: "AUTH" },
  { message: "DENIED Redis is running in protected mode", is: "AUTH" },
  { message: "LOADING Redis is loading the dataset", is: "LOADING" },
  { message: "READONLY You can't write", is: "READONLY" },
  { message: "MISCONF Redis is configured to save", is: "READONLY" },
  { message: "OOM command not allowed", is: "FULL" },
  { message: "ERR Error running script: @user_script: OOM no", is: "FULL" },
  { message: "EXECABORT Transaction discarded", is: "FULL" },
  { message: "ERR max number of clients reached", is: "UNREACHABLE" },
])("explainTrouble() knows $message", ({ message, is }) => {
  const trouble = explainTrouble(answer(message));
  assertEquals(trouble?.code, `QUEUE_REDIS_${is}`);
});

Deno.test("explainTrouble() knows an answer that is not Redis's", () => {
  const error = new Error('Unknown RESP type 72 "H". Please report this.');
  assertEquals(explainTrouble(error)?.code, "QUEUE_REDIS_NOT_REDIS");
});

Deno.test.each([
  { error: network("ECONNREFUSED"), is: "Nothing listens at this address." },
  { error: network("ENOTFOUND"), is: "The name of the host is not known." },
  { error: network("ECONNRESET"), is: "The connection was cut." },
  { error: new Error("connect timed out"), is: "There was no answer in time." },
  { error: new Error("Connection is closed."), is: "There is no connection." },
  {
    error: new Error("invalid peer certificate: UnknownIssuer"),
    is: "The encrypted connection could not be made.",
  },
  { error: "planted", is: "There is no connection." },
])("explainTrouble() says: $is", ({ error, is }) => {
  const trouble = explainTrouble(error);
  assertEquals(
    [trouble?.code, trouble?.detail],
    ["QUEUE_REDIS_UNREACHABLE", is],
  );
  assert(!JSON.stringify(trouble).includes("planted"));
});

Deno.test.each([
  { text: "a bug", error: new TypeError("x is not a function") },
  { text: "an unknown answer", error: answer("ERR something new") },
])("explainTrouble() does not explain $text", ({ error }) => {
  assertEquals(explainTrouble(error), undefined);
});

Deno.test("isOutOfMemory() is not fooled by a word", () => {
  assert(!isOutOfMemory(answer("ERR no ROOM left")));
});
