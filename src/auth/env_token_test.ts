import { assertEquals } from "@std/assert";
import { isToken, readEnvToken } from "./env_token.ts";

Deno.test.each([
  { name: "unset", value: undefined, is: "none" },
  { name: "blank", value: " \n", is: "none" },
  { name: "a token", value: "abc.def", is: "token" },
  { name: "a token with a line end", value: "abc\n", is: "token" },
  { name: "two words", value: "abc def", is: "damaged" },
  { name: "a header of its own", value: "abc\r\nx: y", is: "damaged" },
  { name: "too long", value: "a".repeat(8193), is: "damaged" },
])("readEnvToken() of $name: $is", ({ value, is }) => {
  const read = readEnvToken({ get: () => value });
  assertEquals<string>(read.kind, is);
  if (read.kind === "token") assertEquals(read.accessToken, value?.trim());
});

Deno.test("isToken() takes visible ASCII only", () => {
  assertEquals(["a", "", "ä", "a b"].map(isToken), [true, false, false, false]);
});
